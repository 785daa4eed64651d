#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/array/data.h>

#include "sleeper/base/status.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/column_statistics.h"
#include "sleeper/file/dictionary_builder.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_encoder.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/file/parquet_metadata.h"

namespace sleeper::file {

/// How one column is written. Value.
struct ColumnSettings {
  PageEncoding encoding;
  bool dictionary = false;
  /// If it has statistics; not of repeated leaves.
  std::optional<StatisticsSettings> statistics;
  /// What a distinct value may take in a Bloom filter; 0 if there is none. REQUIRES: BloomFilterBuilder::CanFilter.
  int64_t bloom_bits = 0;
  /// A page ends once its values take so many bytes.
  int64_t page_bytes_max = 128 << 10;
};

/// The rows of one column as Arrow has them: an array, or lists and their elements.
struct LeafArray {
  std::shared_ptr<const arrow::ArrayData> rows;
  /// Of repeated leaves; the offsets of `rows` count in it.
  std::shared_ptr<const arrow::ArrayData> elements;
};

/// A column chunk that is done. The bytes live as long as its writer is left alone.
struct WrittenChunk {
  std::span<const uint8_t> dictionary;
  std::span<const uint8_t> pages;
  /// The headers of all of them, one behind the other.
  std::string headers;
  ColumnChunkMetadata metadata;
  OffsetIndex offset_index;
  std::optional<ColumnIndex> column_index;
  /// Empty if there is none.
  std::vector<uint8_t> bloom_filter;
};

/// Collects the rows of one column of a row group and makes them into pages. The chunk is held in memory, encoded. The
/// memory is used again for the next row group. Confined.
class ColumnChunkWriter {
 public:
  ColumnChunkWriter(Leaf leaf, const ColumnSettings& settings);

  /// Appends rows, ending pages that have reached their bound in bytes.
  Status Append(const LeafArray& array, int64_t begin, int64_t count);

  /// The page at hand, for whoever appends to it without arrays. After each of at most RowsAtATime() rows, and before
  /// more are appended to a page of page_bytes_max(), PageGrew() has to be called.
  PageRows& page() { return rows_; }
  int64_t page_bytes_max() const { return settings_.page_bytes_max; }
  int64_t RowsAtATime() const;
  Status PageGrew();

  /// Ends the page at hand, if it has rows.
  Status EndPage();

  /// About the size that the chunk has so far.
  int64_t bytes() const;

  /// The rows of all pages and of the one at hand.
  int64_t rows() const { return row_count_ + rows_.rows; }

  /// Ends the chunk, which will lie at `offset` of the file. kInternal if its pages are not all there.
  Result<WrittenChunk> Finish(int64_t offset);

  /// Starts the next chunk.
  void Clear();

 private:
  /// Whether the pages lie side by side from the beginning to the end.
  bool IsComplete() const;
  void NoteEncoding(Encoding encoding);
  /// The header of the page that is the end of `pages` from `begin` on.
  static std::string_view HeaderOf(const PageHeader& header, const ByteArray& pages, size_t begin);

  Leaf leaf_;
  ColumnSettings settings_;
  PageRows rows_;
  PageEncoder encoder_;
  std::optional<DictionaryBuilder> dictionary_;

  ByteArray pages_;
  ByteArray dictionary_page_;
  /// Offsets count from the first page.
  OffsetIndex locations_;
  int64_t row_count_ = 0;
  /// What a row of the last page took, so that the next one ends near its bound.
  int64_t row_bytes_ = 0;
  int64_t value_count_ = 0;
  int64_t uncompressed_bytes_ = 0;
  /// Of the pages, one behind the other.
  std::string headers_;
  std::vector<Encoding> encodings_;
  std::optional<ColumnStatistics> statistics_;
  std::optional<BloomFilterBuilder> bloom_filter_;
};

}  // namespace sleeper::file
