#pragma once

#include <cstdint>

// The numbers of Parquet's format, as footers and page headers hold them.

namespace sleeper::file {

enum class PhysicalType : int32_t {
  kBoolean = 0,
  kInt32 = 1,
  kInt64 = 2,
  kInt96 = 3,
  kFloat = 4,
  kDouble = 5,
  kByteArray = 6,
  kFixedLengthByteArray = 7,
};

enum class Encoding : int32_t {
  kPlain = 0,
  /// An old name of kRleDictionary; of a dictionary's own values, of kPlain.
  kPlainDictionary = 2,
  kRle = 3,
  kBitPacked = 4,
  kDeltaBinaryPacked = 5,
  kDeltaLengthByteArray = 6,
  kDeltaByteArray = 7,
  kRleDictionary = 8,
  kByteStreamSplit = 9,
};

/// A set of encodings: bit n stands for the encoding of number n. Value.
using EncodingSet = uint32_t;

inline EncodingSet SetOf(Encoding encoding) {
  const auto number = static_cast<uint32_t>(encoding);
  return number < 32 ? EncodingSet{1} << number : 0;
}

enum class Codec : int32_t {
  kNone = 0,
  kSnappy = 1,
  kGzip = 2,
  kLzo = 3,
  kBrotli = 4,
  /// LZ4 in Hadoop's framing, which nobody writes any more.
  kLz4Framed = 5,
  kZstd = 6,
  kLz4 = 7,
};

enum class PageType : int32_t { kData = 0, kIndex = 1, kDictionary = 2, kDataV2 = 3 };

enum class Repetition : int32_t { kRequired = 0, kOptional = 1, kRepeated = 2 };

/// The largest page that is written, and the largest that is read if nothing else is said: what a header promises is
/// believed up to here. The values of a page are found by 32-bit offsets.
inline constexpr int64_t kPageBytesMax = int64_t{1} << 30;

/// About what a slot takes once it is decoded, whatever it holds: a page has at most its greatest size divided by this.
inline constexpr int64_t kSlotBytes = 16;

/// The bytes of a value of a type of fixed size; 0 of others. A boolean is one byte once it is decoded.
constexpr int64_t WidthOf(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBoolean:
      return 1;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat:
      return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kDouble:
      return 8;
    default:
      return 0;
  }
}

}  // namespace sleeper::file
