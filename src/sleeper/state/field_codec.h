#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "sleeper/base/time.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/state/byte_codec.h"
#include "sleeper/state/describe.h"

namespace sleeper::state {

/// How many values an enumeration of the formats has; they count from 0.
template <typename E>
inline constexpr int kEnumValues = 0;
template <>
inline constexpr int kEnumValues<JobKind> = 4;
template <>
inline constexpr int kEnumValues<JobResult> = 3;

/// A visitor that writes bytes.
class FieldEncoder {
 public:
  static constexpr bool kFillsIn = false;

  explicit FieldEncoder(ByteWriter& out) : out_(out) {}

  template <typename T>
  void Field(std::string_view, const T& value) {
    Value(value);
  }
  template <typename T>
  void Key(std::string_view, const T& value) {
    Value(value);
  }

  void Value(bool value) { out_.U8(value ? 1 : 0); }
  template <typename T>
  requires(std::unsigned_integral<T> && !std::same_as<T, bool>) void Value(T value) { out_.Varint(value); }
  template <std::signed_integral T>
  void Value(T value) {
    out_.SignedVarint(value);
  }
  template <typename E>
  requires std::is_enum_v<E>
  void Value(E value) { out_.U8(static_cast<uint8_t>(value)); }
  void Value(std::string_view value) { out_.Bytes(value); }
  void Value(const std::string& value) { out_.Bytes(value); }
  template <IdTag kTag>
  void Value(const StrongId<kTag>& value) {
    out_.Bytes(value.value());
  }
  void Value(const model::RowHash& value) {
    out_.U64(value.low);
    out_.U64(value.high);
  }
  void Value(WallTime value) { WriteTime(out_, value); }
  void Value(const model::PropertyMap& value) {
    out_.Varint(value.size());
    for (const auto& [name, text] : value) {
      out_.Bytes(name);
      out_.Bytes(text);
    }
  }
  void Value(const model::TableDefinition& value) {
    out_.Bytes(model::WriteSchemaJson(value.schema));
    Value(value.properties);
    Value(value.version);
  }
  template <typename T>
  void Value(const std::optional<T>& value) {
    Value(value.has_value());
    if (value) Value(*value);
  }
  template <typename T>
  void Value(const std::vector<T>& values) {
    out_.Varint(values.size());
    for (const T& value : values) Value(value);
  }
  template <typename... T>
  void Value(const std::variant<T...>& value) {
    out_.Varint(value.index());
    std::visit([this](const auto& alternative) { this->Value(alternative); }, value);
  }
  template <typename T>
  requires requires(FieldEncoder& v, const T& x) { Describe(v, x); }
  void Value(const T& value) { Describe(*this, value); }

 private:
  ByteWriter& out_;
};

/// A visitor that reads bytes of unknown origin. What it does not know (an alternative, a value of an enumeration) was
/// written by a newer version: kInvalid; everything else that is wrong is kCorrupt.
class FieldDecoder {
 public:
  static constexpr bool kFillsIn = true;

  explicit FieldDecoder(std::string_view bytes) : in_(bytes) {}

  template <typename T>
  void Field(std::string_view, T& value) {
    value = Read(Tag<T>());
  }
  template <typename T>
  void Key(std::string_view, T& value) {
    value = Read(Tag<T>());
  }

  template <typename T>
  T Value() {
    return Read(Tag<T>());
  }

  ByteReader& reader() { return in_; }

  /// The whole, if nothing failed and nothing is left over.
  template <typename T>
  static Result<T> Decode(std::string_view bytes) {
    FieldDecoder decoder(bytes);
    if constexpr (requires { decoder.ReadWhole(Tag<T>()); }) {
      return decoder.ReadWhole(Tag<T>());
    } else {
      T value = decoder.template Value<T>();
      TRY(decoder.Finish());
      return value;
    }
  }

  Status Finish() {
    if (!newer_.ok()) return newer_;
    return in_.Finish();
  }

 private:
  template <typename T>
  struct Tag {};

