#pragma once

#include <functional>
#include <memory>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"

namespace sleeper {

/// Tasks that end before the scope that started them does. A local variable, used by one thread.
///
/// The first failure cancels the rest: tasks that have not started are skipped, running ones see cancellation().
/// A joining thread runs its own group's unstarted tasks, so nested groups on a bounded executor cannot deadlock.
class TaskGroup {
 public:
  explicit TaskGroup(Executor& executor);

  /// Cancels what is left and joins.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts an independent task: one that never waits for another task of the group.
  void Run(std::function<Status()> task);

  /// Starts a task on a thread of its own: a stage of a pipeline, which waits for its neighbours.
  void RunStage(std::function<Status()> task);

  /// Waits for all tasks; returns the first failure. Afterwards the group can be used again unless it failed.
  Status Join();

  /// Asks the running tasks to unwind.
  void Cancel();
  const Cancellation& cancellation() const;

 private:
  struct Shared;
  Executor& executor_;
  std::shared_ptr<Shared> shared_;
};

/// Runs `body(i)` for i in [0, count) on the executor, at most `parallel_max` at a time (0: its concurrency),
/// and returns the failure of the lowest index among those that failed.
Status ParallelFor(Executor& executor, int64_t count, int parallel_max, const std::function<Status(int64_t)>& body);

}  // namespace sleeper
