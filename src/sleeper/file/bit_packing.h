#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

// Parquet packs integers of `width` bits one behind the other, from the lowest bit of the first byte on. Scalar code:
// one unaligned load, a shift and a mask for each value; widths that are whole bytes are left to the compiler's
// vectoriser.

namespace sleeper::file {

static_assert(std::endian::native == std::endian::little, "Parquet's values are little-endian, and so are ours");

/// The widest value whose bits always lie within one 8-byte word that begins at a byte.
inline constexpr int kOneLoadWidthMax = 57;

constexpr uint64_t MaskOf(int width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

/// The bits that a number needs.
template <typename Unsigned>
constexpr int WidthOfBits(Unsigned bits) {
  return std::numeric_limits<Unsigned>::digits - std::countl_zero(bits);
}

/// The packed value number `index`. REQUIRES: 9 bytes from its first one on may be read.
inline uint64_t UnpackOne(const uint8_t* in, size_t index, int width) {
  const size_t bit = index * static_cast<size_t>(width);
  const auto shift = static_cast<int>(bit & 7);
  uint64_t word;
  std::memcpy(&word, in + (bit >> 3), sizeof word);
  word >>= shift;
  if (width > kOneLoadWidthMax && shift > 0) word |= static_cast<uint64_t>(in[(bit >> 3) + 8]) << (64 - shift);
  return word & MaskOf(width);
}

/// Unpacks `count` values. REQUIRES: 9 bytes beyond the packed ones may be read.
template <typename Unsigned>
void UnpackBits(const uint8_t* in, int width, size_t count, Unsigned* out) {
  static_assert(std::is_unsigned_v<Unsigned>);
  if (width == std::numeric_limits<Unsigned>::digits) {
    std::memcpy(out, in, count * sizeof(Unsigned));
  } else if (width <= kOneLoadWidthMax) {
    const uint64_t mask = MaskOf(width);
    for (size_t i = 0; i < count; ++i) {
      const size_t bit = i * static_cast<size_t>(width);
      uint64_t word;
      std::memcpy(&word, in + (bit >> 3), sizeof word);
      out[i] = static_cast<Unsigned>((word >> (bit & 7)) & mask);
    }
  } else {
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<Unsigned>(UnpackOne(in, i, width));
  }
}

/// Packs `count` values, a multiple of 8, and returns the end of what it wrote. Writes up to 8 bytes beyond. REQUIRES:
/// no value has more bits than `width`.
template <typename Unsigned>
uint8_t* PackBits(const Unsigned* values, size_t count, int width, uint8_t* out) {
  static_assert(std::is_unsigned_v<Unsigned>);
  if (width == 0) return out;
  if (width == std::numeric_limits<Unsigned>::digits) {
    std::memcpy(out, values, count * sizeof(Unsigned));
    return out + count * sizeof(Unsigned);
  }
  uint64_t word = 0;
  int filled = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t value = values[i];
    word |= value << filled;
    filled += width;
    if (filled >= 64) {
      std::memcpy(out, &word, sizeof word);
      out += sizeof word;
      filled -= 64;
      // What did not fit; if all did, the shift would be by 64.
      word = filled == 0 ? 0 : value >> (width - filled);
    }
  }
  std::memcpy(out, &word, sizeof word);
  return out + (filled + 7) / 8;
}

/// Eight bytes, each 0 or 1, as the bits of one.
inline uint8_t PackEight(const uint8_t* flags) {
  uint64_t word;
  std::memcpy(&word, flags, sizeof word);
  return static_cast<uint8_t>((word * 0x0102040810204080) >> 56);
}

/// The bits of a byte as eight bytes, each 0 or 1.
inline void UnpackEight(uint8_t bits, uint8_t* flags) {
  const uint64_t spread = (uint64_t{bits} * 0x0101010101010101) & 0x8040201008040201;
  const uint64_t word = ((spread + 0x7F7F7F7F7F7F7F7F) >> 7) & 0x0101010101010101;
  std::memcpy(flags, &word, sizeof word);
}

/// The same for any number: from `count` bits to as many bytes, and back.
inline void UnpackFlags(const uint8_t* in, size_t count, uint8_t* flags) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) UnpackEight(*in++, flags + i);
  for (int bit = 0; i < count; ++i, ++bit) flags[i] = (*in >> bit) & 1;
}

inline uint8_t* PackFlags(const uint8_t* flags, size_t count, uint8_t* out) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) *out++ = PackEight(flags + i);
  if (i < count) {
    uint8_t last[8] = {};
    std::memcpy(last, flags + i, count - i);
    *out++ = PackEight(last);
  }
  return out;
}

}  // namespace sleeper::file
