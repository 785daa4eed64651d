#include "sleeper/file/file_index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/key_pages.h"
#include "sleeper/file/page_compression.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/file/tail_check.h"

namespace sleeper::file {
namespace {

constexpr std::string_view kMagic = "PAR1";
/// The length of the footer and the magic bytes, with which every Parquet file ends.
constexpr int64_t kEndBytes = 8;

Status Corrupt(std::string_view what) { return Error(ErrorKind::kCorrupt, what); }

/// The length of the footer's metadata, read from the last bytes.
Result<int64_t> FooterBytes(const Buffer& end_of_file, int64_t size_bytes) {
  if (end_of_file.size() < kEndBytes) return Corrupt("the file is too short to be a data file");
  const std::string_view end = end_of_file.view().substr(static_cast<size_t>(end_of_file.size() - kEndBytes));
  if (end.substr(4) != kMagic)
    return Corrupt("the file does not end as a Parquet file does: it is truncated or foreign");
  int64_t length = 0;
  for (int i = 3; i >= 0; --i) length = length * 256 + static_cast<uint8_t>(end[static_cast<size_t>(i)]);
  if (length <= 0 || length > size_bytes - kEndBytes - static_cast<int64_t>(kMagic.size())) {
    return Error(ErrorKind::kCorrupt, "the footer's length does not fit the file: ", length);
  }
  return length;
}

Result<ParquetMetadata> ParseFooter(const Buffer& end_of_file, int64_t footer_bytes) {
  const auto end = static_cast<size_t>(end_of_file.size() - kEndBytes);
  const auto size = static_cast<size_t>(footer_bytes);
  return ParseParquetMetadata(end_of_file.span().subspan(end - size, size));
}

/// The bytes that a location in the footer points at, which must lie in the tail.
Result<std::span<const uint8_t>> Locate(const Buffer& tail, int64_t size_bytes, const ByteRange& location,
                                        std::string_view what) {
  const int64_t begin = size_bytes - tail.size();
  if (location.size < 0 || location.offset < begin || location.offset > size_bytes - location.size) {
    return Error(ErrorKind::kCorrupt, "the ", what, " lies outside the file's tail: at ", location.offset);
  }
  return tail.span().subspan(static_cast<size_t>(location.offset - begin), static_cast<size_t>(location.size));
}

/// Reads the parts of the tail that the footer points at.
class TailReader {
 public:
  TailReader(const Buffer& tail, int64_t size_bytes, const model::Schema& schema)
      : tail_(tail), tail_begin_(size_bytes - tail.size()), schema_(schema), leaves_(LeavesOf(schema)) {}

  Result<FileIndex> Read(int64_t footer_bytes, int64_t size_bytes) {
    FileIndex index;
    TRY_ASSIGN(index.footer, ParseFooter(tail_, footer_bytes));
    const ParquetMetadata& metadata = index.footer;
    TRY(CheckSchemaElements(metadata.schema, schema_));
    TRY_ASSIGN(index.summary, ReadFooterItems(metadata.key_values, schema_));
    index.settings = ReadSettingsItem(metadata.key_values);
    index.summary.size_bytes = size_bytes;
    index.summary.tail_bytes = tail_.size();
    TRY_ASSIGN(bloom_checksums_, ReadBloomItem(metadata.key_values));
    int64_t rows_left = index.summary.rows;
    for (const RowGroupMetadata& row_group : metadata.row_groups) {
      TRY_ASSIGN(RowGroupIndex row_group_index, ReadRowGroup(row_group));
      TRY(ReadBloomFilters(row_group, index.row_groups.size(), row_group_index));
      if (row_group_index.rows > rows_left) return Corrupt("the footer's row groups have more rows than the file");
      rows_left -= row_group_index.rows;
      index.row_groups.push_back(std::move(row_group_index));
    }
    if (rows_left != 0 || metadata.rows != index.summary.rows) {
      return Error(ErrorKind::kCorrupt, "the footer's counts of rows differ: ", index.summary.rows, ", ",
                   metadata.rows);
    }
    return index;
  }

