#include "sleeper/file/value_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sleeper/base/check.h"
#include "sleeper/file/bit_packing.h"
#include "sleeper/file/delta_binary_packed.h"
#include "sleeper/file/rle_hybrid.h"

namespace sleeper::file {
namespace {

constexpr size_t kSizeBytes = sizeof(uint32_t);

Status TooShort() { return Error(ErrorKind::kCorrupt, "a page's values reach beyond its end"); }
Status Malformed() { return Error(ErrorKind::kCorrupt, "a page's values are malformed"); }

uint32_t LoadSize(const uint8_t* bytes) {
  uint32_t size;
  std::memcpy(&size, bytes, sizeof size);
  return size;
}

/// Views of values that lie one behind the other, out of their sizes.
Status ViewsOf(std::span<const int32_t> sizes, size_t begin, size_t end, ByteView* views) {
  uint64_t at = begin;
  uint32_t negative = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const auto size = static_cast<uint32_t>(sizes[i]);
    negative |= size;
    views[i] = {static_cast<uint32_t>(at), size};
    at += size;
  }
  if ((negative >> 31) != 0) return Malformed();
  return at <= end ? Status::OK() : TooShort();
}

/// Puts values together, byte by byte, from streams of `count` bytes.
template <typename Value>
void JoinStreams(const uint8_t* streams, size_t count, uint8_t* values) {
  for (size_t i = 0; i < count; ++i) {
    Value value = 0;
    for (size_t byte = 0; byte < sizeof value; ++byte) value |= Value{streams[byte * count + i]} << (8 * byte);
    std::memcpy(values + i * sizeof value, &value, sizeof value);
  }
}

/// The first 16 bytes of a value, in a register: what comes from memory that was just written in overlapping blocks
/// has to wait for them.
struct Block {
  static constexpr size_t kBytes = 16;

  /// REQUIRES: 16 bytes may be read.
  static Block Load(const uint8_t* bytes) {
    Block block;
    std::memcpy(&block.low, bytes, sizeof block.low);
    std::memcpy(&block.high, bytes + sizeof block.low, sizeof block.high);
    return block;
  }

  void Store(uint8_t* bytes) const {
    std::memcpy(bytes, &low, sizeof low);
    std::memcpy(bytes + sizeof low, &high, sizeof high);
  }

  /// The first `shared` bytes of this one, and the others' behind them.
  Block FollowedBy(const Block& rest, size_t shared) const {
    __extension__ using Wide = unsigned __int128;
    // In two shifts, as one by all bits has no meaning.
    const Wide mask = ~((~Wide{0} << (4 * shared)) << (4 * shared));
    const Wide moved = (((Wide{rest.high} << 64) | rest.low) << (4 * shared)) << (4 * shared);
    const Wide joined = (((Wide{high} << 64) | low) & mask) | moved;
    return {static_cast<uint64_t>(joined), static_cast<uint64_t>(joined >> 64)};
  }

  uint64_t low = 0;
  uint64_t high = 0;
};

/// How many bytes two values have in common at their begins.
size_t CommonPrefix(const uint8_t* a, const uint8_t* b, size_t size_max) {
  for (size_t i = 0; i < size_max; i += 8) {
    uint64_t x;
    uint64_t y;
    std::memcpy(&x, a + i, sizeof x);
    std::memcpy(&y, b + i, sizeof y);
    if (x != y) return std::min(size_max, i + static_cast<size_t>(std::countr_zero(x ^ y)) / 8);
  }
  return size_max;
}

}  // namespace

void AppendPlainBytes(const CollectedBytes& values, ByteArray& out) {
  const size_t size = values.bytes.size() + values.sizes.size() * kSizeBytes;
  uint8_t* next = out.Reserve(size);
  const uint8_t* bytes = values.bytes.data();
  for (const int32_t value_size : values.sizes) {
    std::memcpy(next, &value_size, kSizeBytes);
    next += kSizeBytes;
    if (value_size > 0) std::memcpy(next, bytes, static_cast<size_t>(value_size));
    next += value_size;
    bytes += value_size;
  }
  out.Advance(size);
}

Status BytesDecoder::DecodePlain(std::span<const uint8_t> bytes, size_t count, ViewArray& views) {
  views.Resize(count);
  constexpr size_t kGuess = 8;
  size_t at = 0;
  size_t i = 0;
  size_t guess = 0;
  while (i < count) {
    // The next values often have the size of the last one. To look whether eight do breaks the chain in which every
    // address hangs on the size before it: worth a quarter of the time for values of one size.
    const size_t stride = guess + kSizeBytes;
    if (i + kGuess <= count && bytes.size() - at >= kGuess * stride) {
      size_t different = 0;
      for (size_t k = 0; k < kGuess; ++k) different |= LoadSize(bytes.data() + at + k * stride) ^ guess;
      if (different == 0) {
        for (size_t k = 0; k < kGuess; ++k) {
          views[i + k] = {static_cast<uint32_t>(at + k * stride + kSizeBytes), static_cast<uint32_t>(guess)};
        }
        i += kGuess;
        at += kGuess * stride;
        continue;
      }
    }
    if (bytes.size() - at < kSizeBytes) return TooShort();
    guess = LoadSize(bytes.data() + at);
    at += kSizeBytes;
    if (guess > bytes.size() - at) return TooShort();
    views[i++] = {static_cast<uint32_t>(at), static_cast<uint32_t>(guess)};
    at += guess;
  }
  return Status::OK();
}

