#pragma once

#include <functional>

#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/trace.h"

namespace sleeper::sim {

/// One process in virtual time, for tests of what waits: nothing in it takes real time, and the same seed makes the
/// same run. Confined.
class VirtualTime {
 public:
  explicit VirtualTime(uint64_t seed, int concurrency = 4)
      : scheduler_(seed, std::chrono::microseconds(1), trace_),
        process_(scheduler_.AddProcess("process", 1)),
        clock_(scheduler_, Duration::zero(), std::chrono::hours(5)),
        executor_(scheduler_, process_, clock_, concurrency) {}

  /// Runs the body as a task. False if it did not come to its end.
  bool Run(std::function<void()> body) {
    constexpr int64_t kStepsMax = 50'000'000;
    scheduler_.Start(process_, std::move(body));
    if (scheduler_.Run(kStepsMax) == RunEnd::kAllEnded) return true;
    scheduler_.Abandon();
    return false;
  }

  // For the body.

  Executor& executor() { return executor_; }
  const Clock& clock() const { return clock_; }
  void Yield() { scheduler_.Yield(); }
  void Sleep(Duration time) { executor_.SleepUntil(clock_.MonotonicNow() + time); }
  /// Since the beginning.
  Duration now() const { return scheduler_.now(); }

 private:
  Trace trace_;
  Scheduler scheduler_;
  Process& process_;
  SimClock clock_;
  SimExecutor executor_;
};

}  // namespace sleeper::sim
