#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "sleeper/base/status.h"
#include "sleeper/file/page_compression.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/file/thrift_compact.h"
#include "sleeper/file/value_codec.h"

namespace sleeper::file {

/// How the values of a column are encoded.
enum class ValueEncoding {
  kPlain,
  /// Differences of integers, sizes apart from bytes; what has no such form is plain.
  kDelta,
  /// kDelta, but pages of integers that it would make larger are plain.
  kSmaller,
  /// As kDelta, and strings and bytes without what they share with the one before: for sorted ones.
  kSharedPrefixes,
};

struct PageEncoding {
  ValueEncoding values = ValueEncoding::kSmaller;
  /// Shared by the columns of a file. Null if pages are not compressed.
  std::shared_ptr<PageCompressor> compressor;

  Codec codec() const { return compressor == nullptr ? Codec::kNone : compressor->codec(); }
};

/// Does again what has not paid off lately only now and then. Confined.
class Trial {
 public:
  bool IsDue() { return failures_ < kFailuresMax || ++skipped_ % kInterval == 0; }
  void Report(bool paid_off) { failures_ = paid_off ? 0 : failures_ + 1; }

 private:
  static constexpr int kFailuresMax = 4;
  static constexpr int kInterval = 16;
  int failures_ = 0;
  int skipped_ = 0;
};

/// Makes rows into data pages of version 2, with checksums. Confined.
class PageEncoder {
 public:
  explicit PageEncoder(PageEncoding encoding) : encoding_(std::move(encoding)) {}

  /// Appends the page, with its header, to `out` and returns the header. kInvalid if the page would be too large.
  /// If there are `indexes`, they stand for the values, and are less than `dictionary_size`.
  Result<PageHeader> Append(const PageRows& rows, std::optional<std::span<const uint32_t>> indexes,
                            uint32_t dictionary_size, ByteArray& out);

  /// Appends a dictionary of so many values.
  Result<PageHeader> AppendDictionary(std::span<const uint8_t> plain, uint32_t values, ByteArray& out);

 private:
  void EncodeLevels(const PageRows& rows, PageHeader& header);
  void EncodeRepeatedLevels(const PageRows& rows);
  Encoding EncodeValues(const PageRows& rows, int64_t nulls);
  Encoding EncodeBytes(const PageRows& rows, int64_t nulls);
  Encoding EncodeIndexes(std::span<const uint32_t> indexes, uint32_t dictionary_size);
  template <typename T>
  Encoding EncodeIntegers(std::span<const uint8_t> values);
  std::span<const uint8_t> DenseFixed(const PageRows& rows, int64_t nulls);
  std::span<const int32_t> DenseSizes(const PageRows& rows, int64_t nulls);
  /// Appends what is in body_, whose levels take so many bytes, compressed if that helps.
  Status AppendBody(PageHeader& header, size_t level_bytes, ByteArray& out);

  PageEncoding encoding_;
  Trial compression_;
  MatchSearch match_search_;
  Trial deltas_;
  SharedPrefixEncoder shared_prefixes_;
  ThriftWriter header_;
  /// Levels and values of the page at hand.
  ByteArray body_;
  ByteArray dense_fixed_;
  SlackArray<int32_t> dense_sizes_;
  SlackArray<uint8_t> definition_levels_;
  SlackArray<uint8_t> repetition_levels_;
};

}  // namespace sleeper::file
