#pragma once

#include <cstdint>
#include <span>

// Numbers of seven bits a byte, the lowest first, as Parquet's encodings have them.

namespace sleeper::file {

/// The most bytes that a number takes.
inline constexpr size_t kVarintBytesMax = 10;

inline uint8_t* PutVarint(uint8_t* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<uint8_t>(value);
  return out;
}

inline uint8_t* PutZigZag(uint8_t* out, int64_t value) {
  return PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

/// Reads numbers from bytes that nobody has checked. After the first fault ok() is false for good. Confined.
class VarintReader {
 public:
  explicit VarintReader(std::span<const uint8_t> bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  const uint8_t* next() const { return next_; }
  size_t left() const { return static_cast<size_t>(end_ - next_); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && next_ != end_; shift += 7) {
      const uint8_t byte = *next_++;
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  int64_t ZigZag() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }

  /// Passes over `size` bytes and returns their begin; null if there are fewer.
  const uint8_t* Bytes(uint64_t size) {
    if (!ok_ || size > left()) {
      ok_ = false;
      return nullptr;
    }
    const uint8_t* const begin = next_;
    next_ += size;
    return begin;
  }

 private:
  const uint8_t* next_;
  const uint8_t* end_;
  bool ok_ = true;
};

}  // namespace sleeper::file
