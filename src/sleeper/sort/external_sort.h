#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/base/task_group.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/rows/transforms.h"
#include "sleeper/sort/sort_buffer.h"
#include "sleeper/sort/spill_run.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

struct SortSettings {
  /// All memory that the sort takes at a time: an eighth for rows that are collected, an eighth for rows that are being
  /// sorted or, later, merged, and the rest for sorted runs.
  int64_t memory_bytes_max = int64_t{1} << 30;
};

/// What a sort did, for reports.
struct SortStatistics {
  int64_t rows = 0;
  /// Runs written to scratch space, those of further passes included.
  int64_t runs_spilled = 0;
  int64_t bytes_spilled = 0;
  /// True if the rows came in key order already, so that nothing was moved.
  bool was_sorted = true;
};

/// Sorts rows that need not fit in memory: collects batches up to a bound, sorts them column by column into a run, and
/// merges the runs. Runs stay in memory while they fit; when they do not, all of them are merged into one run in
/// scratch space. Stable: rows of equal keys keep the order in which they were added. Confined; a full buffer is sorted
/// on the executor while the next one is filled.
///
/// Rows that arrive in key order are detected: they are neither moved nor merged.
class ExternalSort {
  /// Only Make can make one.
  struct Made {};

 public:
  /// `scratch`, `executor` and what `call` points at must outlive the sort and the stream that Finish returns.
  static Result<std::unique_ptr<ExternalSort>> Make(std::shared_ptr<const columnar::Layout> layout,
                                                    const SortSettings& settings, store::ScratchSpace& scratch,
                                                    Executor& executor, const CallContext& call);
  ExternalSort(Made, std::shared_ptr<const columnar::Layout> layout, const SortSettings& settings,
               store::ScratchSpace& scratch, Executor& executor, const CallContext& call);

  /// Adds rows in any order. The batch should own its memory alone, because its size is what counts against the bound.
  /// kExhausted if the scratch space is full. After a failure only the destructor may be called.
  Status Add(columnar::Batch batch);

  /// All rows in key order. The sort must outlive the stream. Nothing may be added
  /// afterwards.
  Result<std::unique_ptr<rows::RowStream>> Finish();

  const SortStatistics& statistics() const { return statistics_; }

 private:
  /// So many runs are merged into one before another is added: merging them takes a batch of each in memory.
  static constexpr size_t kRunsMax = 64;

  /// Sorts the buffer into a run, on the executor; waits for the run before.
  Status StartRun();
  /// Keeps the rows of `buffer` as a run. `in_order`: whether all rows up to its last one came in order.
  Status AddRun(SortBuffer buffer, bool in_order);
  /// Moves the runs in memory to scratch space, as one.
  Status Spill();
  /// Merges the runs in scratch space into one.
  Status MergeSpilled();
  Result<SpillRun> WriteRun(rows::RowStream& rows);

  /// The runs as streams; they leave the members.
  std::vector<rows::StreamMaker> TakeKept();
  std::vector<rows::StreamMaker> TakeSpilled();
  /// The rows of `runs`, one run after the other if all rows came in order, otherwise merged.
  Result<std::unique_ptr<rows::RowStream>> Unite(std::vector<rows::StreamMaker> runs, bool in_order);
  /// Keeps the account of whether everything came in order.
  void NoteOrder();

  std::shared_ptr<const columnar::Layout> layout_;
  const int64_t buffer_bytes_max_;
  const int64_t kept_bytes_max_;
  const RunBatchBounds bounds_;
  store::ScratchSpace& scratch_;
  CallContext call_;

  SortBuffer buffer_;
  /// The last key of the buffer before, as long as everything is in order.
  std::string last_key_;
  SortStatistics statistics_;

  // The running task's alone until it is joined. The rows of `spilled_` were added before those of `kept_`, and both
  // are in the order in which their rows were added.
  std::vector<SpillRun> spilled_;
  std::vector<std::vector<columnar::Batch>> kept_;
  int64_t kept_bytes_ = 0;
  /// Whether all rows of the runs came in order.
  bool in_order_ = true;
  int64_t runs_spilled_ = 0;
  int64_t bytes_spilled_ = 0;

  /// Last, so that the task is joined before what it uses goes away.
  TaskGroup sorting_;
};

}  // namespace sleeper::sort
