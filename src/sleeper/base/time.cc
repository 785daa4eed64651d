#include "sleeper/base/time.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace sleeper {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Takes exactly `digits` decimal digits from the front of `text`.
std::optional<int> TakeDigits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes ".f" to ".ffffff" if there; nothing if what is there is malformed.
std::optional<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  int64_t value = 0;
  int64_t unit = 1'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && unit > 1) {
    value = value * 10 + (text.front() - '0');
    unit /= 10;
    text.remove_prefix(1);
  }
  if (unit == 1'000'000) return std::nullopt;
  return value * unit;
}

std::optional<WallTime> Parse(std::string_view text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeChar(text, '-')) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeChar(text, '-')) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day || !TakeChar(text, 'T')) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeChar(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || !TakeChar(text, ':')) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = TakeFraction(text);
  if (!fraction || !TakeChar(text, 'Z') || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + hours(*hour) + minutes(*minute) + seconds(*second) +
                  microseconds(*fraction));
}

}  // namespace

std::string FormatWallTime(WallTime time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<WallTime> ParseWallTime(std::string_view text) {
  if (const auto time = Parse(text)) return *time;
  return WithHint(Error(ErrorKind::kInvalid, "not a time: '", text, "'"), "write it as 2001-01-31T12:00:00Z");
}

WallTime SystemClock::Now() const { return floor<Duration>(std::chrono::system_clock::now()); }

Instant SystemClock::MonotonicNow() const { return floor<Duration>(std::chrono::steady_clock::now()); }

}  // namespace sleeper
