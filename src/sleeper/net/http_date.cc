#include "sleeper/net/http_date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace sleeper::net {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// Where the parts of "Fri, 24 May 2013 00:00:00 GMT" start.
constexpr size_t kDay = 5;
constexpr size_t kMonth = 8;
constexpr size_t kYear = 12;
constexpr size_t kHour = 17;
constexpr size_t kMinute = 20;
constexpr size_t kSecond = 23;
constexpr std::string_view kShape = "???, 00 ??? 0000 00:00:00 GMT";

bool HasShape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == '?') continue;
    if (kShape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != kShape[i]) return false;
  }
  return true;
}

/// REQUIRES: there are `digits` digits at `at`.
int Number(std::string_view text, size_t at, size_t digits) {
  int number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

}  // namespace

Result<WallTime> ParseHttpDate(std::string_view text) {
  if (HasShape(text)) {
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(kMonth, 3));
    const std::chrono::year_month_day date(std::chrono::year(Number(text, kYear, 4)),
                                           std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                           std::chrono::day(static_cast<unsigned>(Number(text, kDay, 2))));
    const int hour = Number(text, kHour, 2);
    const int minute = Number(text, kMinute, 2);
    const int second = Number(text, kSecond, 2);
    if (date.ok() && hour < 24 && minute < 60 && second <= 60) {
      return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
             std::chrono::seconds(second);
    }
  }
  return Error(ErrorKind::kInvalid, "not a time as HTTP headers have it: '", text.substr(0, 40), "'");
}

std::string FormatBasicTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace sleeper::net
