#include "sleeper/base/task_group.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <utility>

#include "sleeper/base/mutex.h"

namespace sleeper {

/// What the group shares with its tasks. It outlives the group only in tasks of the executor that find nothing left to
/// do.
struct TaskGroup::Shared {
  explicit Shared(Executor& executor) : changed(executor.MakeWaitPoint()) {}

  void Add(std::function<Status()> task) {
    MutexLock lock(mutex);
    unstarted.push_back(std::move(task));
    ++unfinished;
  }

  /// Takes and runs one unstarted task. False if there is none.
  bool RunOne() {
    std::function<Status()> task;
    {
      MutexLock lock(mutex);
      if (unstarted.empty()) return false;
      task = std::move(unstarted.front());
      unstarted.pop_front();
    }
    RunTask(std::move(task));
    return true;
  }

  void RunTask(std::function<Status()> task) {
    bool skip = cancellation.cancelled();
    Status status = skip ? Status::OK() : task();
    // What the task holds is let go before anyone may believe that it has ended.
    task = nullptr;
    {
      MutexLock lock(mutex);
      if (skip) skipped = true;
      if (!status.ok()) {
        if (failure.ok()) failure = std::move(status);
        cancellation.Cancel();
      }
      --unfinished;
    }
    changed->NotifyAll();
  }

  bool done() {
    MutexLock lock(mutex);
    return unfinished == 0;
  }

  Status Outcome() {
    MutexLock lock(mutex);
    if (failure.ok() && skipped)
      return Error(ErrorKind::kCancelled, "the work was cancelled before all of it had started");
    return failure;
  }

  const std::unique_ptr<WaitPoint> changed;
  Cancellation cancellation;
  Mutex mutex;
  std::deque<std::function<Status()>> unstarted SLEEPER_GUARDED_BY(mutex);
  int64_t unfinished SLEEPER_GUARDED_BY(mutex) = 0;
  bool skipped SLEEPER_GUARDED_BY(mutex) = false;
  Status failure SLEEPER_GUARDED_BY(mutex);
};

TaskGroup::TaskGroup(Executor& executor) : executor_(executor), shared_(std::make_shared<Shared>(executor)) {}

TaskGroup::~TaskGroup() {
  if (shared_->done()) return;
  Cancel();
  static_cast<void>(Join());
}

void TaskGroup::Run(std::function<Status()> task) {
  shared_->Add(std::move(task));
  executor_.Spawn([shared = shared_] { shared->RunOne(); });
}

void TaskGroup::RunStage(std::function<Status()> task) {
  {
    MutexLock lock(shared_->mutex);
    ++shared_->unfinished;
  }
  executor_.SpawnThread([shared = shared_, task = std::move(task)]() mutable { shared->RunTask(std::move(task)); });
}

Status TaskGroup::Join() {
  while (shared_->RunOne()) {
  }
  for (;;) {
    WaitPoint::Ticket ticket = shared_->changed->Take();
    if (shared_->done()) return shared_->Outcome();
    shared_->changed->Wait(ticket, Instant::max());
  }
}

void TaskGroup::Cancel() { shared_->cancellation.Cancel(); }

const Cancellation& TaskGroup::cancellation() const { return shared_->cancellation; }

namespace {

/// The failure with the lowest index. Indexes are handed out in ascending order, so all below a failed one have run.
class LowestFailure {
 public:
  void Report(int64_t index, Status status) {
    MutexLock lock(mutex_);
    if (index >= index_) return;
    index_ = index;
    status_ = std::move(status);
  }

  Status status() {
    MutexLock lock(mutex_);
    return status_;
  }

 private:
  Mutex mutex_;
  int64_t index_ SLEEPER_GUARDED_BY(mutex_) = INT64_MAX;
  Status status_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace

Status ParallelFor(Executor& executor, int64_t count, int parallel_max, const std::function<Status(int64_t)>& body) {
  std::atomic<int64_t> next = 0;
  std::atomic<bool> failed = false;
  LowestFailure lowest;
  auto work = [&] {
    while (!failed.load()) {
      int64_t index = next.fetch_add(1);
      if (index >= count) break;
      Status status = body(index);
      if (status.ok()) continue;
      lowest.Report(index, std::move(status));
      failed.store(true);
    }
  };
  int64_t parallel = std::min<int64_t>(count, parallel_max > 0 ? parallel_max : executor.concurrency());
  TaskGroup group(executor);
  // The calling thread is one of them.
  for (int64_t i = 1; i < parallel; ++i) {
    group.Run([&work] {
      work();
      return Status::OK();
    });
  }
  work();
  TRY(group.Join());
  return lowest.status();
}

}  // namespace sleeper
