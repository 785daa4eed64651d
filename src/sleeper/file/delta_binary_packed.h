#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "sleeper/file/bit_packing.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/file/varint.h"

// The encoding DELTA_BINARY_PACKED: the first value, then blocks of differences between neighbours. Of each block the
// least difference is written, and of each quarter of it (a miniblock) how many bits the differences need beyond that
// one, and these bits. Differences wrap around, so that any values can stand side by side.

namespace sleeper::file {

inline constexpr size_t kDeltaBlockValues = 128;
inline constexpr size_t kDeltaMiniblocks = 4;
inline constexpr size_t kDeltaMiniblockValues = kDeltaBlockValues / kDeltaMiniblocks;

/// The largest block that is read. All writers that we know write 128 or 256 values.
inline constexpr uint64_t kDeltaBlockValuesMax = 1 << 16;

namespace delta_detail {

/// Encodes one block: the differences that lead to `count` values from the one before `values`. Its loops have a fixed
/// length, so that the compiler vectorises them.
template <typename T>
uint8_t* EncodeBlock(const T* values, size_t count, uint8_t* out) {
  using Unsigned = std::make_unsigned_t<T>;
  std::array<Unsigned, kDeltaBlockValues> deltas;
  const auto difference = [&](size_t i) {
    return static_cast<Unsigned>(static_cast<Unsigned>(values[i]) -
                                 static_cast<Unsigned>(values[static_cast<ptrdiff_t>(i) - 1]));
  };
  if (count == kDeltaBlockValues) {
    for (size_t i = 0; i < kDeltaBlockValues; ++i) deltas[i] = difference(i);
  } else {
    // Until the least one is known, the block is filled up with a difference that it has.
    for (size_t i = 0; i < count; ++i) deltas[i] = difference(i);
    std::fill(deltas.begin() + static_cast<ptrdiff_t>(count), deltas.end(), difference(0));
  }
  T least = static_cast<T>(difference(0));
  T most = least;
  for (const Unsigned delta : deltas) {
    least = std::min(least, static_cast<T>(delta));
    most = std::max(most, static_cast<T>(delta));
  }
  out = PutZigZag(out, least);
  uint8_t* const widths = out;
  out += kDeltaMiniblocks;
  if (least == most) {
    // Sizes of values that are all of one size, for example.
    std::fill_n(widths, kDeltaMiniblocks, uint8_t{0});
    return out;
  }
  // A miniblock that is not full is filled up with the least difference; one without values has no bits so, and must
  // not.
  std::fill(deltas.begin() + static_cast<ptrdiff_t>(count), deltas.end(), static_cast<Unsigned>(least));
  for (Unsigned& delta : deltas) delta = static_cast<Unsigned>(delta - static_cast<Unsigned>(least));
  for (size_t block = 0; block < kDeltaMiniblocks; ++block) {
    const Unsigned* const first = deltas.data() + block * kDeltaMiniblockValues;
    Unsigned bits = 0;
    for (size_t i = 0; i < kDeltaMiniblockValues; ++i) bits |= first[i];
    const int width = WidthOfBits(bits);
    widths[block] = static_cast<uint8_t>(width);
    out = PackBits(first, kDeltaMiniblockValues, width, out);
  }
  return out;
}

}  // namespace delta_detail

/// The most bytes that `count` values take, with what may be written beyond their end.
template <typename T>
constexpr size_t DeltaBytesMax(size_t count) {
  const size_t blocks = count / kDeltaBlockValues + 1;
  return 4 * kVarintBytesMax + blocks * (kVarintBytesMax + kDeltaMiniblocks + kDeltaBlockValues * sizeof(T)) + 8;
}

/// Appends the encoded values. T is int32_t or int64_t.
template <typename T>
void AppendDelta(std::span<const T> values, SlackArray<uint8_t>& out) {
  static_assert(std::is_signed_v<T>);
  uint8_t* const begin = out.Reserve(DeltaBytesMax<T>(values.size()));
  uint8_t* end = PutVarint(begin, kDeltaBlockValues);
  end = PutVarint(end, kDeltaMiniblocks);
  end = PutVarint(end, values.size());
  end = PutZigZag(end, values.empty() ? 0 : values[0]);
  for (size_t i = 1; i < values.size(); i += kDeltaBlockValues) {
    end = delta_detail::EncodeBlock(values.data() + i, std::min(kDeltaBlockValues, values.size() - i), end);
  }
  out.Advance(static_cast<size_t>(end - begin));
}

namespace delta_detail {

/// Decodes one miniblock and returns its last value.
template <typename Unsigned>
Unsigned DecodeMiniblock(const uint8_t* in, int width, size_t count, Unsigned least, Unsigned value, Unsigned* out) {
  if (width == 0) {
    // Values at equal distances, most often equal: lengths of values that are all of one length.
    for (size_t i = 0; i < count; ++i) out[i] = value + static_cast<Unsigned>(i + 1) * least;
    return out[count - 1];
  }
  UnpackBits(in, width, count, out);
  for (size_t i = 0; i < count; ++i) out[i] = value += out[i] + least;
  return value;
}

}  // namespace delta_detail

/// Decodes exactly `count` values and returns the end of their bytes; null if the bytes hold another number of values
/// or are malformed. REQUIRES: 16 bytes behind `bytes` may be read.
template <typename T>
const uint8_t* DecodeDelta(std::span<const uint8_t> bytes, size_t count, T* values) {
  using Unsigned = std::make_unsigned_t<T>;
  auto* const out = reinterpret_cast<Unsigned*>(values);
  VarintReader in(bytes);
  const uint64_t block_values = in.Varint();
  const uint64_t miniblocks = in.Varint();
  const uint64_t total = in.Varint();
  auto value = static_cast<Unsigned>(in.ZigZag());
  if (!in.ok() || total != count || block_values == 0 || block_values > kDeltaBlockValuesMax ||
      block_values % 128 != 0 || miniblocks == 0 || miniblocks > block_values / 32 || block_values % miniblocks != 0 ||
      block_values / miniblocks % 32 != 0) {
    return nullptr;
  }
  if (count == 0) return in.next();
  const auto per_miniblock = static_cast<size_t>(block_values / miniblocks);
  out[0] = value;
  for (size_t done = 1; done < count;) {
    const auto least = static_cast<Unsigned>(in.ZigZag());
    const uint8_t* const widths = in.Bytes(miniblocks);
    if (widths == nullptr) return nullptr;
    for (uint64_t block = 0; block < miniblocks && done < count; ++block) {
      const int width = widths[block];
      if (width > static_cast<int>(sizeof(T)) * 8) return nullptr;
      const uint8_t* const packed = in.Bytes(per_miniblock / 8 * static_cast<uint64_t>(width));
      if (packed == nullptr) return nullptr;
      const size_t here = std::min(per_miniblock, count - done);
      value = delta_detail::DecodeMiniblock(packed, width, here, least, value, out + done);
      done += here;
    }
  }
  return in.next();
}

}  // namespace sleeper::file
