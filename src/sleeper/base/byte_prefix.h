#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sleeper {

namespace internal {

/// What masks so many of the first bytes of a number: one load, where shifts and a branch would do.
inline constexpr std::array<uint64_t, 9> kFirstBytes = [] {
  std::array<uint64_t, 9> masks{};
  for (size_t size = 1; size < masks.size(); ++size) masks[size] = ~uint64_t{0} << (64 - 8 * size);
  return masks;
}();

}  // namespace internal

/// The first `size` of the 8 bytes that `word` was copied from, as a number that compares like them; what is behind
/// them counts as zero. Of two strings with equal numbers either may be the smaller.
inline uint64_t BytePrefixOf(uint64_t word, size_t size) {
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word & internal::kFirstBytes[std::min(size, sizeof word)];
}

/// The same of bytes in memory. REQUIRES: 8 bytes may be read, whatever `size` is.
inline uint64_t BytePrefix(const void* bytes, size_t size) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return BytePrefixOf(word, size);
}

}  // namespace sleeper
