#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sleeper {

/// The first `size` of the 8 bytes that `word` was copied from, as a number that compares like them; what is behind
/// them counts as zero. Of two strings with equal numbers either may be the smaller.
inline uint64_t BytePrefixOf(uint64_t word, size_t size) {
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return size >= sizeof word ? word : size == 0 ? 0 : word & (~uint64_t{0} << (64 - 8 * size));
}

/// The same of bytes in memory. REQUIRES: 8 bytes may be read, whatever `size` is.
inline uint64_t BytePrefix(const void* bytes, size_t size) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return BytePrefixOf(word, size);
}

}  // namespace sleeper
