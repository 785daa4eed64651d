#pragma once

#include <map>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/model/table_definition.h"
#include "sleeper/state/log_options.h"
#include "sleeper/state/table_log.h"
#include "tests/sim/pretended_files.h"
#include "tests/sim/simulation.h"
#include "tests/sim/table_witness.h"

namespace sleeper::sim {

/// Rows that a writer is to bring into the table, once.
struct WriterJob {
  model::JobId id;
  state::SpecHash spec_hash;
  std::vector<PretendedRow> rows;
  bool acknowledged = false;
};

/// Who works on a log, and how much there is to do.
struct LogCast {
  int writers = 3;
  int jobs_per_writer = 7;
  uint64_t rows_per_job_max = 6;
  int compactors = 2;
  int truncators = 2;
  int readers = 2;
  int changers = 1;
};

/// What the actors of the log scenarios work on, and the book of what they were told. Confined.
class LogWork {
 public:
  LogWork(Simulation& simulation, const LogCast& cast);

  /// The options of a log: with limits so low that every one of them is met.
  state::LogOptions Options(const std::string& writer) const;

  /// Starts the table's log, if nobody has yet. False if the process died, or the run is over.
  bool DefineTable(Actor& actor, state::TableCommitter& committer);

  /// A call that must end before long, or need not.
  CallContext AnyCall(Actor& actor) const;

  /// True while the writers have something to do and the run is sound.
  bool goes_on() const { return jobs_open_ > 0 && !simulation_.failed(); }

  /// An attempt was made to add `file`; an answer to it was heard.
  void Attempted(const model::FileId& file);
  void Acknowledged(WriterJob& job, const model::FileId& file, model::LogNumber number);
  void FoundDone(WriterJob& job, const model::FileId& file, model::LogNumber number);
  void Denied(const model::FileId& file);

  /// Notes an answer that nobody should get.
  void Unexpected(const std::string& who, const std::string& what, const Status& status);

  /// What must hold when all work is done.
  void CheckBook();

  model::NormalisedKey AnyKey(Actor& actor) const;

  Simulation& simulation() { return simulation_; }
  TableWitness& witness() { return witness_; }
  PretendedFiles& files() { return files_; }
  const state::LogLayout& layout() const { return layout_; }
  const std::string& shape_hash() const { return shape_hash_; }
  std::vector<WriterJob>& jobs(int writer) { return jobs_[static_cast<size_t>(writer)]; }

 private:
  enum class Fate { kUnknown, kAcknowledged, kDenied };

  void Settle(WriterJob& job);

  Simulation& simulation_;
  const state::LogLayout layout_;
  model::TableDefinition definition_;
  const std::string shape_hash_;
  const int64_t entry_bytes_max_;
  const int64_t group_transactions_max_;
  const int64_t entries_kept_;
  const int64_t ids_remembered_;
  PretendedFiles files_;
  TableWitness witness_;
  std::vector<std::vector<WriterJob>> jobs_;
  int jobs_open_ = 0;
  std::map<model::FileId, Fate> attempts_;
};

}  // namespace sleeper::sim
