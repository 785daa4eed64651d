#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/field.h"
#include "sleeper/model/type.h"

namespace sleeper::model {

/// The value of a field of TypeKind::kBytes.
struct Bytes {
  std::string value;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// The value of a field of TypeKind::kDate.
struct Date {
  int32_t days = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// The value of a field of TypeKind::kTimestamp.
struct Timestamp {
  int64_t microseconds = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// A value of a key field: the alternative says which type. Two of one type compare in key order: integers signed,
/// strings and bytes by unsigned bytes, shorter first.
using KeyValue = std::variant<int32_t, int64_t, std::string, Bytes, Date, Timestamp>;

/// Values of the leading key fields of a schema, in their order.
using KeyTuple = std::vector<KeyValue>;

/// The type that `value` belongs to.
TypeKind KindOfValue(const KeyValue& value);

/// The least value of a key type: INT32_MIN, "", …
KeyValue LeastValue(TypeKind kind);

/// The greatest value of a key type; nothing for strings and bytes, which have none.
std::optional<KeyValue> GreatestValue(TypeKind kind);

/// The least value greater than `value`: +1, or one zero byte more. Nothing for the greatest integer.
std::optional<KeyValue> NextValue(const KeyValue& value);

/// The value whose NextValue is `value`, if there is one.
std::optional<KeyValue> PreviousValue(const KeyValue& value);

/// Reads the text form of a value, as the command line has it: integers in decimal, strings as they are (UTF-8), bytes
/// as "0x…" or "base64:…", dates and timestamps as date_text.h says. kInvalid with the text and the reason.
/// REQUIRES: `kind` is a key type.
Result<KeyValue> ParseKeyValue(TypeKind kind, std::string_view text);

/// Writes that form; bytes as "0x…".
std::string FormatKeyValue(const KeyValue& value);

/// kInvalid unless `value` is of the field's type (and UTF-8 if a string). The message names the field.
Status CheckKeyValue(const Field& field, const KeyValue& value);

}  // namespace sleeper::model
