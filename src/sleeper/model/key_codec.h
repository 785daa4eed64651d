#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/model/field.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/key_value.h"

// Normalised keys: docs/formats/normalised-key.md.
//
//   int, date        4 bytes, big endian, sign bit flipped
//   long, timestamp  8 bytes, likewise
//   string, bytes    the bytes, each 00 as 00 FF; then 00 01
//
// So memcmp order of whole tuples is row order, no tuple is a prefix of another one of the same fields, and the
// encoding of a leading part is a prefix of, and sorts before, all tuples that begin with it.

namespace sleeper::model {

inline constexpr size_t kNormalisedInt32Size = 4;
inline constexpr size_t kNormalisedInt64Size = 8;
/// What a string or bytes take besides themselves and their zero bytes.
inline constexpr size_t kNormalisedTerminatorSize = 2;

/// Writes the value at `out` and returns the end of it: building blocks for loops over columns.
/// REQUIRES: room for kNormalisedInt32Size, kNormalisedInt64Size, NormalisedSize(bytes).
inline uint8_t* StoreNormalised(uint8_t* out, int32_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) ^ 0x8000'0000U;
  out[0] = static_cast<uint8_t>(bits >> 24);
  out[1] = static_cast<uint8_t>(bits >> 16);
  out[2] = static_cast<uint8_t>(bits >> 8);
  out[3] = static_cast<uint8_t>(bits);
  return out + kNormalisedInt32Size;
}

inline uint8_t* StoreNormalised(uint8_t* out, int64_t value) {
  const uint64_t bits = static_cast<uint64_t>(value) ^ 0x8000'0000'0000'0000ULL;
  out[0] = static_cast<uint8_t>(bits >> 56);
  out[1] = static_cast<uint8_t>(bits >> 48);
  out[2] = static_cast<uint8_t>(bits >> 40);
  out[3] = static_cast<uint8_t>(bits >> 32);
  out[4] = static_cast<uint8_t>(bits >> 24);
  out[5] = static_cast<uint8_t>(bits >> 16);
  out[6] = static_cast<uint8_t>(bits >> 8);
  out[7] = static_cast<uint8_t>(bits);
  return out + kNormalisedInt64Size;
}

/// The size of a string's or bytes' normalised form.
inline size_t NormalisedSize(std::string_view bytes) {
  size_t size = bytes.size() + kNormalisedTerminatorSize;
  for (char byte : bytes) size += byte == '\0' ? 1 : 0;
  return size;
}

inline uint8_t* StoreNormalised(uint8_t* out, std::string_view bytes) {
  for (;;) {
    const void* zero = bytes.empty() ? nullptr : std::memchr(bytes.data(), 0, bytes.size());
    const size_t plain =
        zero == nullptr ? bytes.size() : static_cast<size_t>(static_cast<const char*>(zero) - bytes.data());
    if (plain > 0) std::memcpy(out, bytes.data(), plain);
    out += plain;
    *out++ = 0x00;
    if (zero == nullptr) {
      *out++ = 0x01;
      return out;
    }
    *out++ = 0xFF;
    bytes.remove_prefix(plain + 1);
  }
}

/// Appends a value's normalised form. Strings and bytes are one overload, because their forms are the same.
inline void AppendNormalised(std::string& out, int32_t value) {
  uint8_t bytes[kNormalisedInt32Size];
  StoreNormalised(bytes, value);
  out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

inline void AppendNormalised(std::string& out, int64_t value) {
  uint8_t bytes[kNormalisedInt64Size];
  StoreNormalised(bytes, value);
  out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

inline void AppendNormalised(std::string& out, std::string_view bytes) {
  const size_t before = out.size();
  out.resize(before + NormalisedSize(bytes));
  StoreNormalised(reinterpret_cast<uint8_t*>(out.data()) + before, bytes);
}

/// The same for a value of any key type.
void AppendKeyValue(std::string& out, const KeyValue& value);

/// The normalised form of a tuple, or of a leading part of one.
NormalisedKey EncodeKey(std::span<const KeyValue> values);

/// Takes a normalised key apart, field by field. Confined. The bytes must outlive the reader.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}

  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  /// The next value. kCorrupt if the bytes are not one of a key type `kind`.
  Result<KeyValue> Next(TypeKind kind);

  /// Passes over the next value without making it. kCorrupt as above.
  Status Skip(TypeKind kind);

 private:
  std::string_view rest_;
};

/// The values of a key that holds exactly `fields`. kCorrupt otherwise. Strings are checked to be UTF-8.
Result<KeyTuple> DecodeKey(std::span<const Field> fields, std::string_view key);

/// The values of a key that holds a leading part of `fields`, perhaps none, perhaps all. kCorrupt otherwise.
Result<KeyTuple> DecodeKeyPrefix(std::span<const Field> fields, std::string_view key);

/// How many bytes of `key` belong to its first fields, which are `fields`. kCorrupt if it does not hold them all.
Result<size_t> KeyPrefixSize(std::span<const Field> fields, std::string_view key);

/// The least key greater than every tuple that begins with `prefix`, itself the encoding of a leading part of a tuple.
/// Nothing if there is none: all values are the greatest integers, or there are no values.
/// For a whole tuple this is the least key greater than it.
std::optional<NormalisedKey> SuccessorOfPrefix(std::span<const KeyValue> prefix);

/// All tuples that begin with `prefix`: [EncodeKey(prefix), SuccessorOfPrefix(prefix)).
KeyInterval IntervalOfPrefix(std::span<const KeyValue> prefix);

/// A key for messages: "(SEA, 2001-01-31)"; bytes that do not decode as hexadecimal digits.
std::string FormatKey(std::span<const Field> fields, std::string_view key);

}  // namespace sleeper::model
