#include "sleeper/model/testing/random_keys.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sleeper::model {
namespace {

constexpr std::array kKeyKinds = {TypeKind::kInt,   TypeKind::kLong, TypeKind::kString,
                                  TypeKind::kBytes, TypeKind::kDate, TypeKind::kTimestamp};

template <typename T>
T RandomInteger(Random& random) {
  constexpr T kMin = std::numeric_limits<T>::min();
  constexpr T kMax = std::numeric_limits<T>::max();
  constexpr std::array<T, 12> kEdges = {kMin, kMin + 1, kMin + 2, -256, -2, -1, 0, 1, 255, 256, kMax - 1, kMax};
  if (random.Below(4) == 0) return static_cast<T>(random.Next());
  return kEdges[random.Below(kEdges.size())];
}

std::string RandomPieces(Random& random, std::span<const std::string_view> pieces) {
  std::string text;
  for (uint64_t count = random.Below(5); count > 0; --count) text += pieces[random.Below(pieces.size())];
  return text;
}

std::string RandomText(Random& random) {
  using std::string_view_literals::operator""sv;
  // With U+0000, U+0001, U+007F, U+00E9, U+D7FF, U+E000, U+FFFF, U+10000, U+1F600, U+10FFFF.
  static constexpr std::array kPieces = {"\0"sv,
                                         "\x01"sv,
                                         "a"sv,
                                         "b"sv,
                                         "\x7F"sv,
                                         "\xC3\xA9"sv,
                                         "\xED\x9F\xBF"sv,
                                         "\xEE\x80\x80"sv,
                                         "\xEF\xBF\xBF"sv,
                                         "\xF0\x90\x80\x80"sv,
                                         "\xF0\x9F\x98\x80"sv,
                                         "\xF4\x8F\xBF\xBF"sv};
  return RandomPieces(random, kPieces);
}

std::string RandomBytes(Random& random) {
  using std::string_view_literals::operator""sv;
  static constexpr std::array kPieces = {"\0"sv, "\x01"sv, "\x02"sv, "a"sv, "\x7F"sv, "\x80"sv, "\xFE"sv, "\xFF"sv};
  return RandomPieces(random, kPieces);
}

/// -1, 0 or 1, from unsigned bytes; shorter first.
int CompareBytes(std::string_view a, std::string_view b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto x = static_cast<uint8_t>(a[i]);
    const auto y = static_cast<uint8_t>(b[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

int CompareNumbers(int64_t a, int64_t b) { return a == b ? 0 : a < b ? -1 : 1; }

struct Compare {
  int operator()(int32_t a, int32_t b) const { return CompareNumbers(a, b); }
  int operator()(int64_t a, int64_t b) const { return CompareNumbers(a, b); }
  int operator()(const std::string& a, const std::string& b) const { return CompareBytes(a, b); }
  int operator()(const Bytes& a, const Bytes& b) const { return CompareBytes(a.value, b.value); }
  int operator()(Date a, Date b) const { return CompareNumbers(a.days, b.days); }
  int operator()(Timestamp a, Timestamp b) const { return CompareNumbers(a.microseconds, b.microseconds); }
  template <typename A, typename B>
  int operator()(const A&, const B&) const {
    SLEEPER_CHECK(false, "values of two types");
    return 0;
  }
};

std::vector<Field> RandomFields(Random& random, int count, int first) {
  std::vector<Field> fields;
  for (int i = 0; i < count; ++i) {
    fields.push_back({"k" + std::to_string(first + i), kKeyKinds[random.Below(kKeyKinds.size())]});
  }
  return fields;
}

Schema MakeSchema(SchemaFields fields) {
  Result<Schema> schema = Schema::Make(std::move(fields));
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return *std::move(schema);
}

}  // namespace

std::span<const TypeKind> KeyKinds() { return kKeyKinds; }

KeyValue RandomKeyValue(Random& random, TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt:
      return RandomInteger<int32_t>(random);
    case TypeKind::kLong:
      return RandomInteger<int64_t>(random);
    case TypeKind::kString:
      return RandomText(random);
    case TypeKind::kBytes:
      return Bytes{RandomBytes(random)};
    case TypeKind::kDate:
      return Date{RandomInteger<int32_t>(random)};
    default:
      SLEEPER_CHECK(kind == TypeKind::kTimestamp, "not a key type: ", TypeKindName(kind));
      return Timestamp{RandomInteger<int64_t>(random)};
  }
}

KeyTuple RandomKey(Random& random, std::span<const Field> fields) {
  KeyTuple key;
  for (const Field& field : fields) key.push_back(RandomKeyValue(random, field.type.kind()));
  return key;
}

Schema RandomKeySchema(Random& random) {
  const int row_keys = 1 + static_cast<int>(random.Below(4));
  const int sort_keys = static_cast<int>(random.Below(3));
  SchemaFields fields;
  fields.row_keys = RandomFields(random, row_keys, 0);
  fields.sort_keys = RandomFields(random, sort_keys, row_keys);
  fields.values.push_back({"v", TypeKind::kLong});
  return MakeSchema(std::move(fields));
}

Schema SchemaOfRowKeys(std::span<const TypeKind> kinds) {
  SchemaFields fields;
  for (TypeKind kind : kinds) fields.row_keys.push_back({"k" + std::to_string(fields.row_keys.size()), kind});
  fields.values.push_back({"v", TypeKind::kLong});
  return MakeSchema(std::move(fields));
}

Schema SchemaOfRowKeys(std::initializer_list<TypeKind> kinds) {
  return SchemaOfRowKeys(std::span(kinds.begin(), kinds.size()));
}

bool ComesBefore(const KeyTuple& a, const KeyTuple& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const int order = std::visit(Compare(), a[i], b[i]);
    if (order != 0) return order < 0;
  }
  return a.size() < b.size();
}

}  // namespace sleeper::model
