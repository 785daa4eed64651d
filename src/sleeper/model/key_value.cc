#include "sleeper/model/key_value.h"

#include <charconv>
#include <limits>
#include <type_traits>
#include <utility>

#include "sleeper/base/base64.h"
#include "sleeper/base/utf8.h"
#include "sleeper/model/date_text.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

// The alternatives of KeyValue stand in the order of the kinds.
static_assert(std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kInt), KeyValue>, int32_t>);
static_assert(std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kLong), KeyValue>, int64_t>);
static_assert(
    std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kString), KeyValue>, std::string>);
static_assert(std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kBytes), KeyValue>, Bytes>);
static_assert(std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kDate), KeyValue>, Date>);
static_assert(
    std::is_same_v<std::variant_alternative_t<static_cast<size_t>(TypeKind::kTimestamp), KeyValue>, Timestamp>);

constexpr std::string_view kHexPrefix = "0x";
constexpr std::string_view kBase64Prefix = "base64:";

template <typename T>
Result<KeyValue> ParseInteger(TypeKind kind, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
    return Error(ErrorKind::kInvalid, "does not fit ", TypeKindName(kind), ", which goes from ",
                 std::numeric_limits<T>::min(), " to ", std::numeric_limits<T>::max(), ": ", Quoted(text));
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorKind::kInvalid, "not a decimal integer: ", Quoted(text));
  }
  return KeyValue(value);
}

int HexDigitValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

Result<std::string> ParseHexDigits(std::string_view digits) {
  if (digits.size() % 2 != 0)
    return Error(ErrorKind::kInvalid, "an odd number of hexadecimal digits: ", Quoted(digits));
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigitValue(digits[i]);
    const int low = HexDigitValue(digits[i + 1]);
    if (high < 0 || low < 0) return Error(ErrorKind::kInvalid, "not hexadecimal digits: ", Quoted(digits.substr(i, 2)));
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

Result<KeyValue> ParseBytes(std::string_view text) {
  if (text.starts_with(kHexPrefix)) {
    TRY_ASSIGN(std::string bytes, ParseHexDigits(text.substr(kHexPrefix.size())));
    return KeyValue(Bytes{std::move(bytes)});
  }
  if (text.starts_with(kBase64Prefix)) {
    TRY_ASSIGN(std::string bytes, DecodeBase64(text.substr(kBase64Prefix.size())));
    return KeyValue(Bytes{std::move(bytes)});
  }
  return Error(ErrorKind::kInvalid, "bytes are written as 0x… or base64:…, not ", Quoted(text));
}

/// One more, or nothing at the end of the type.
template <typename T>
std::optional<T> Increment(T value) {
  if (value == std::numeric_limits<T>::max()) return std::nullopt;
  return static_cast<T>(value + 1);
}

template <typename T>
std::optional<T> Decrement(T value) {
  if (value == std::numeric_limits<T>::min()) return std::nullopt;
  return static_cast<T>(value - 1);
}

std::optional<std::string> WithoutLastZero(const std::string& value) {
  if (value.empty() || value.back() != '\0') return std::nullopt;
  return value.substr(0, value.size() - 1);
}

template <typename Wrapper, typename T>
std::optional<KeyValue> Wrap(std::optional<T> value) {
  if (!value) return std::nullopt;
  return KeyValue(Wrapper{*std::move(value)});
}

struct Next {
  std::optional<KeyValue> operator()(int32_t value) const { return Wrap<int32_t>(Increment(value)); }
  std::optional<KeyValue> operator()(int64_t value) const { return Wrap<int64_t>(Increment(value)); }
  std::optional<KeyValue> operator()(const std::string& value) const { return KeyValue(value + '\0'); }
  std::optional<KeyValue> operator()(const Bytes& value) const { return KeyValue(Bytes{value.value + '\0'}); }
  std::optional<KeyValue> operator()(Date value) const { return Wrap<Date>(Increment(value.days)); }
  std::optional<KeyValue> operator()(Timestamp value) const { return Wrap<Timestamp>(Increment(value.microseconds)); }
};

struct Previous {
  std::optional<KeyValue> operator()(int32_t value) const { return Wrap<int32_t>(Decrement(value)); }
  std::optional<KeyValue> operator()(int64_t value) const { return Wrap<int64_t>(Decrement(value)); }
  std::optional<KeyValue> operator()(const std::string& value) const {
    return Wrap<std::string>(WithoutLastZero(value));
  }
  std::optional<KeyValue> operator()(const Bytes& value) const { return Wrap<Bytes>(WithoutLastZero(value.value)); }
  std::optional<KeyValue> operator()(Date value) const { return Wrap<Date>(Decrement(value.days)); }
  std::optional<KeyValue> operator()(Timestamp value) const { return Wrap<Timestamp>(Decrement(value.microseconds)); }
};

struct Format {
  std::string operator()(int32_t value) const { return std::to_string(value); }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const Bytes& value) const { return std::string(kHexPrefix) + HexDigits(value.value); }
  std::string operator()(Date value) const { return FormatDate(value); }
  std::string operator()(Timestamp value) const { return FormatTimestamp(value); }
};

}  // namespace