 private:
  Result<RowGroupIndex> ReadRowGroup(const RowGroupMetadata& metadata) {
    RowGroupIndex row_group{.rows = metadata.rows};
    if (row_group.rows <= 0) return Error(ErrorKind::kCorrupt, "a row group of so many rows: ", row_group.rows);
    if (metadata.columns.size() != leaves_.size()) return Corrupt("a row group lacks columns");
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
      const ColumnChunkMetadata& chunk = metadata.columns[leaf];
      if (chunk.type != leaves_[leaf].shape.type || !IsKnownCodec(chunk.codec)) {
        return Error(ErrorKind::kCorrupt, "a column chunk is of another type or compression: ", leaves_[leaf].path[0]);
      }
      TRY_ASSIGN(LeafIndex index, ReadLeaf(chunk, leaves_[leaf].path[0], row_group.rows));
      row_group.leaves.push_back(std::move(index));
    }
    std::vector<KeyColumnPages> keys;
    // Keys are flat, and the first columns.
    for (size_t key = 0; key < static_cast<size_t>(schema_.row_key_count()); ++key) {
      TRY_ASSIGN(KeyColumnPages pages, ReadKeyPages(metadata.columns[key], key, row_group.leaves[key]));
      keys.push_back(std::move(pages));
    }
    TRY_ASSIGN(row_group.key_pages, KeyPagesOf(keys, row_group.rows));
    return row_group;
  }

  Result<LeafIndex> ReadLeaf(const ColumnChunkMetadata& chunk, const std::string& name, int64_t rows) {
    LeafIndex leaf{.codec = chunk.codec, .encodings = 0};
    for (const Encoding encoding : chunk.encodings) leaf.encodings |= SetOf(encoding);
    if (chunk.offset_index.size == 0) return Corrupt("a column lacks its offset index");
    TRY_ASSIGN(const auto bytes, Locate(tail_, tail_begin_ + tail_.size(), chunk.offset_index, "offset index"));
    TRY_ASSIGN(leaf.pages, ParseOffsetIndex(bytes));
    if (leaf.pages.empty()) return Corrupt("a column has no pages");
    int64_t at = chunk.data_page_offset;
    if (chunk.dictionary_page_offset != 0) {
      if (chunk.dictionary_page_offset < 0 || chunk.dictionary_page_offset >= at) {
        return Corrupt("a dictionary page lies outside the file");
      }
      leaf.dictionary = {chunk.dictionary_page_offset, at - chunk.dictionary_page_offset};
    }
    int64_t row = 0;
    for (size_t i = 0; i < leaf.pages.size(); ++i) {
      const PageLocation& page = leaf.pages[i];
      const bool in_place = page.offset == at && page.bytes > 0 && at >= 0 && at <= tail_begin_ - page.bytes;
      const bool in_order = i == 0 ? page.first_row == 0 : page.first_row > row && page.first_row < rows;
      if (!in_place || !in_order) return Error(ErrorKind::kCorrupt, "the offset index is wrong about page ", i);
      at += page.bytes;
      row = page.first_row;
    }
    // Whoever copies row groups adds these up.
    const int64_t chunk_bytes = leaf.dictionary.size + at - chunk.data_page_offset;
    const int64_t bytes_max = chunk_bytes + (static_cast<int64_t>(leaf.pages.size()) + 1) * kPageBytesMax;
    if (chunk.compressed_bytes != chunk_bytes || chunk.uncompressed_bytes < 0 || chunk.uncompressed_bytes > bytes_max) {
      return Error(ErrorKind::kCorrupt, "the footer has another size of column ", name);
    }
    return leaf;
  }

  /// Finds the filters of a row group, each with its checksums.
  Status ReadBloomFilters(const RowGroupMetadata& metadata, size_t number, RowGroupIndex& row_group) {
    size_t next = 0;
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
      const ByteRange& filter = metadata.columns[leaf].bloom_filter;
      if (filter.size == 0 && filter.offset == 0) continue;
      const bool in_place = filter.size >= kBloomBytesMin && filter.size < 2 * kBloomBytesMax && filter.offset >= 0 &&
                            filter.offset <= tail_begin_ - filter.size;
      if (!in_place) return Corrupt("a Bloom filter lies outside the file's data");
      const bool known = number < bloom_checksums_.size() && next < bloom_checksums_[number].size();
      if (!known) return Corrupt("the footer lacks the checksums of a Bloom filter");
      const ByteRange bits = BloomBitsIn(filter);
      std::vector<uint32_t>& checksums = bloom_checksums_[number][next++];
      if (static_cast<int64_t>(checksums.size()) != (bits.size + kBloomSectorBytes - 1) / kBloomSectorBytes) {
        return Corrupt("the footer has the checksums of a Bloom filter of another size");
      }
      row_group.leaves[leaf].bloom = BloomIndex{.bits = bits, .checksums = std::move(checksums)};
    }
    return Status::OK();
  }

