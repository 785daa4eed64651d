#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper {

/// Lengths of time are microseconds throughout.
using Duration = std::chrono::microseconds;

/// A point of the calendar, UTC. For people and records; never decides about safety.
using WallTime = std::chrono::sys_time<Duration>;

/// A point on a clock that never goes back. For deadlines and waiting; means nothing outside the process.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// "2001-01-31T12:00:00.000000Z".
std::string FormatWallTime(WallTime time);

/// Reads what FormatWallTime writes; the fraction may have 0 to 6 digits. kInvalid otherwise.
Result<WallTime> ParseWallTime(std::string_view text);

/// Both clocks. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  virtual Instant MonotonicNow() const = 0;
};

/// The clocks of the machine.
class SystemClock final : public Clock {
 public:
  WallTime Now() const override;
  Instant MonotonicNow() const override;
};

}  // namespace sleeper
