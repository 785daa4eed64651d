#include "sleeper/file/file_index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <arrow/util/key_value_metadata.h>
#include <parquet/properties.h>

#include "sleeper/file/key_pages.h"
#include "sleeper/file/parquet_fence.h"
#include "sleeper/file/parquet_schema.h"

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

std::shared_ptr<parquet::FileMetaData> ParseFooter(const Buffer& end_of_file, int64_t footer_bytes) {
  const uint8_t* begin = end_of_file.data() + end_of_file.size() - kEndBytes - footer_bytes;
  return parquet::FileMetaData::Make(begin, footer_bytes, parquet::default_reader_properties());
}

/// Reads the parts of the tail that the footer points at.
class TailReader {
 public:
  TailReader(const Buffer& tail, int64_t size_bytes, const model::Schema& schema)
      : tail_(tail), tail_begin_(size_bytes - tail.size()), schema_(schema), leaves_(LeavesOf(schema)) {}

  Result<FileIndex> Read(int64_t footer_bytes, int64_t size_bytes) {
    FileIndex index;
    index.metadata = ParseFooter(tail_, footer_bytes);
    TRY(CheckParquetSchema(*index.metadata->schema(), schema_));
    if (index.metadata->key_value_metadata() == nullptr) return Corrupt("the footer says nothing of tables");
    TRY_ASSIGN(index.summary, ReadFooterMetadata(*index.metadata->key_value_metadata(), schema_));
    index.summary.size_bytes = size_bytes;
    index.summary.tail_bytes = tail_.size();
    int64_t rows = 0;
    for (int i = 0; i < index.metadata->num_row_groups(); ++i) {
      TRY_ASSIGN(RowGroupIndex row_group, ReadRowGroup(*index.metadata->RowGroup(i)));
      rows += row_group.rows;
      index.row_groups.push_back(std::move(row_group));
    }
    if (rows != index.summary.rows || rows != index.metadata->num_rows()) {
      return Error(ErrorKind::kCorrupt, "the footer's counts of rows differ: ", index.summary.rows, ", ", rows);
    }
    return index;
  }

 private:
  /// The bytes that a location in the footer points at, which must lie in the tail.
  Result<std::span<const uint8_t>> Locate(const std::optional<parquet::IndexLocation>& location,
                                          std::string_view what) {
    if (!location) return Error(ErrorKind::kCorrupt, "a column lacks its ", what);
    const int64_t begin = location->offset - tail_begin_;
    if (location->length <= 0 || begin < 0 || begin > tail_.size() - location->length) {
      return Error(ErrorKind::kCorrupt, "the ", what, " lies outside the file's tail: at ", location->offset);
    }
    return tail_.span().subspan(static_cast<size_t>(begin), static_cast<size_t>(location->length));
  }

  Result<RowGroupIndex> ReadRowGroup(const parquet::RowGroupMetaData& metadata) {
    RowGroupIndex row_group{.rows = metadata.num_rows()};
    if (row_group.rows <= 0) return Error(ErrorKind::kCorrupt, "a row group of so many rows: ", row_group.rows);
    if (metadata.num_columns() != metadata.schema()->num_columns()) return Corrupt("a row group lacks columns");
    for (int leaf = 0; leaf < metadata.num_columns(); ++leaf) {
      TRY_ASSIGN(LeafIndex index, ReadLeaf(*metadata.ColumnChunk(leaf), row_group.rows));
      row_group.leaves.push_back(std::move(index));
    }
    std::vector<KeyColumnPages> keys;
    for (int key = 0; key < schema_.row_key_count(); ++key) {
      TRY_ASSIGN(KeyColumnPages pages, ReadKeyPages(metadata, key, row_group));
      keys.push_back(std::move(pages));
    }
    TRY_ASSIGN(row_group.key_pages, KeyPagesOf(keys, row_group.rows));
    return row_group;
  }

