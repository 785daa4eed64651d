#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/base/task_group.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/sort/scratch_store.h"
#include "sleeper/sort/sorted_rows.h"
#include "sleeper/sort/spill_run.h"

namespace sleeper::sort {

/// The runs of a sort in scratch space, in the order in which their rows were added. One at a time is written, on a
/// thread of its own, while the caller goes on; the memory of its rows comes back on the way. Used by one thread.
class SpilledRuns {
 public:
  struct Settings {
    /// Of a run that is written.
    int64_t row_group_bytes_max = 0;
    /// What a merge takes of all runs together.
    int64_t merge_bytes_max = 0;
    /// See SortSettings.
    std::function<Status()> while_waiting = nullptr;
  };

  /// What was written, merges of runs included.
  struct Totals {
    int64_t runs = 0;
    int64_t bytes = 0;
  };

  /// What is given by reference, and what `call` points at, must outlive the runs.
  SpilledRuns(store::ScratchSpace& scratch, std::shared_ptr<const columnar::Layout> layout, const Settings& settings,
              Executor& executor, const CallContext& call);
  SpilledRuns(const SpilledRuns&) = delete;
  SpilledRuns& operator=(const SpilledRuns&) = delete;

  /// Starts to write rows as a run. REQUIRES: !is_writing(); there are rows.
  void Write(std::unique_ptr<SortedRows> rows);

  bool is_writing() const { return is_writing_; }

  /// The memory that a run which is being written still takes.
  int64_t bytes_held() const;

  /// Waits until bytes_held() is less than `bytes`, or nothing is being written any more. kExhausted if the scratch
  /// space is full; after a failure only the destructor may be called.
  Status AwaitBytesHeldBelow(int64_t bytes);

  /// Waits for the run that is being written, if there is one. Fails as above.
  Status Join();

  /// Of the runs that are known to be written.
  const Totals& totals() const { return totals_; }

  /// The rows of all runs in key order; rows of equal keys in the order of the runs. REQUIRES: !is_writing(); there are
  /// runs. Afterwards there are none.
  Result<std::unique_ptr<SortedRows>> Merge();

 private:
  /// So many runs are merged into one before another is added: merging them takes windows of each in memory.
  static constexpr size_t kRunsMax = 64;

  /// Waits until the thread has something to tell, but not long.
  Status Await(WaitPoint::Ticket ticket);

  // What the thread does.
  Status WriteAndMerge();
  /// `bytes_besides` is held as long as the rows are, besides their own.
  Status WriteRun(std::unique_ptr<SortedRows> rows, int64_t bytes_besides);
  /// kCancelled if the call was cancelled, or nobody waits for the run any more.
  Status CheckWanted() const;
  void Hold(int64_t bytes);
  Result<std::unique_ptr<SortedRows>> MergeRuns();

  ScratchStore store_;
  const std::shared_ptr<const columnar::Layout> layout_;
  const Settings settings_;
  Executor& executor_;
  const CallContext call_;

  // While a run is written, these are the thread's.
  std::unique_ptr<SortedRows> rows_;
  std::vector<SpillRun> runs_;
  Totals written_;

  Totals totals_;
  bool is_writing_ = false;

  const std::unique_ptr<WaitPoint> held_changed_;
  mutable Mutex mutex_;
  int64_t bytes_held_ SLEEPER_GUARDED_BY(mutex_) = 0;
  bool has_ended_ SLEEPER_GUARDED_BY(mutex_) = true;
  /// Last, so that the thread has ended before anything goes that it uses.
  TaskGroup writing_;
};

}  // namespace sleeper::sort
