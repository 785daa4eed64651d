#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/sort/sorted_rows.h"
#include "sleeper/sort/spilled_runs.h"
#include "sleeper/sort/unsorted_rows.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

struct SortSettings {
  /// All memory that the sort takes at a time: rows, those of a run that is being written among them, with what sorting
  /// them takes, and a little for writing runs. When runs are merged at the end, no rows are held.
  int64_t memory_bytes_max = int64_t{1} << 30;

  /// Called several times a second while Add or Finish wait for a run that is being written, if it is given; so it
  /// should be cheap. A failure ends the sort.
  std::function<Status()> while_waiting = nullptr;
};

/// What a sort did, for reports.
struct SortStatistics {
  int64_t rows = 0;
  /// Runs written to scratch space, those of further passes included.
  int64_t runs_spilled = 0;
  int64_t bytes_spilled = 0;
};

/// Sorts rows that need not fit in memory: collects them up to a bound; if there are more, sorts what is there and
/// writes it to scratch space as a run, and at the end merges the runs. While a run is written, on a thread of its own,
/// further rows take the memory that its rows give back. Stable: rows of equal keys keep the order in which they were
/// added. Confined.
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

  /// Adds rows in any order. kExhausted if the scratch space is full, which may be told later. After a failure only the
  /// destructor may be called.
  Status Add(columnar::Batch batch);

  /// All rows in key order. The sort must outlive them. Nothing may be added afterwards.
  Result<std::unique_ptr<SortedRows>> Finish();

  bool is_spilling() const { return runs_.is_writing(); }

  /// Runs count when they are known to be written; all do after Finish.
  SortStatistics statistics() const;

 private:
  /// Starts to write the rows in memory to scratch space, as a run.
  Status Spill();
  /// How large the rows of a run may become before they are spilled.
  int64_t RunBytesMax() const;

  Executor& executor_;
  /// Of rows, those of a run that is being written among them.
  const int64_t rows_bytes_max_;
  int64_t rows_added_ = 0;
  bool has_spilled_ = false;
  std::unique_ptr<UnsortedRows> rows_;
  SpilledRuns runs_;
};

}  // namespace sleeper::sort
