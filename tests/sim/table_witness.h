#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sleeper/base/persistent_map.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/transaction.h"
#include "tests/sim/pretended_files.h"
#include "tests/sim/simulation.h"

namespace sleeper::sim {

/// Knows the true history of a table's log, because it sees each object appear and vanish: an entry that appears in the
/// slot after the newest one is history from that moment on; one that appears anywhere else is a stray. It keeps its
/// own account of the rows, and checks at once what no process may ever do to a log. Confined.
class TableWitness final : public ObjectWatcher {
 public:
  /// Both must outlive it. Watches from now on.
  TableWitness(Simulation& simulation, state::LogLayout layout, const PretendedFiles& files);

  void Written(const store::ObjectPath& path, const Buffer& bytes) override;
  void Deleted(const store::ObjectPath& path) override;

  /// The number of the newest entry.
  model::LogNumber newest() const { return history_.size(); }

  /// The number of the entry that brought the rows of a job; 0 if there is none.
  model::LogNumber EntryOfJob(const model::JobId& job) const;
  /// The same by a file that was added or written by a compaction.
  model::LogNumber EntryOfFile(const model::FileId& file) const;

  /// Fails the run unless `state` is the one that the history led to at its number.
  void CheckState(const std::string& who, const state::TableState& state);

  /// The numbers of all rows of the table at the newest entry, sorted.
  std::vector<uint64_t> Rows() const;

 private:
  struct Entry {
    model::EntryId id;
    /// That its writer claims, and that the replay from the beginning has.
    MapDigest digest;
  };

  void WrittenEntry(model::LogNumber number, const Buffer& bytes);
  void Replay(const state::LogEntry& entry);
  void Account(const state::Transaction& transaction);
  void AccountBirths(const std::vector<state::NewFile>& files);

  Simulation& simulation_;
  const state::LogLayout layout_;
  const PretendedFiles& files_;
  /// history_[n - 1] is entry n.
  std::vector<Entry> history_;
  /// What the slots hold now: number to id.
  std::map<model::LogNumber, model::EntryId> slots_;
  std::set<model::LogNumber> snapshots_;
  /// The state at the newest entry, made of every entry from the first.
  state::TableStatePtr replayed_ = state::TableState::Empty();
  std::map<model::JobId, model::LogNumber> jobs_;
  std::map<model::FileId, model::LogNumber> files_added_;
  std::set<uint64_t> rows_;
  model::LogNumber floor_ = 0;
};

}  // namespace sleeper::sim
