#include "tests/sim/sim_executor.h"

#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::sim {
namespace {

class SimWaitPoint final : public WaitPoint {
 public:
  SimWaitPoint(Scheduler& scheduler, const SimClock& clock) : scheduler_(scheduler), clock_(clock) {}

  Ticket Take() override { return notifications_; }

  bool Wait(Ticket ticket, Instant deadline) override {
    return notifications_ != ticket || scheduler_.Wait(waiters_, clock_.TimeOf(deadline));
  }

  void NotifyAll() override {
    ++notifications_;
    scheduler_.Wake(waiters_);
  }

 private:
  Scheduler& scheduler_;
  const SimClock& clock_;
  uint64_t notifications_ = 0;
  Scheduler::WaitList waiters_;
};

}  // namespace

SimExecutor::SimExecutor(Scheduler& scheduler, Process& process, const SimClock& clock, int concurrency)
    : scheduler_(scheduler), process_(process), clock_(clock), concurrency_(concurrency) {
  SLEEPER_CHECK(concurrency >= 1, "an executor needs a thread, not ", concurrency);
}

void SimExecutor::Spawn(std::function<void()> task) {
  tasks_.push_back(std::move(task));
  if (workers_ == concurrency_) return;
  ++workers_;
  scheduler_.Start(process_, [this] { Work(); });
}

void SimExecutor::Work() {
  while (!tasks_.empty()) {
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }
  --workers_;
}

void SimExecutor::SpawnThread(std::function<void()> task) { scheduler_.Start(process_, std::move(task)); }

std::unique_ptr<WaitPoint> SimExecutor::MakeWaitPoint() { return std::make_unique<SimWaitPoint>(scheduler_, clock_); }

void SimExecutor::SleepUntil(Instant time) { scheduler_.SleepUntil(clock_.TimeOf(time)); }

}  // namespace sleeper::sim