void AppendDeltaLength(const CollectedBytes& values, ByteArray& out) {
  AppendDelta(values.sizes, out);
  out.Append(values.bytes);
}

Status BytesDecoder::DecodeDeltaLength(std::span<const uint8_t> bytes, size_t count, ViewArray& views) {
  sizes_.Resize(count);
  views.Resize(count);
  const uint8_t* const text = DecodeDelta(bytes, count, sizes_.data());
  if (text == nullptr) return Malformed();
  return ViewsOf(sizes_.span(), static_cast<size_t>(text - bytes.data()), bytes.size(), views.data());
}

void SharedPrefixEncoder::Append(const CollectedBytes& values, ByteArray& out) {
  const size_t count = values.sizes.size();
  prefix_sizes_.Resize(count);
  rest_sizes_.Resize(count);
  rests_.Resize(values.bytes.size());
  const uint8_t* value = values.bytes.data();
  const uint8_t* before = value;
  int32_t size_before = 0;
  uint8_t* rest = rests_.data();
  for (size_t i = 0; i < count; ++i) {
    const int32_t size = values.sizes[i];
    const size_t shared = CommonPrefix(value, before, static_cast<size_t>(std::min(size, size_before)));
    prefix_sizes_[i] = static_cast<int32_t>(shared);
    rest_sizes_[i] = size - static_cast<int32_t>(shared);
    CopyShort(rest, value + shared, static_cast<size_t>(rest_sizes_[i]));
    rest += rest_sizes_[i];
    before = value;
    size_before = size;
    value += size;
  }
  AppendDelta(prefix_sizes_.span(), out);
  AppendDeltaLength({{rests_.data(), static_cast<size_t>(rest - rests_.data())}, rest_sizes_.span()}, out);
}

Status BytesDecoder::DecodeSharedPrefixes(std::span<const uint8_t> bytes, size_t count, size_t text_bytes_max,
                                          ViewArray& views, ByteArray& text) {
  prefix_sizes_.Resize(count);
  const uint8_t* const rests = DecodeDelta(bytes, count, prefix_sizes_.data());
  if (rests == nullptr) return Malformed();
  bytes = bytes.subspan(static_cast<size_t>(rests - bytes.data()));
  TRY(DecodeDeltaLength(bytes, count, rests_));
  uint64_t total = 0;
  uint32_t size_before = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto shared = static_cast<uint32_t>(prefix_sizes_[i]);
    if (shared > size_before) return Malformed();
    size_before = shared + rests_[i].size;
    total += size_before;
    if (total > text_bytes_max) {
      return Error(ErrorKind::kCorrupt, "a page's values are larger than allowed: ", text_bytes_max, " bytes at most");
    }
  }
  views.Resize(count);
  text.Resize(static_cast<size_t>(total));
  uint8_t* out = text.data();
  const uint8_t* before = out;
  Block start;
  for (size_t i = 0; i < count; ++i) {
    const auto shared = static_cast<uint32_t>(prefix_sizes_[i]);
    const ByteView rest = rests_[i];
    const uint32_t size = shared + rest.size;
    if (size <= Block::kBytes) [[likely]] {
      start = start.FollowedBy(Block::Load(bytes.data() + rest.begin), shared);
      start.Store(out);
    } else {
      CopyShort(out, before, shared);
      CopyShort(out + shared, bytes.data() + rest.begin, rest.size);
      start = Block::Load(out);
    }
    views[i] = {static_cast<uint32_t>(out - text.data()), size};
    before = out;
    out += size;
  }
  return Status::OK();
}

Status DecodeByteStreams(std::span<const uint8_t> bytes, size_t count, size_t width, uint8_t* values) {
  SLEEPER_DCHECK(width == 4 || width == 8, "no width of a number: ", width);
  if (bytes.size() != count * width) return Error(ErrorKind::kCorrupt, "a page's split values differ in number");
  if (width == 4) {
    JoinStreams<uint32_t>(bytes.data(), count, values);
  } else {
    JoinStreams<uint64_t>(bytes.data(), count, values);
  }
  return Status::OK();
}

void AppendPlainBooleans(std::span<const uint8_t> values, ByteArray& out) {
  uint8_t* const begin = out.Reserve(values.size() / 8 + 1);
  out.Advance(static_cast<size_t>(PackFlags(values.data(), values.size(), begin) - begin));
}

Status DecodePlainBooleans(std::span<const uint8_t> bytes, size_t count, uint8_t* values) {
  if (bytes.size() < (count + 7) / 8) return TooShort();
  UnpackFlags(bytes.data(), count, values);
  return Status::OK();
}

Status DecodeRleBooleans(std::span<const uint8_t> bytes, size_t count, uint8_t* values) {
  if (bytes.size() < kSizeBytes) return TooShort();
  const uint32_t size = LoadSize(bytes.data());
  bytes = bytes.subspan(kSizeBytes);
  if (size > bytes.size()) return TooShort();
  return DecodeRle(bytes.first(size), 1, count, values) ? Status::OK() : Malformed();
}

}  // namespace sleeper::file
