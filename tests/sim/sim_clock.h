#pragma once

#include "sleeper/base/time.h"
#include "tests/sim/scheduler.h"

namespace sleeper::sim {

/// The calendar time at which every simulation begins.
inline constexpr WallTime kEpoch{std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)};

/// The clocks of one simulated machine: the calendar is wrong by `skew`, and the monotonic clock began at a time of its
/// own, so that an instant of one process means nothing in another. Confined.
class SimClock final : public Clock {
 public:
  /// `scheduler` must outlive the clock.
  SimClock(const Scheduler& scheduler, Duration skew, Duration monotonic_start)
      : scheduler_(scheduler), skew_(skew), monotonic_start_(monotonic_start) {}

  WallTime Now() const override { return kEpoch + scheduler_.now() + skew_; }
  Instant MonotonicNow() const override { return Instant(scheduler_.now() + monotonic_start_); }

  /// The time of the simulation at which MonotonicNow() is `instant`.
  Duration TimeOf(Instant instant) const {
    return instant == Instant::max() ? Duration::max() : instant.time_since_epoch() - monotonic_start_;
  }

 private:
  const Scheduler& scheduler_;
  const Duration skew_;
  const Duration monotonic_start_;
};

}  // namespace sleeper::sim