  Result<KeyColumnPages> ReadKeyPages(const ColumnChunkMetadata& chunk, size_t key, const LeafIndex& leaf) {
    KeyColumnPages pages{.type = schema_.field(static_cast<int>(key)).type.kind()};
    for (const PageLocation& page : leaf.pages) pages.first_rows.push_back(page.first_row);
    TRY_ASSIGN(std::optional<ColumnIndex> index, ReadColumnIndex(tail_, tail_begin_ + tail_.size(), chunk));
    // A key that is too long for it leaves the chunk without a column index.
    if (!index) return pages;
    if (index->min_values.size() != pages.first_rows.size()) {
      return Corrupt("a column index and its offset index differ in their number of pages");
    }
    pages.min_values = std::move(index->min_values);
    pages.max_values = std::move(index->max_values);
    return pages;
  }

  const Buffer& tail_;
  int64_t tail_begin_;
  const model::Schema& schema_;
  std::vector<Leaf> leaves_;
  /// By row group and, of those that have one, by column; taken away as they are used.
  std::vector<std::vector<std::vector<uint32_t>>> bloom_checksums_;
};

}  // namespace

bool KeyPage::Overlaps(const model::KeyInterval& interval) const {
  if (interval.upper && *interval.upper <= lower) return false;
  return !last_prefix || std::string_view(interval.lower).substr(0, last_prefix->size()) <= *last_prefix;
}

bool KeyPage::IsWithin(const model::KeyInterval& interval) const {
  if (lower < interval.lower) return false;
  // Below the upper bound is what begins with a prefix only if the prefix, cut to be comparable, is already less.
  return !interval.upper ||
         (last_prefix && *last_prefix < std::string_view(*interval.upper).substr(0, last_prefix->size()));
}

Result<int64_t> TailBytesOf(const Buffer& end_of_file, int64_t size_bytes) {
  TRY_ASSIGN(const int64_t footer_bytes, FooterBytes(end_of_file, size_bytes));
  if (footer_bytes + kEndBytes > end_of_file.size()) return footer_bytes + kEndBytes;
  TRY_ASSIGN(const ParquetMetadata metadata, ParseFooter(end_of_file, footer_bytes));
  int64_t begin = size_bytes - kEndBytes - footer_bytes;
  for (const RowGroupMetadata& row_group : metadata.row_groups) {
    for (const ColumnChunkMetadata& chunk : row_group.columns) {
      for (const ByteRange& index : {chunk.column_index, chunk.offset_index}) {
        if (index.size != 0) begin = std::min(begin, index.offset);
      }
    }
  }
  if (begin < 0) return Corrupt("an index lies outside the file");
  return size_bytes - begin;
}

Result<std::optional<ColumnIndex>> ReadColumnIndex(const Buffer& tail, int64_t size_bytes,
                                                   const ColumnChunkMetadata& chunk) {
  if (chunk.column_index.size == 0) return std::nullopt;
  TRY_ASSIGN(const auto bytes, Locate(tail, size_bytes, chunk.column_index, "column index"));
  TRY_ASSIGN(ColumnIndex index, ParseColumnIndex(bytes));
  return index;
}

Result<FileIndex> ReadFileIndex(const Buffer& tail, int64_t size_bytes, const model::Schema& schema) {
  TRY(CheckTail(tail.span()));
  TRY_ASSIGN(const int64_t footer_bytes, FooterBytes(tail, size_bytes));
  if (footer_bytes + kEndBytes > tail.size()) return Corrupt("the footer is longer than the file's recorded tail");
  return TailReader(tail, size_bytes, schema).Read(footer_bytes, size_bytes);
}

}  // namespace sleeper::file
