#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "sleeper/base/executor.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"

namespace sleeper::sim {

/// The simulated twin of ThreadExecutor: its threads are tasks of the scheduler. Confined.
class SimExecutor final : public Executor {
 public:
  /// The arguments must outlive the executor, and the executor its tasks. REQUIRES: concurrency >= 1.
  SimExecutor(Scheduler& scheduler, Process& process, const SimClock& clock, int concurrency);

  void Spawn(std::function<void()> task) override;
  void SpawnThread(std::function<void()> task) override;
  int concurrency() const override { return concurrency_; }
  std::unique_ptr<WaitPoint> MakeWaitPoint() override;
  void SleepUntil(Instant time) override;
  const Clock& clock() const override { return clock_; }

 private:
  void Work();

  Scheduler& scheduler_;
  Process& process_;
  const SimClock& clock_;
  const int concurrency_;
  std::deque<std::function<void()>> tasks_;
  int workers_ = 0;
};

}  // namespace sleeper::sim
