#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

// The arithmetic of docs/formats/row-hash.md, version 1. Nothing here may change: data files and the state hold its
// results.

namespace sleeper::columnar::value_hash {

inline constexpr uint64_t kA = 0x9E3779B97F4A7C15;
inline constexpr uint64_t kB = 0xC2B2AE3D27D4EB4F;
inline constexpr uint64_t kC = 0x165667B19E3779F9;
inline constexpr uint64_t kD = 0xD6E8FEB86659FD93;

/// What stands for a null inside a list or a map.
inline constexpr uint64_t kNullElement = kD;

__extension__ using Uint128 = unsigned __int128;

/// The two halves of the 128-bit product, exclusive-ored.
inline uint64_t Fold(uint64_t x, uint64_t y) {
  const Uint128 product = static_cast<Uint128>(x) * y;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// A little-endian word.
inline uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// The two numbers that make the values of one field hash unlike those of another.
struct FieldKey {
  uint64_t a = 0;
  uint64_t b = 0;
};

inline constexpr size_t kBlock = 16;

/// The hash of more than one block, or of a block near the end of readable memory.
uint64_t HashLongBytes(FieldKey key, const uint8_t* bytes, size_t size);

inline uint64_t StartBytes(FieldKey key, uint64_t size) { return key.b ^ (size * kA); }

/// The hash of at most 16 bytes. REQUIRES: 16 bytes may be read.
inline uint64_t HashShortBytes(FieldKey key, const uint8_t* bytes, size_t size) {
  // Row n keeps the first n of 16 bytes.
  struct Mask {
    uint64_t low, high;
  };
  static constexpr auto kMasks = [] {
    struct Table {
      Mask masks[kBlock + 1];
    } table{};
    for (size_t n = 0; n <= kBlock; ++n) {
      table.masks[n].low = n >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * n)) - 1;
      table.masks[n].high = n == 16 ? ~uint64_t{0} : n <= 8 ? 0 : (uint64_t{1} << (8 * (n - 8))) - 1;
    }
    return table;
  }();
  const Mask mask = kMasks.masks[size];
  return Fold((LoadWord(bytes) & mask.low) ^ key.a, (LoadWord(bytes + 8) & mask.high) ^ StartBytes(key, size));
}

/// Of a string or bytes.
inline uint64_t HashBytes(FieldKey key, std::string_view bytes) {
  return HashLongBytes(key, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

/// Of an integer of any width, a date, a timestamp or a boolean, widened to 64 bits with its sign.
inline uint64_t HashInteger(FieldKey key, int64_t value) { return Fold(static_cast<uint64_t>(value) ^ key.a, key.b); }

/// Of a float or double, widened. All NaNs are one value; so are both zeros.
inline uint64_t HashNumber(FieldKey key, double value) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  if (value == 0) bits = 0;
  if (std::isnan(value)) bits = 0x7FF8000000000000;
  return Fold(bits ^ key.a, key.b);
}

inline FieldKey KeyOf(std::string_view field_name) {
  return {HashBytes({kA, kB}, field_name), HashBytes({kC, kD}, field_name) | 1};
}

/// Lists: the elements' hashes in their order.
inline uint64_t StartList(FieldKey key, uint64_t elements) { return key.b ^ (elements * kC); }
inline uint64_t AddElement(FieldKey key, uint64_t hash, uint64_t element) { return Fold(hash ^ key.a, element ^ kB); }

/// Maps: a sum over the entries, which have no order.
inline uint64_t HashEntry(uint64_t map_key, uint64_t map_value) { return Fold(map_key ^ kA, map_value ^ kB); }
inline uint64_t FinishMap(FieldKey key, uint64_t sum_of_entries, uint64_t entries) {
  return Fold(sum_of_entries ^ key.a, (entries * kC) ^ key.b);
}

/// Where the sum of a row's field hashes starts.
inline constexpr uint64_t kRowStart = kC;

struct RowLanes {
  uint64_t low, high;
};

/// Makes of a row's sum what is added to the two sums of the multiset. Not linear, so that values which change rows
/// show.
inline RowLanes FinishRow(uint64_t sum) {
  sum ^= sum >> 32;
  sum *= kB;
  sum ^= sum >> 29;
  sum *= kA;
  sum ^= sum >> 32;
  return {sum, Fold(sum ^ kC, kD)};
}

}  // namespace sleeper::columnar::value_hash
