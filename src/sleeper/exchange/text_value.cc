#include "sleeper/exchange/text_value.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "sleeper/base/base64.h"
#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

template <typename Number>
struct NumberWords;
template <>
struct NumberWords<int32_t> {
  static constexpr std::string_view kRange = "does not fit IntType (-2147483648 to 2147483647)";
};
template <>
struct NumberWords<int64_t> {
  static constexpr std::string_view kRange = "does not fit LongType (-9223372036854775808 to 9223372036854775807)";
};
template <>
struct NumberWords<float> {
  static constexpr std::string_view kRange = "does not fit FloatType";
};
template <>
struct NumberWords<double> {
  static constexpr std::string_view kRange = "does not fit DoubleType";
};

std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  return text;
}

// "5.0" and "5." are 5.
std::string_view WithoutZeroFraction(std::string_view text) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0) return text;
  const std::string_view fraction = text.substr(point + 1);
  return fraction.find_first_not_of('0') == std::string_view::npos ? text.substr(0, point) : text;
}

template <typename Number>
Result<Number> FromExponent(std::string_view text) {
  // Below this every whole double is an integer that nothing else rounds to.
  constexpr double kExactMax = 9007199254740992.0;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && std::abs(value) < kExactMax &&
                     std::trunc(value) == value && std::isdigit(static_cast<unsigned char>(text.back())) != 0;
  if (!whole) return Refused("is not a whole number", text);
  if (!std::in_range<Number>(static_cast<int64_t>(value))) return Refused(NumberWords<Number>::kRange, text);
  return static_cast<Number>(value);
}

template <typename Number>
Result<Number> ParseWhole(std::string_view text) {
  const std::string_view trimmed = WithoutSpaces(text);
  const std::string_view digits = WithoutZeroFraction(WithoutPlus(trimmed));
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || digits.empty()) {
    return digits.empty() ? Refused("is not a whole number", trimmed) : FromExponent<Number>(WithoutPlus(trimmed));
  }
  if (error == std::errc::result_out_of_range) return Refused(NumberWords<Number>::kRange, trimmed);
  if (error != std::errc()) return Refused("is not a whole number", trimmed);
  return value;
}

template <typename Number>
Result<Number> ParseReal(std::string_view text) {
  const std::string_view trimmed = WithoutSpaces(text);
  const std::string_view digits = WithoutPlus(trimmed);
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || end != digits.data() + digits.size()) return Refused("is not a number", trimmed);
  if (error == std::errc::result_out_of_range) return Refused(NumberWords<Number>::kRange, trimmed);
  if (error != std::errc()) return Refused("is not a number", trimmed);
  return value;
}

bool EqualsInAnyCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

}  // namespace

std::string_view WithoutSpaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Status Refused(std::string_view why, std::string_view value) {
  return Error(ErrorKind::kInvalid, why, ": ", value.empty() ? "(an empty text)" : ShownValue(value));
}

Result<int32_t> ParseInt(std::string_view text) { return ParseWhole<int32_t>(text); }
Result<int64_t> ParseLong(std::string_view text) { return ParseWhole<int64_t>(text); }
Result<float> ParseFloat(std::string_view text) { return ParseReal<float>(text); }
Result<double> ParseDouble(std::string_view text) { return ParseReal<double>(text); }

Result<bool> ParseBoolean(std::string_view text) {
  const std::string_view word = WithoutSpaces(text);
  if (EqualsInAnyCase(word, "true")) return true;
  if (EqualsInAnyCase(word, "false")) return false;
  return Refused("is neither true nor false", word);
}

Result<std::string> ParseBase64(std::string_view text) {
  constexpr std::string_view kLead = "base64:";
  std::string_view digits = WithoutSpaces(text);
  if (digits.starts_with(kLead)) digits.remove_prefix(kLead.size());
  auto bytes = DecodeBase64(digits);
  if (!bytes.ok()) return Refused("is not base64", text);
  return bytes;
}

}  // namespace sleeper::exchange
