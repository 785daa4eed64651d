#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/flat_values.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/slack_array.h"

// Parquet's encodings of strings and bytes, of booleans, and of numbers whose bytes are split. Decoders believe
// nothing: what does not fit is kCorrupt. They read up to 16 bytes behind what they are given.

namespace sleeper::file {

using ByteArray = SlackArray<uint8_t>;
using ViewArray = SlackArray<ByteView>;

/// Strings as a writer collects them: their bytes, one behind the other, and the size of each.
struct CollectedBytes {
  std::span<const uint8_t> bytes;
  /// Signed, as they are encoded.
  std::span<const int32_t> sizes;
};

/// PLAIN: the size of each value in four bytes, and its bytes.
void AppendPlainBytes(const CollectedBytes& values, ByteArray& out);

/// DELTA_LENGTH_BYTE_ARRAY: the sizes, DELTA_BINARY_PACKED, and behind them all bytes.
void AppendDeltaLength(const CollectedBytes& values, ByteArray& out);

/// DELTA_BYTE_ARRAY: of each value how many bytes it shares with the begin of the one before, then what is left of the
/// values as DELTA_LENGTH_BYTE_ARRAY. Confined, for the memory that it keeps.
class SharedPrefixEncoder {
 public:
  /// REQUIRES: 16 bytes behind `values.bytes` may be read.
  void Append(const CollectedBytes& values, ByteArray& out);

 private:
  SlackArray<int32_t> prefix_sizes_;
  SlackArray<int32_t> rest_sizes_;
  ByteArray rests_;
};

/// Decodes strings and bytes. Confined, for the memory that it keeps.
class BytesDecoder {
 public:
  /// Where `count` values lie in `bytes`.
  Status DecodePlain(std::span<const uint8_t> bytes, size_t count, ViewArray& views);
  Status DecodeDeltaLength(std::span<const uint8_t> bytes, size_t count, ViewArray& views);

  /// DELTA_BYTE_ARRAY: puts values together in `text`, not more than `text_bytes_max` bytes of them, and says where
  /// each lies there.
  Status DecodeSharedPrefixes(std::span<const uint8_t> bytes, size_t count, size_t text_bytes_max, ViewArray& views,
                              ByteArray& text);

 private:
  SlackArray<int32_t> sizes_;
  SlackArray<int32_t> prefix_sizes_;
  ViewArray rests_;
};

/// BYTE_STREAM_SPLIT: the first bytes of all values, then their second ones, and so on. `width` is 4 or 8.
Status DecodeByteStreams(std::span<const uint8_t> bytes, size_t count, size_t width, uint8_t* values);

/// PLAIN booleans: a bit each. From and to a byte each.
void AppendPlainBooleans(std::span<const uint8_t> values, ByteArray& out);
Status DecodePlainBooleans(std::span<const uint8_t> bytes, size_t count, uint8_t* values);

/// RLE booleans: a length in four bytes, and runs.
Status DecodeRleBooleans(std::span<const uint8_t> bytes, size_t count, uint8_t* values);

}  // namespace sleeper::file
