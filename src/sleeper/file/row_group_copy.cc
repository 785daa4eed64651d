#include "sleeper/file/row_group_copy.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/page_check.h"

namespace sleeper::file {

void RowGroupCopy::MoveTo(int64_t begin) {
  const int64_t shift = begin - range.offset;
  range.offset = begin;
  for (size_t i = 0; i < metadata.columns.size(); ++i) {
    ColumnChunkMetadata& chunk = metadata.columns[i];
    chunk.data_page_offset += shift;
    if (chunk.dictionary_page_offset != 0) chunk.dictionary_page_offset += shift;
    if (chunk.bloom_filter.size != 0) chunk.bloom_filter.offset += shift;
    for (PageLocation& page : offset_indexes[i]) page.offset += shift;
  }
}

CopyableRowGroups::CopyableRowGroups(Made, std::shared_ptr<const FileIndex> index,
                                     std::vector<RowGroupSummary> summaries)
    : index_(std::move(index)), summaries_(std::move(summaries)) {}

Result<std::shared_ptr<const CopyableRowGroups>> CopyableRowGroups::Read(const Buffer& tail,
                                                                         std::shared_ptr<const FileIndex> index,
                                                                         const model::Schema& schema) {
  const ParquetMetadata& footer = index->footer;
  TRY_ASSIGN(std::vector<RowGroupSummary> summaries, ReadRowGroupItem(footer.key_values, schema));
  if (summaries.size() != footer.row_groups.size()) return nullptr;
  const auto groups = std::make_shared<CopyableRowGroups>(Made(), index, std::move(summaries));
  for (size_t i = 0; i < footer.row_groups.size(); ++i) {
    for (const LeafIndex& leaf : index->row_groups[i].leaves) {
      if (leaf.bloom) groups->summaries_[i].bloom_checksums.push_back(leaf.bloom->checksums);
    }
    auto& column_indexes = groups->column_indexes_.emplace_back();
    for (const ColumnChunkMetadata& chunk : footer.row_groups[i].columns) {
      TRY_ASSIGN(column_indexes.emplace_back(), ReadColumnIndex(tail, index->summary.size_bytes, chunk));
    }
  }
  return groups;
}

RowGroupCopy CopyableRowGroups::Describe(size_t row_group) const {
  RowGroupCopy copy{.summary = summaries_[row_group],
                    .metadata = index_->footer.row_groups[row_group],
                    .column_indexes = column_indexes_[row_group]};
  for (const LeafIndex& leaf : index_->row_groups[row_group].leaves) copy.offset_indexes.push_back(leaf.pages);
  // Chunks lie side by side, each with its dictionary in front.
  const ColumnChunkMetadata& first = copy.metadata.columns.front();
  const PageLocation& last = copy.offset_indexes.back().back();
  copy.range.offset = first.dictionary_page_offset != 0 ? first.dictionary_page_offset : first.data_page_offset;
  int64_t end = last.offset + last.bytes;
  for (const ColumnChunkMetadata& chunk : copy.metadata.columns) {
    if (chunk.bloom_filter.size != 0) end = chunk.bloom_filter.end();
  }
  copy.range.size = end - copy.range.offset;
  return copy;
}

namespace {

/// Hands out pages that lie side by side.
class PagesInOrder {
 public:
  explicit PagesInOrder(const std::vector<Buffer>& buffers) : buffers_(buffers) {}

  Result<std::span<const uint8_t>> Next(int64_t size) {
    if (next_ < buffers_.size() && used_ == buffers_[next_].size()) {
      ++next_;
      used_ = 0;
    }
    if (next_ == buffers_.size() || size > buffers_[next_].size() - used_) return NotSideBySide();
    const auto page = buffers_[next_].span().subspan(static_cast<size_t>(used_), static_cast<size_t>(size));
    used_ += size;
    return page;
  }

  static Status NotSideBySide() {
    return Error(ErrorKind::kCorrupt, "the column chunks of a row group do not lie side by side");
  }

 private:
  const std::vector<Buffer>& buffers_;
  size_t next_ = 0;
  int64_t used_ = 0;
};

/// Proves the filters, which lie in order from `at` on.
Status CheckBloomFilters(const RowGroupCopy& copy, int64_t at, PagesInOrder& in_order) {
  size_t next = 0;
  for (const ColumnChunkMetadata& chunk : copy.metadata.columns) {
    const ByteRange& filter = chunk.bloom_filter;
    if (filter.size == 0) continue;
    if (filter.offset != at || next == copy.summary.bloom_checksums.size()) return PagesInOrder::NotSideBySide();
    TRY_ASSIGN(const auto bytes, in_order.Next(filter.size));
    TRY(ProvedBloomBits(bytes, copy.summary.bloom_checksums[next++]).status());
    at += filter.size;
  }
  return Status::OK();
}

}  // namespace

Status CheckPages(const RowGroupCopy& copy) {
  PagesInOrder in_order(copy.bytes);
  uint32_t headers_crc = 0;
  // Proves the bytes of a page by its checksum, which its header says.
  const auto check = [&headers_crc](std::span<const uint8_t> bytes) -> Result<ParsedPageHeader> {
    TRY_ASSIGN(const ParsedPageHeader parsed, CheckPage(bytes));
    headers_crc = Crc32(headers_crc, bytes.first(static_cast<size_t>(parsed.bytes)));
    return parsed;
  };
  int64_t at = copy.range.offset;
  for (size_t i = 0; i < copy.metadata.columns.size(); ++i) {
    const ColumnChunkMetadata& chunk = copy.metadata.columns[i];
    const int64_t begin = chunk.dictionary_page_offset != 0 ? chunk.dictionary_page_offset : chunk.data_page_offset;
    if (begin != at) return PagesInOrder::NotSideBySide();
    if (chunk.dictionary_page_offset != 0) {
      TRY_ASSIGN(const auto dictionary, in_order.Next(chunk.data_page_offset - begin));
      TRY(check(dictionary).status());
    }
    const OffsetIndex& pages = copy.offset_indexes[i];
    for (size_t page = 0; page < pages.size(); ++page) {
      TRY_ASSIGN(const auto bytes, in_order.Next(pages[page].bytes));
      TRY_ASSIGN(const ParsedPageHeader parsed, check(bytes));
      const int64_t next = page + 1 < pages.size() ? pages[page + 1].first_row : copy.metadata.rows;
      if (parsed.header.type != PageType::kDataV2 || parsed.header.rows != next - pages[page].first_row) {
        return Error(ErrorKind::kCorrupt, "a page's header and the index differ in its rows");
      }
    }
    at = pages.back().offset + pages.back().bytes;
  }
  // And so that of all headers proves all bytes.
  if (headers_crc != copy.summary.headers_crc) {
    return Error(ErrorKind::kCorrupt, "the headers of its pages are not those that were written");
  }
  return CheckBloomFilters(copy, at, in_order);
}

}  // namespace sleeper::file
