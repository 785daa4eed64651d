#include "sleeper/base/executor.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"

namespace sleeper {
namespace {

// The longest uninterrupted wait of a thread: far deadlines cannot overflow the arithmetic of the standard library, and
// a clock that a test moves by hand is looked at again now and then.
constexpr Duration kWaitMax = std::chrono::minutes(1);

Duration RemainingUntil(Instant time, Instant now) {
  if (time <= now) return Duration::zero();
  // Both may be extreme: compare before subtracting.
  return time >= now + kWaitMax ? kWaitMax : time - now;
}

class ThreadWaitPoint final : public WaitPoint {
 public:
  explicit ThreadWaitPoint(const Clock& clock) : clock_(clock) {}

  Ticket Take() override { return notifications_.load(); }

  bool Wait(Ticket ticket, Instant deadline) override {
    std::unique_lock lock(mutex_);
    // The order matters: NotifyAll counts first and looks for waiters second, so one of the two sees the other.
    waiters_.fetch_add(1);
    bool notified = WaitLocked(lock, ticket, deadline);
    waiters_.fetch_sub(1);
    return notified;
  }

  void NotifyAll() override {
    notifications_.fetch_add(1);
    if (waiters_.load() == 0) return;
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

 private:
  bool WaitLocked(std::unique_lock<std::mutex>& lock, Ticket ticket, Instant deadline) {
    while (notifications_.load() == ticket) {
      if (deadline == Instant::max()) {
        changed_.wait(lock);
        continue;
      }
      Duration remaining = RemainingUntil(deadline, clock_.MonotonicNow());
      if (remaining == Duration::zero()) return false;
      changed_.wait_for(lock, remaining);
    }
    return true;
  }

  const Clock& clock_;
  std::atomic<uint64_t> notifications_ = 0;
  std::atomic<int> waiters_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace

/// Workers start when there is work for them, up to the bound. A thread for a stage leaves itself among the ended ones,
/// to be joined by the next that starts or by the destructor.
struct ThreadExecutor::Pool {
  explicit Pool(int threads) : threads_max(threads) {}

  void StartWorkerIfNeeded() {
    if (idle >= static_cast<int>(tasks.size()) || static_cast<int>(workers.size()) >= threads_max) return;
    try {
      workers.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      // With one worker at least, the tasks still get their turn.
      SLEEPER_CHECK(!workers.empty(), "the system refused to start a thread: ", error.what());
    }
  }

  void Work() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      has_work.wait(lock, [this] { return stopping || !tasks.empty(); });
      --idle;
      if (tasks.empty()) return;
      std::function<void()> task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }

  /// Joins the threads of stages that have ended.
  void Reap() {
    std::list<std::thread> ended;
    {
      std::lock_guard lock(mutex);
      ended.swap(stages_ended);
    }
    for (std::thread& thread : ended) thread.join();
  }

  void StartStage(std::function<void()> task) {
    std::lock_guard lock(mutex);
    auto place = stages.emplace(stages.end());
    try {
      *place = std::thread([this, place, task = std::move(task)]() mutable {
        task();
        task = nullptr;
        std::lock_guard ending(mutex);
        stages_ended.splice(stages_ended.end(), stages, place);
        stage_ended.notify_all();
      });
    } catch (const std::system_error& error) {
      SLEEPER_CHECK(false, "the system refused to start a thread: ", error.what());
    }
  }

  /// Workers run what is left: of a joined TaskGroup, only tasks that find nothing to do.
  void Stop() {
    {
      std::unique_lock lock(mutex);
      stopping = true;
      has_work.notify_all();
      stage_ended.wait(lock, [this] { return stages.empty(); });
    }
    for (std::thread& thread : workers) thread.join();
    Reap();
  }

  const int threads_max;
  std::mutex mutex;
  std::condition_variable has_work;
  std::condition_variable stage_ended;
  std::deque<std::function<void()>> tasks;
  std::vector<std::thread> workers;
  std::list<std::thread> stages;
  std::list<std::thread> stages_ended;
  int idle = 0;
  bool stopping = false;
};

int MachineConcurrency() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

ThreadExecutor::ThreadExecutor(int threads, const Clock& clock)
    : clock_(clock), pool_(std::make_unique<Pool>(threads)) {
  SLEEPER_CHECK(threads >= 1, "an executor needs a thread, not ", threads);
}

ThreadExecutor::~ThreadExecutor() { pool_->Stop(); }

void ThreadExecutor::Spawn(std::function<void()> task) {
  std::lock_guard lock(pool_->mutex);
  pool_->tasks.push_back(std::move(task));
  pool_->StartWorkerIfNeeded();
  pool_->has_work.notify_one();
}

void ThreadExecutor::SpawnThread(std::function<void()> task) {
  pool_->Reap();
  pool_->StartStage(std::move(task));
}

int ThreadExecutor::concurrency() const { return pool_->threads_max; }

std::unique_ptr<WaitPoint> ThreadExecutor::MakeWaitPoint() { return std::make_unique<ThreadWaitPoint>(clock_); }

void ThreadExecutor::SleepUntil(Instant time) {
  for (;;) {
    Duration remaining = RemainingUntil(time, clock_.MonotonicNow());
    if (remaining == Duration::zero()) return;
    std::this_thread::sleep_for(remaining);
  }
}

}  // namespace sleeper
