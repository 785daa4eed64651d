#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/sort/scratch_store.h"
#include "sleeper/sort/sorted_rows.h"
#include "sleeper/sort/spill_run.h"
#include "sleeper/sort/unsorted_rows.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

struct SortSettings {
  /// All memory that the sort takes at a time: rows, with what sorting them takes, and a little for writing runs. When
  /// runs are merged, no rows are held.
  int64_t memory_bytes_max = int64_t{1} << 30;
};

/// What a sort did, for reports.
struct SortStatistics {
  int64_t rows = 0;
  /// Runs written to scratch space, those of further passes included.
  int64_t runs_spilled = 0;
  int64_t bytes_spilled = 0;
};

/// Sorts rows that need not fit in memory: collects them up to a bound; if there are more, sorts what is there and
/// writes it to scratch space as a run, and at the end merges the runs. Stable: rows of equal keys keep the order in
/// which they were added. Confined.
class ExternalSort {
  /// Only Make can make one.
  struct Made {};

 public:
  /// `scratch`, `executor` and what `call` points at must outlive the sort.
  static Result<std::unique_ptr<ExternalSort>> Make(std::shared_ptr<const columnar::Layout> layout,
                                                    const SortSettings& settings, store::ScratchSpace& scratch,
                                                    Executor& executor, const CallContext& call);
  ExternalSort(Made, std::shared_ptr<const columnar::Layout> layout, const SortSettings& settings,
               store::ScratchSpace& scratch, Executor& executor, const CallContext& call);

  /// Adds rows in any order. kExhausted if the scratch space is full. After a failure only the destructor may be
  /// called.
  Status Add(columnar::Batch batch);

  /// All rows in key order. The sort must outlive them. Nothing may be added afterwards.
  Result<std::unique_ptr<SortedRows>> Finish();

  const SortStatistics& statistics() const { return statistics_; }

 private:
  /// So many runs are merged into one before another is added: merging them takes windows of each in memory.
  static constexpr size_t kRunsMax = 64;

  /// Writes the rows in memory to scratch space, as a run.
  Status Spill();
  Status AddRun(SortedRows& rows);
  Result<std::unique_ptr<SortedRows>> MergeRuns();

  std::shared_ptr<const columnar::Layout> layout_;
  const int64_t memory_bytes_max_;
  /// Of a run that is written.
  const int64_t row_group_bytes_max_;
  Executor& executor_;
  CallContext call_;
  ScratchStore runs_store_;
  std::unique_ptr<UnsortedRows> rows_;
  /// In the order in which their rows were added.
  std::vector<SpillRun> runs_;
  SortStatistics statistics_;
};

}  // namespace sleeper::sort
