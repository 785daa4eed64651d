#include "sleeper/model/date_text.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

// std::chrono's years end at 32767. The calendar repeats every 400 years, so years are moved into one such cycle.
constexpr int64_t kYearsOfCycle = 400;
constexpr int64_t kDaysOfCycle = 146'097;
constexpr int64_t kMicrosecondsOfDay = 86'400'000'000;
constexpr size_t kYearDigitsMax = 7;

constexpr int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Reads a text from left to right. Confined.
class TextReader {
 public:
  explicit TextReader(std::string_view rest) : rest_(rest) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Take(char expected) {
    if (rest_.empty() || rest_[0] != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// How many digits come next, up to `count_max`.
  size_t CountDigits(size_t count_max) const {
    size_t count = 0;
    while (count < count_max && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    return count;
  }

  /// The number that the next `count` characters, all digits, stand for. REQUIRES: count <= 18.
  std::optional<int64_t> TakeDigits(size_t count) {
    if (CountDigits(count) < count) return std::nullopt;
    int64_t number = 0;
    std::from_chars(rest_.data(), rest_.data() + count, number);
    rest_.remove_prefix(count);
    return number;
  }

 private:
  std::string_view rest_;
};

std::optional<int64_t> TakeYear(TextReader& reader) {
  const bool negative = reader.Take('-');
  const bool is_signed = negative || reader.Take('+');
  const size_t digits = reader.CountDigits(is_signed ? kYearDigitsMax : 4);
  if (digits < 4) return std::nullopt;
  const std::optional<int64_t> year = reader.TakeDigits(digits);
  return negative ? -*year : *year;
}

/// Days since 1970-01-01, perhaps outside of what a Date holds.
std::optional<int64_t> TakeDays(TextReader& reader) {
  const std::optional<int64_t> year = TakeYear(reader);
  if (!year || !reader.Take('-')) return std::nullopt;
  const std::optional<int64_t> month = reader.TakeDigits(2);
  if (!month || !reader.Take('-')) return std::nullopt;
  const std::optional<int64_t> day = reader.TakeDigits(2);
  if (!day) return std::nullopt;
  const int64_t cycles = FloorDivide(*year, kYearsOfCycle);
  const auto date = std::chrono::year(static_cast<int>(*year - cycles * kYearsOfCycle)) /
                    std::chrono::month(static_cast<unsigned>(*month)) / std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() + cycles * kDaysOfCycle;
}

/// "12:00", "12:00:00", "12:00:00.5", as microseconds since midnight.
std::optional<int64_t> TakeTimeOfDay(TextReader& reader) {
  const std::optional<int64_t> hour = reader.TakeDigits(2);
  if (!hour || *hour > 23 || !reader.Take(':')) return std::nullopt;
  const std::optional<int64_t> minute = reader.TakeDigits(2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t microseconds = (*hour * 60 + *minute) * 60'000'000;
  if (!reader.Take(':')) return microseconds;
  const std::optional<int64_t> second = reader.TakeDigits(2);
  if (!second || *second > 59) return std::nullopt;
  microseconds += *second * 1'000'000;
  if (!reader.Take('.')) return microseconds;
  std::optional<int64_t> digit = reader.TakeDigits(1);
  if (!digit) return std::nullopt;
  for (int64_t unit = 100'000; digit; unit /= 10) {
    if (unit == 0 && *digit != 0) return std::nullopt;
    microseconds += *digit * unit;
    digit = reader.TakeDigits(1);
  }
  return microseconds;
}

/// Nothing, "Z", "+01:00", "+0100" or "+01", as microseconds to take away for UTC.
std::optional<int64_t> TakeZone(TextReader& reader) {
  if (reader.AtEnd() || reader.Take('Z')) return 0;
  const bool negative = reader.Take('-');
  if (!negative && !reader.Take('+')) return std::nullopt;
  const std::optional<int64_t> hours = reader.TakeDigits(2);
  if (!hours || *hours > 23) return std::nullopt;
  std::optional<int64_t> minutes = 0;
  if (!reader.AtEnd()) {
    reader.Take(':');
    minutes = reader.TakeDigits(2);
    if (!minutes || *minutes > 59) return std::nullopt;
  }
  const int64_t offset = (*hours * 60 + *minutes) * 60'000'000;
  return negative ? -offset : offset;
}

/// days * kMicrosecondsOfDay + time, unless that leaves 64 bits.
std::optional<int64_t> AddDays(int64_t days, int64_t time) {
  // The least timestamp lies in a day whose start is out of reach: count such times from the end of their day.
  if (days < 0) {
    days += 1;
    time -= kMicrosecondsOfDay;
  }
  int64_t microseconds = 0;
  if (__builtin_mul_overflow(days, kMicrosecondsOfDay, &microseconds)) return std::nullopt;
  if (__builtin_add_overflow(microseconds, time, &microseconds)) return std::nullopt;
  return microseconds;
}

/// `number` with at least `width` digits. REQUIRES: number >= 0.
std::string Digits(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string FormatDays(int64_t days) {
  const int64_t cycles = FloorDivide(days, kDaysOfCycle);
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(days - cycles * kDaysOfCycle)));
  const int64_t year = static_cast<int>(date.year()) + cycles * kYearsOfCycle;
  std::string text = year < 0 ? "-" : year > 9999 ? "+" : "";
  text += Digits(year < 0 ? -year : year, 4);
  text += '-' + Digits(static_cast<unsigned>(date.month()), 2);
  text += '-' + Digits(static_cast<unsigned>(date.day()), 2);
  return text;
}

Status MalformedTimestamp(std::string_view text) {
  return Error(ErrorKind::kInvalid,
               "not a timestamp like 2001-01-31T12:00:00 or 2001-01-31T12:00:00.123456Z: ", Quoted(text));
}

}  // namespace

std::string FormatDate(Date date) { return FormatDays(date.days); }

Result<Date> ParseDate(std::string_view text) {
  TextReader reader(text);
  const std::optional<int64_t> days = TakeDays(reader);
  if (!days || !reader.AtEnd()) return Error(ErrorKind::kInvalid, "not a date like 2001-01-31: ", Quoted(text));
  if (*days < std::numeric_limits<int32_t>::min() || *days > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorKind::kInvalid, "does not fit DateType, which goes from ",
                 FormatDays(std::numeric_limits<int32_t>::min()), " to ",
                 FormatDays(std::numeric_limits<int32_t>::max()), ": ", Quoted(text));
  }
  return Date{static_cast<int32_t>(*days)};
}

std::string FormatTimestamp(Timestamp timestamp) {
  const int64_t days = FloorDivide(timestamp.microseconds, kMicrosecondsOfDay);
  int64_t time = timestamp.microseconds % kMicrosecondsOfDay;
  if (time < 0) time += kMicrosecondsOfDay;
  const int64_t fraction = time % 1'000'000;
  const int64_t seconds = time / 1'000'000;
  std::string text = FormatDays(days);
  text += 'T' + Digits(seconds / 3'600, 2);
  text += ':' + Digits(seconds / 60 % 60, 2);
  text += ':' + Digits(seconds % 60, 2);
  if (fraction != 0) text += '.' + Digits(fraction, 6);
  return text + 'Z';
}

Result<Timestamp> ParseTimestamp(std::string_view text) {
  TextReader reader(text);
  const std::optional<int64_t> days = TakeDays(reader);
  if (!days) return MalformedTimestamp(text);
  int64_t time = 0;
  if (!reader.AtEnd()) {
    if (!reader.Take('T') && !reader.Take(' ')) return MalformedTimestamp(text);
    const std::optional<int64_t> time_of_day = TakeTimeOfDay(reader);
    if (!time_of_day) return MalformedTimestamp(text);
    const std::optional<int64_t> zone = TakeZone(reader);
    if (!zone || !reader.AtEnd()) return MalformedTimestamp(text);
    time = *time_of_day - *zone;
  }
  const std::optional<int64_t> microseconds = AddDays(*days, time);
  if (!microseconds) {
    return Error(ErrorKind::kInvalid, "does not fit TimestampType, which goes from ",
                 FormatTimestamp({std::numeric_limits<int64_t>::min()}), " to ",
                 FormatTimestamp({std::numeric_limits<int64_t>::max()}), ": ", Quoted(text));
  }
  return Timestamp{*microseconds};
}

}  // namespace sleeper::model
