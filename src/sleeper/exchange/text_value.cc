#include "sleeper/exchange/text_value.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
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

/// A decimal number as it is written: 0.<digits> times 10 to the power of `point`, without zeros at either end.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t point = 0;
};

// What stands behind the "e". Nothing if it is no number; one that no text can make up for with digits is cut.
std::optional<int64_t> ParseExponent(std::string_view text) {
  constexpr int64_t kExponentMax = std::numeric_limits<int64_t>::max() / 4;
  text = WithoutPlus(text);
  int64_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return text.front() == '-' ? -kExponentMax : kExponentMax;
  if (error != std::errc()) return std::nullopt;
  return std::clamp(exponent, -kExponentMax, kExponentMax);
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  const size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    const std::optional<int64_t> exponent = ParseExponent(text.substr(e + 1));
    if (!exponent) return std::nullopt;
    decimal.point = *exponent;
    text = text.substr(0, e);
  }
  const size_t point = std::min(text.find('.'), text.size());
  decimal.point += static_cast<int64_t>(point);
  decimal.digits = text.substr(0, point);
  if (point < text.size()) decimal.digits += text.substr(point + 1);
  if (decimal.digits.empty() || decimal.digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  const size_t zeros = std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size());
  decimal.digits.erase(0, zeros);
  decimal.point -= static_cast<int64_t>(zeros);
  return decimal;
}

template <typename Number>
Result<Number> WholeFromDecimal(std::string_view text) {
  std::optional<Decimal> decimal = ParseDecimal(WithoutPlus(text));
  if (!decimal) return Refused("is not a whole number", text);
  if (decimal->digits.empty()) return Number{0};
  if (static_cast<int64_t>(decimal->digits.size()) > decimal->point) return Refused("is not a whole number", text);
  // No type has as many digits: the zeros need not be written out.
  if (decimal->point > std::numeric_limits<Number>::digits10 + 1) return Refused(NumberWords<Number>::kRange, text);
  decimal->digits.resize(static_cast<size_t>(decimal->point), '0');
  if (decimal->negative) decimal->digits.insert(0, 1, '-');
  Number value = 0;
  const char* end = decimal->digits.data() + decimal->digits.size();
  if (std::from_chars(decimal->digits.data(), end, value).ec != std::errc()) {
    return Refused(NumberWords<Number>::kRange, text);
  }
  return value;
}

template <typename Number>
Result<Number> ParseWhole(std::string_view text) {
  const std::string_view trimmed = WithoutSpaces(text);
  const std::string_view digits = WithoutPlus(trimmed);
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size()) [[likely]] {
    return value;
  }
  return WholeFromDecimal<Number>(trimmed);
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
