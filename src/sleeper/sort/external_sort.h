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
#include "sleeper/sort/sort_buffer.h"
#include "sleeper/sort/spill_run.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

struct SortSettings {
  /// All memory that the sort takes at a time: half for rows that are collected, half for rows that are sorted and
  /// spilled or, later, merged.
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

/// Sorts rows that need not fit in memory: collects batches up to a bound, sorts them column by column, spills sorted
/// runs to scratch space, and merges the runs with what is still in memory. Stable: rows of equal keys keep the order
/// in which they were added. Confined; a full buffer is sorted and spilled on the executor while the next one is
/// filled.
///
/// Rows that arrive in key order are detected and not moved.
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

  /// Sorts the buffer and spills it, on the executor; waits for the spill before.
  Status StartSpill();
  Status Spill(SortBuffer buffer);
  Result<SpillRun> WriteRun(rows::RowStream& rows);
  /// The rows of all runs, and of `last` behind them, which may be null.
  Result<std::unique_ptr<rows::RowStream>> MergeRuns(std::unique_ptr<rows::RowStream> last);
  /// Keeps the account of whether everything came in order.
  void NoteOrder();

  std::shared_ptr<const columnar::Layout> layout_;
  const int64_t buffer_bytes_max_;
  const RunBatchBounds bounds_;
  store::ScratchSpace& scratch_;
  CallContext call_;

  SortBuffer buffer_;
  /// The last key of the buffer before, as long as everything is in order.
  std::string last_key_;
  SortStatistics statistics_;

  /// The spilling task's alone until it is joined: the runs in the order in which their rows were added.
  std::vector<SpillRun> runs_;
  int64_t runs_spilled_ = 0;
  int64_t bytes_spilled_ = 0;

  /// Last, so that the task is joined before what it uses goes away.
  TaskGroup spilling_;
};

}  // namespace sleeper::sort
