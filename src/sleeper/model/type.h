#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace sleeper::model {

/// The kinds of value that a field may hold. The first six may be keys; the first nine are primitive.
enum class TypeKind : uint8_t {
  kInt,        ///< 32-bit signed integer.
  kLong,       ///< 64-bit signed integer.
  kString,     ///< UTF-8 text.
  kBytes,      ///< Any bytes.
  kDate,       ///< Days since 1970-01-01, 32-bit signed.
  kTimestamp,  ///< Microseconds since 1970-01-01T00:00:00Z, 64-bit signed.
  kBoolean,
  kFloat,   ///< IEEE 754 binary32.
  kDouble,  ///< IEEE 754 binary64.
  kList,    ///< Elements of one primitive type.
  kMap,     ///< From one primitive type to another.
};

constexpr bool IsKeyKind(TypeKind kind) { return kind <= TypeKind::kTimestamp; }
constexpr bool IsPrimitive(TypeKind kind) { return kind <= TypeKind::kDouble; }

/// The kind's name in a schema file: "IntType", "ListType", …
std::string_view TypeKindName(TypeKind kind);

/// The type of a field: a primitive, a list of a primitive, or a map of primitives. Nothing nests deeper. Immutable
/// value.
class Type {
 public:
  /// A primitive type; implicit, because a primitive kind says all there is. REQUIRES: kind is primitive.
  Type(TypeKind kind);  // NOLINT(google-explicit-constructor)

  /// REQUIRES: element is primitive.
  static Type List(TypeKind element);

  /// REQUIRES: key and value are primitive.
  static Type Map(TypeKind key, TypeKind value);

  TypeKind kind() const { return kind_; }

  /// The kind of a list's elements or a map's keys. REQUIRES: a list or a map.
  TypeKind element() const;

  /// The kind of a map's values. REQUIRES: a map.
  TypeKind value() const;

  /// For messages: "LongType", "ListType(StringType)", "MapType(StringType, LongType)".
  std::string ToString() const;

  friend bool operator==(const Type&, const Type&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Type& type) { return out << type.ToString(); }

 private:
  Type(TypeKind kind, TypeKind first, TypeKind second) : kind_(kind), first_(first), second_(second) {}

  TypeKind kind_;
  TypeKind first_ = TypeKind::kInt;
  TypeKind second_ = TypeKind::kInt;
};

}  // namespace sleeper::model