  Result<LeafIndex> ReadLeaf(const parquet::ColumnChunkMetaData& chunk, int64_t rows) {
    LeafIndex leaf{.codec = chunk.compression()};
    TRY_ASSIGN(const auto bytes, Locate(chunk.GetOffsetIndexLocation(), "offset index"));
    const auto index = parquet::OffsetIndex::Make(bytes.data(), static_cast<int64_t>(bytes.size()), properties_);
    leaf.pages = index->page_locations();
    if (leaf.pages.empty()) return Corrupt("a column has no pages");
    int64_t at = chunk.data_page_offset();
    if (chunk.has_dictionary_page()) {
      leaf.dictionary = {chunk.dictionary_page_offset(), at - chunk.dictionary_page_offset()};
      if (leaf.dictionary.offset < 0 || leaf.dictionary.size <= 0)
        return Corrupt("a dictionary page lies outside the file");
    }
    int64_t row = 0;
    for (size_t i = 0; i < leaf.pages.size(); ++i) {
      const parquet::PageLocation& page = leaf.pages[i];
      const bool in_place = page.offset == at && page.compressed_page_size > 0 && at >= 0 &&
                            at <= tail_begin_ - page.compressed_page_size;
      const bool in_order =
          i == 0 ? page.first_row_index == 0 : page.first_row_index > row && page.first_row_index < rows;
      if (!in_place || !in_order) return Error(ErrorKind::kCorrupt, "the offset index is wrong about page ", i);
      at += page.compressed_page_size;
      row = page.first_row_index;
    }
    return leaf;
  }

  Result<KeyColumnPages> ReadKeyPages(const parquet::RowGroupMetaData& metadata, int key,
                                      const RowGroupIndex& row_group) {
    const int leaf = leaves_[static_cast<size_t>(key)].first;
    const auto chunk = metadata.ColumnChunk(leaf);
    KeyColumnPages pages{.type = schema_.field(key).type.kind()};
    for (const parquet::PageLocation& page : row_group.leaves[static_cast<size_t>(leaf)].pages) {
      pages.first_rows.push_back(page.first_row_index);
    }
    // A key that is too long for it leaves the chunk without a column index.
    if (!chunk->GetColumnIndexLocation()) return pages;
    TRY_ASSIGN(const auto bytes, Locate(chunk->GetColumnIndexLocation(), "column index"));
    const auto index = parquet::ColumnIndex::Make(*metadata.schema()->Column(leaf), bytes.data(),
                                                  static_cast<int64_t>(bytes.size()), properties_);
    pages.min_values = index->encoded_min_values();
    pages.max_values = index->encoded_max_values();
    const size_t count = pages.first_rows.size();
    if (pages.min_values.size() != count || pages.max_values.size() != count) {
      return Corrupt("a column index and its offset index differ in their number of pages");
    }
    return pages;
  }

  const Buffer& tail_;
  int64_t tail_begin_;
  const model::Schema& schema_;
  std::vector<LeafRange> leaves_;
  parquet::ReaderProperties properties_;
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
  return Fence(ErrorKind::kCorrupt, [&]() -> Result<int64_t> {
    const auto metadata = ParseFooter(end_of_file, footer_bytes);
    int64_t begin = size_bytes - kEndBytes - footer_bytes;
    for (int i = 0; i < metadata->num_row_groups(); ++i) {
      const auto row_group = metadata->RowGroup(i);
      for (int leaf = 0; leaf < row_group->num_columns(); ++leaf) {
        const auto chunk = row_group->ColumnChunk(leaf);
        for (const auto& location : {chunk->GetColumnIndexLocation(), chunk->GetOffsetIndexLocation()}) {
          if (location) begin = std::min(begin, location->offset);
        }
      }
    }
    if (begin < 0) return Corrupt("an index lies outside the file");
    return size_bytes - begin;
  });
}

Result<FileIndex> ReadFileIndex(const Buffer& tail, int64_t size_bytes, const model::Schema& schema) {
  TRY_ASSIGN(const int64_t footer_bytes, FooterBytes(tail, size_bytes));
  if (footer_bytes + kEndBytes > tail.size()) return Corrupt("the footer is longer than the file's recorded tail");
  return Fence(ErrorKind::kCorrupt,
               [&] { return TailReader(tail, size_bytes, schema).Read(footer_bytes, size_bytes); });
}

}  // namespace sleeper::file
