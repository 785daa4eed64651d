#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/registry.h"
#include "sleeper/store/memory_scratch.h"
#include "tests/sim/number_rows.h"
#include "tests/sim/simulation.h"

namespace sleeper::sim {

/// The tables of an instance by name, each with its rows, sorted.
using Contents = std::map<std::string, std::vector<NumberRow>>;

/// When what is to go goes.
struct SiteTimes {
  /// What is older is swept.
  Duration sweep_age = std::chrono::hours(24);
  /// What went unreferenced so long ago is collected.
  Duration collect_delay{};
};

/// One process that works on an instance whose tables hold number rows, in real data files. Everything is opened anew
/// for each operation, as one command of the program does it. Confined.
class Site {
 public:
  explicit Site(Actor& actor, const SiteTimes& times = {});

  Result<std::vector<state::RegisteredTable>> Tables();

  Status Create(const std::string& table);
  Status Rename(const std::string& from, const std::string& to);
  Status Drop(const std::string& table);

  Status Ingest(const std::string& table, const std::string& job, std::vector<NumberRow> rows);
  /// The same for whoever has found the table before, whatever it is called now.
  Result<ingest::IngestReport> IngestInto(const model::TableId& table, const std::string& job,
                                          std::vector<NumberRow> rows);
  Status Compact(const std::string& table);
  Status Split(const std::string& table, int64_t key);
  Status Snapshot(const std::string& table);
  Status Truncate(const std::string& table);

  /// What an ingest leaves that dies before its commit: a data file and a body that nothing names.
  Status LeaveOrphans(const std::string& table);

  Status Collect(const std::string& table);
  Status Sweep(const std::string& table);
  Status SweepGoneTables();

  /// All of the above that tidies, for every table, and the registry's own upkeep. Drops that stopped half-way are
  /// finished.
  Status Tidy();

  /// What a reader finds.
  Result<Contents> Read();
  /// The rows of one table, in the order in which they come.
  Result<std::vector<NumberRow>> ReadTable(const model::TableId& table);

  /// The first thing in the store that nobody needs, or that is needed and not there; "" if there is none. To be asked
  /// when all is tidy.
  Result<std::string> WrongObject();

  /// Time passes, by all clocks.
  void Wait(Duration time);

 private:
  struct OpenTable;

  std::unique_ptr<OpenTable> Open(const model::TableId& id);
  Result<std::unique_ptr<OpenTable>> Open(const std::string& table);
  Status TidyTable(const state::RegisteredTable& table);

  Actor& actor_;
  const SiteTimes times_;
  const CallContext call_{.caller = "simulation"};
  store::MemoryScratch scratch_{int64_t{64} << 20};
  state::Registry registry_;
};

}  // namespace sleeper::sim