  bool Read(Tag<bool>) {
    const uint8_t value = in_.U8();
    if (value > 1) in_.Fail("a truth value is neither 0 nor 1");
    return value == 1;
  }
  template <typename T>
  requires(std::unsigned_integral<T> && !std::same_as<T, bool>) T Read(Tag<T>) { return Narrow<T>(in_.Varint()); }
  template <std::signed_integral T>
  T Read(Tag<T>) {
    return Narrow<T>(in_.SignedVarint());
  }
  template <typename T, typename Wide>
  T Narrow(Wide value) {
    if (!std::in_range<T>(value)) {
      in_.Fail("a number is out of bounds");
      return 0;
    }
    return static_cast<T>(value);
  }
  template <typename E>
  requires std::is_enum_v<E> E Read(Tag<E>) {
    const uint8_t value = in_.U8();
    if (value < kEnumValues<E>) return static_cast<E>(value);
    FailAsNewer();
    return E{};
  }
  std::string Read(Tag<std::string>) { return std::string(in_.Bytes()); }
  template <IdTag kTag>
  StrongId<kTag> Read(Tag<StrongId<kTag>>) {
    return StrongId<kTag>(std::string(in_.Bytes()));
  }
  model::RowHash Read(Tag<model::RowHash>) {
    const uint64_t low = in_.U64();
    const uint64_t high = in_.U64();
    return {low, high};
  }
  WallTime Read(Tag<WallTime>) { return ReadTime(in_); }
  model::PropertyMap Read(Tag<model::PropertyMap>) {
    model::PropertyMap map;
    const size_t count = in_.Count(2);
    for (size_t i = 0; i < count && !in_.failed(); ++i) {
      std::string name(in_.Bytes());
      std::string text(in_.Bytes());
      if (!map.empty() && map.rbegin()->first >= name) in_.Fail("properties are not in order");
      map.emplace(std::move(name), std::move(text));
    }
    return map;
  }
  template <typename T>
  std::optional<T> Read(Tag<std::optional<T>>) {
    if (!Read(Tag<bool>())) return std::nullopt;
    return Read(Tag<T>());
  }
  template <typename T>
  std::vector<T> Read(Tag<std::vector<T>>) {
    std::vector<T> values;
    const size_t count = in_.Count();
    for (size_t i = 0; i < count && !failed(); ++i) values.push_back(Read(Tag<T>()));
    return values;
  }
  template <typename T>
  requires(std::default_initializable<T>&& requires(FieldDecoder& v, T& x) { Describe(v, x); }) T Read(Tag<T>) {
    T value;
    Describe(*this, value);
    return value;
  }

  /// Values that have no default.
  Result<model::TableDefinition> ReadDefinition();
  Result<DefineTable> ReadWhole(Tag<DefineTable>);
  Result<model::TableDefinition> ReadWhole(Tag<model::TableDefinition>);

  template <typename... T>
  Result<std::variant<T...>> ReadWhole(Tag<std::variant<T...>>) {
    using Variant = std::variant<T...>;
    const uint64_t index = in_.Varint();
    if (in_.failed()) return in_.status();
    std::optional<Result<Variant>> result;
    uint64_t at = 0;
    (void)((index == at++ && (result.emplace(ReadAlternative<Variant, T>()), true)) || ...);
    if (!result) {
      FailAsNewer();
      return newer_;
    }
    return std::move(*result);
  }
  template <typename Variant, typename T>
  Result<Variant> ReadAlternative() {
    TRY_ASSIGN(T value, Decode<T>(in_.rest()));
    return Variant(std::move(value));
  }

  bool failed() const { return in_.failed() || !newer_.ok(); }
  void FailAsNewer();

  ByteReader in_;
  Status newer_;
};

template <typename T>
std::string EncodeFields(const T& value) {
  ByteWriter out;
  FieldEncoder(out).Value(value);
  return std::move(out).Take();
}

template <typename T>
Result<T> DecodeFields(std::string_view bytes) {
  return FieldDecoder::Decode<T>(bytes);
}

/// The failure of meeting something that only a newer version of the program knows.
Status NewerVersion(std::string_view what);

}  // namespace sleeper::state
