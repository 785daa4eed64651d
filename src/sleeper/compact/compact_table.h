#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_policy.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/compact/worker.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::compact {

/// A table and what compacting it takes. The ports must outlive the operation.
struct TablePorts {
  store::ObjectStore& store;
  Executor& executor;
  Random& random;
  model::TableId table;
  state::TableLog& log;
  state::TableCommitter& committer;
};

/// What to do with jobs of other processes, which hold their inputs and may be dead. Taking over a job of a live
/// process is safe: that process's result will be refused. But its work is lost.
enum class TakeOver {
  kNever,
  /// Those of processes known to be dead, those that have lasted longer than state::CompactionPatience, and those of
  /// processes known to be alive that have lasted longer than state::kCompactionAgeMax.
  kSilent,
  kAlways,
};

struct CompactTableRequest {
  CompactionMode mode = CompactionMode::kStrategy;
  /// Those in force for the table.
  model::Properties properties;
  TakeOver take_over = TakeOver::kSilent;
  /// Who does the work, and how the dead are recognised. Nobody is, if it is empty.
  Worker worker;
  /// Plans only; the report says what would be done first.
  bool dry_run = false;
  /// All jobs that run at a time may take about so much memory; one runs in any case.
  int64_t memory_bytes_max = int64_t{2} << 30;
  ReadAhead read_ahead = ReadAhead::kNo;
  /// Plans in a row of which no job is committed, after which the operation ends with kConflict: others change the
  /// table faster than it is compacted. At least 1.
  int fruitless_rounds_max = 100;
};

/// What was done.
struct CompactTableReport {
  int64_t jobs = 0;
  int64_t files_in = 0;
  int64_t files_out = 0;
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t bytes_in = 0;
  int64_t bytes_out = 0;
  /// Jobs whose result came too late, because others had changed the table: no failure. Planned anew if need be.
  int64_t jobs_superseded = 0;
  int64_t jobs_failed = 0;
  /// Jobs of others that were released, and those that still hold files.
  int64_t jobs_taken_over = 0;
  int64_t jobs_of_others = 0;
  /// References that were tried too often and are left alone until CompactionMode::kAll.
  int64_t references_set_aside = 0;
  /// Of a dry run: the jobs that would be started first. What follows depends on their results.
  std::vector<CompactionSpec> plan;
  /// The first failure. What the numbers say was done nevertheless.
  Status failure;
};

/// Compacts a table until nothing is left that is worth doing: plans, takes the files, runs the jobs side by side,
/// commits each as it ends, and plans again. If a job fails, its files are given back and left alone, and the others go
/// on. If `call` is cancelled, all files are given back.
///
/// A failed Result means that nothing was done.
Result<CompactTableReport> CompactTable(const TablePorts& ports, const CompactTableRequest& request,
                                        const CallContext& call);

}  // namespace sleeper::compact