TypeKind KindOfValue(const KeyValue& value) { return static_cast<TypeKind>(value.index()); }

KeyValue LeastValue(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt:
      return std::numeric_limits<int32_t>::min();
    case TypeKind::kLong:
      return std::numeric_limits<int64_t>::min();
    case TypeKind::kString:
      return std::string();
    case TypeKind::kBytes:
      return Bytes();
    case TypeKind::kDate:
      return Date{std::numeric_limits<int32_t>::min()};
    case TypeKind::kTimestamp:
      return Timestamp{std::numeric_limits<int64_t>::min()};
    default:
      SLEEPER_CHECK(false, "not a key type: ", TypeKindName(kind));
      return {};
  }
}

std::optional<KeyValue> GreatestValue(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt:
      return std::numeric_limits<int32_t>::max();
    case TypeKind::kLong:
      return std::numeric_limits<int64_t>::max();
    case TypeKind::kDate:
      return Date{std::numeric_limits<int32_t>::max()};
    case TypeKind::kTimestamp:
      return Timestamp{std::numeric_limits<int64_t>::max()};
    default:
      return std::nullopt;
  }
}

std::optional<KeyValue> NextValue(const KeyValue& value) { return std::visit(Next(), value); }

std::optional<KeyValue> PreviousValue(const KeyValue& value) { return std::visit(Previous(), value); }

Result<KeyValue> ParseKeyValue(TypeKind kind, std::string_view text) {
  switch (kind) {
    case TypeKind::kInt:
      return ParseInteger<int32_t>(kind, text);
    case TypeKind::kLong:
      return ParseInteger<int64_t>(kind, text);
    case TypeKind::kString:
      if (!IsUtf8(text)) return Error(ErrorKind::kInvalid, "not UTF-8: ", Quoted(text));
      return KeyValue(std::string(text));
    case TypeKind::kBytes:
      return ParseBytes(text);
    case TypeKind::kDate: {
      TRY_ASSIGN(Date date, ParseDate(text));
      return KeyValue(date);
    }
    case TypeKind::kTimestamp: {
      TRY_ASSIGN(Timestamp timestamp, ParseTimestamp(text));
      return KeyValue(timestamp);
    }
    default:
      return Error(ErrorKind::kInternal, "not a key type: ", TypeKindName(kind));
  }
}

std::string FormatKeyValue(const KeyValue& value) { return std::visit(Format(), value); }

Status CheckKeyValue(const Field& field, const KeyValue& value) {
  if (KindOfValue(value) != field.type.kind()) {
    return Error(ErrorKind::kInvalid, "field ", Quoted(field.name), " is of type ", field.type,
                 ", but the value is of type ", TypeKindName(KindOfValue(value)), ": ", Quoted(FormatKeyValue(value)));
  }
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !IsUtf8(*text)) {
    return Error(ErrorKind::kInvalid, "field ", Quoted(field.name), ": the value is not UTF-8: ", Quoted(*text));
  }
  return Status::OK();
}

}  // namespace sleeper::model
