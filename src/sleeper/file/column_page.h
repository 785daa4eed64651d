#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/flat_values.h"
#include "sleeper/file/page_compression.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/file/value_codec.h"

namespace sleeper::file {

class ColumnPage;

/// A page as it lies in a file. Value, pointing at memory of the caller.
struct EncodedPage {
  const LeafShape* shape = nullptr;
  Codec codec = Codec::kNone;
  const PageHeader* header = nullptr;
  /// header->compressed_bytes bytes.
  std::span<const uint8_t> body;
  /// That of the column chunk, if it has one.
  std::shared_ptr<const ColumnPage> dictionary;
  /// Not more memory than this is filled with levels or with values because a page says so.
  int64_t bytes_max = kPageBytesMax;
};

/// What decoding needs and pages share, one after the other: a decompressor and scratch memory. Confined.
struct PageDecoder {
  PageDecompressor decompressor;
  BytesDecoder bytes;
  SlackArray<uint8_t> definition_levels;
  SlackArray<uint8_t> repetition_levels;
  SlackArray<uint32_t> indexes;
};

/// One decoded page of one column. Its rows can be taken in any order and without a copy: values of fixed size and
/// plain strings lie where they were decompressed to. The memory stays when another page is loaded. Confined; while it
/// is not loaded again, reading is Thread-safe.
class ColumnPage {
 public:
  /// Replaces what the page holds. kCorrupt if anything in the bytes does not fit, kInvalid if they are valid Parquet
  /// of a kind that is not read here. Checks everything but the checksum: afterwards all offsets lie inside.
  Status Load(const EncodedPage& page, PageDecoder& decoder);

  int64_t rows() const { return rows_; }

  /// A slot for each row, or of repeated leaves for each element.
  const FlatValues& values() const { return values_; }

  /// Of repeated leaves: row i has the elements [row_offsets()[i], row_offsets()[i + 1]).
  const uint32_t* row_offsets() const { return row_offsets_.data(); }
  /// Of repeated leaves: a byte for each row, 1 or 0; null if none is null.
  const uint8_t* valid_rows() const { return null_rows_ > 0 ? valid_rows_.data() : nullptr; }
  int64_t null_rows() const { return null_rows_; }

 private:
  /// The parts of a page, decompressed.
  struct Parts {
    std::span<const uint8_t> repetition;
    std::span<const uint8_t> definition;
    std::span<const uint8_t> values;
  };

  Result<Parts> Decompress(const EncodedPage& page, PageDecoder& decoder);
  Result<Parts> SplitPage(const EncodedPage& page, std::span<const uint8_t> bytes);
  Status LoadLevels(const EncodedPage& page, const Parts& parts, PageDecoder& decoder);
  Status LoadRepeatedLevels(const EncodedPage& page, const Parts& parts, PageDecoder& decoder);
  Status LoadValues(const EncodedPage& page, std::span<const uint8_t> bytes, PageDecoder& decoder);
  Status LoadFixed(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count);
  Status LoadBooleans(Encoding encoding, std::span<const uint8_t> bytes, size_t count);
  Status LoadBytes(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count, PageDecoder& decoder);
  Status LoadFromDictionary(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count,
                            PageDecoder& decoder);
  void SpreadOverNulls(PhysicalType type);

  int64_t rows_ = 0;
  int64_t null_rows_ = 0;
  FlatValues values_;

  /// The page's bytes, its levels in front, decompressed.
  ByteArray raw_;
  ByteArray valid_;
  ByteArray fixed_;
  ViewArray views_;
  ByteArray text_;
  SlackArray<uint32_t> row_offsets_;
  ByteArray valid_rows_;
  std::shared_ptr<const ColumnPage> dictionary_;
};

}  // namespace sleeper::file
