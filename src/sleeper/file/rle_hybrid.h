#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "sleeper/file/bit_packing.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/file/varint.h"

// The encoding RLE of Parquet: runs of one value, and groups of eight bit-packed ones, in any order. Levels, booleans
// and the indexes of dictionaries come in it.

namespace sleeper::file {

/// Equal values from which on a run is shorter, whatever comes before and behind it.
inline constexpr size_t kRleRunMin = 32;

namespace rle_detail {

template <typename T>
void UnpackGroups(const uint8_t* in, int width, size_t count, T* out) {
  if constexpr (sizeof(T) == 1) {
    if (width == 1) return UnpackFlags(in, count, out);
  }
  UnpackBits(in, width, count, out);
}

template <typename T>
void AppendGroups(const T* values, size_t count, int width, SlackArray<uint8_t>& out) {
  if (count == 0) return;
  const size_t groups = (count + 7) / 8;
  uint8_t* const begin = out.Reserve(kVarintBytesMax + (groups + 1) * static_cast<size_t>(width) + sizeof(uint64_t));
  uint8_t* end = PutVarint(begin, groups << 1 | 1);
  if constexpr (sizeof(T) == 1) {
    if (width == 1) {
      end = PackFlags(values, count, end);
      out.Advance(static_cast<size_t>(end - begin));
      return;
    }
  }
  const size_t whole = count / 8 * 8;
  end = PackBits(values, whole, width, end);
  if (whole < count) {
    T last[8] = {};
    std::copy(values + whole, values + count, last);
    end = PackBits(last, 8, width, end);
  }
  out.Advance(static_cast<size_t>(end - begin));
}

template <typename T>
void AppendRun(T value, size_t count, int width, SlackArray<uint8_t>& out) {
  uint8_t* const begin = out.Reserve(kVarintBytesMax + sizeof(uint64_t));
  uint8_t* const end = PutVarint(begin, uint64_t{count} << 1);
  const uint64_t word = value;
  std::memcpy(end, &word, sizeof word);
  out.Advance(static_cast<size_t>(end - begin) + static_cast<size_t>(width + 7) / 8);
}

template <typename T>
size_t RunLength(std::span<const T> values) {
  const auto other = std::find_if(values.begin(), values.end(), [&](T value) { return value != values.front(); });
  return static_cast<size_t>(other - values.begin());
}

}  // namespace rle_detail

/// Reads `count` values of `width` bits. False if the bytes hold fewer or are malformed; what they hold beyond is
/// passed over. REQUIRES: 16 bytes behind `bytes` may be read; width <= 32, and no wider than T.
template <typename T>
bool DecodeRle(std::span<const uint8_t> bytes, int width, size_t count, T* out) {
  VarintReader in(bytes);
  const auto value_bytes = static_cast<size_t>(width + 7) / 8;
  for (size_t done = 0; done < count;) {
    const uint64_t header = in.Varint();
    if (!in.ok()) return false;
    if ((header & 1) != 0) {
      const uint64_t groups = header >> 1;
      const size_t here = static_cast<size_t>(std::min<uint64_t>(count - done, groups > count ? count : groups * 8));
      // The last group may be cut short behind the last value that is wanted.
      const size_t needed = (here * static_cast<size_t>(width) + 7) / 8;
      const size_t size = groups > in.left() ? in.left() : groups * static_cast<size_t>(width);
      if (here == 0 || needed > in.left()) return false;
      rle_detail::UnpackGroups(in.next(), width, here, out + done);
      in.Bytes(std::min(size, in.left()));
      done += here;
    } else {
      const uint8_t* const value = in.Bytes(value_bytes);
      const auto here = static_cast<size_t>(std::min<uint64_t>(header >> 1, count - done));
      if (value == nullptr || here == 0) return false;
      uint64_t word = 0;
      std::memcpy(&word, value, value_bytes);
      if (word > MaskOf(width)) return false;
      std::fill_n(out + done, here, static_cast<T>(word));
      done += here;
    }
  }
  return true;
}

/// Appends values of `width` bits. REQUIRES: none has more.
template <typename T>
void AppendRle(std::span<const T> values, int width, SlackArray<uint8_t>& out) {
  size_t literals = 0;
  size_t next = 0;
  while (next < values.size()) {
    const size_t run = rle_detail::RunLength(values.subspan(next));
    if (run < kRleRunMin && !(run == values.size() && next == 0)) {
      next = std::min(values.size(), next + 8);
      continue;
    }
    rle_detail::AppendGroups(values.data() + literals, next - literals, width, out);
    rle_detail::AppendRun(values[next], run, width, out);
    next += run;
    literals = next;
  }
  rle_detail::AppendGroups(values.data() + literals, values.size() - literals, width, out);
}

}  // namespace sleeper::file
