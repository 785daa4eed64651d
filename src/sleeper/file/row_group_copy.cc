#include "sleeper/file/row_group_copy.h"

#include <algorithm>
#include <utility>

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
    for (PageLocation& page : offset_indexes[i]) page.offset += shift;
  }
}

CopyableRowGroups::CopyableRowGroups(Made, ParquetMetadata metadata, std::vector<RowGroupSummary> summaries)
    : metadata_(std::move(metadata)), summaries_(std::move(summaries)) {}

Result<std::shared_ptr<const CopyableRowGroups>> CopyableRowGroups::Read(const Buffer& tail, int64_t size_bytes,
                                                                         const model::Schema& schema) {
  TRY_ASSIGN(ParquetMetadata metadata, ReadFooter(tail, size_bytes));
  TRY_ASSIGN(std::vector<RowGroupSummary> summaries, ReadRowGroupItem(metadata.key_values, schema));
  if (summaries.size() != metadata.row_groups.size()) return nullptr;
  auto groups = std::make_shared<CopyableRowGroups>(Made(), std::move(metadata), std::move(summaries));
  const int64_t tail_begin = size_bytes - tail.size();
  const auto locate = [&](const ByteRange& range) {
    return tail.span().subspan(static_cast<size_t>(range.offset - tail_begin), static_cast<size_t>(range.size));
  };
  for (const RowGroupMetadata& row_group : groups->metadata_.row_groups) {
    auto& offset_indexes = groups->offset_indexes_.emplace_back();
    auto& column_indexes = groups->column_indexes_.emplace_back();
    for (const ColumnChunkMetadata& chunk : row_group.columns) {
      TRY_ASSIGN(OffsetIndex offset_index, ParseOffsetIndex(locate(chunk.offset_index)));
      offset_indexes.push_back(std::move(offset_index));
      auto& column_index = column_indexes.emplace_back();
      if (chunk.column_index.size == 0) continue;
      // Those of value columns were not looked at before.
      const bool inside = chunk.column_index.size > 0 && chunk.column_index.offset >= tail_begin &&
                          chunk.column_index.offset <= size_bytes - chunk.column_index.size;
      if (!inside) return Error(ErrorKind::kCorrupt, "a column index lies outside the file's tail");
      TRY_ASSIGN(column_index, ParseColumnIndex(locate(chunk.column_index)));
    }
  }
  return groups;
}

RowGroupCopy CopyableRowGroups::Describe(size_t row_group) const {
  RowGroupCopy copy{.summary = summaries_[row_group],
                    .metadata = metadata_.row_groups[row_group],
                    .offset_indexes = offset_indexes_[row_group],
                    .column_indexes = column_indexes_[row_group]};
  // Chunks lie side by side, each with its dictionary in front.
  const ColumnChunkMetadata& first = copy.metadata.columns.front();
  const PageLocation& last = copy.offset_indexes.back().back();
  copy.range.offset = first.dictionary_page_offset != 0 ? first.dictionary_page_offset : first.data_page_offset;
  copy.range.size = last.offset + last.bytes - copy.range.offset;
  return copy;
}

Status CheckPages(const RowGroupCopy& copy) {
  int64_t at = copy.range.offset;
  for (size_t i = 0; i < copy.metadata.columns.size(); ++i) {
    const ColumnChunkMetadata& chunk = copy.metadata.columns[i];
    const auto bytes_at = [&](int64_t offset, int64_t size) {
      return copy.bytes.span().subspan(static_cast<size_t>(offset - copy.range.offset), static_cast<size_t>(size));
    };
    const int64_t begin = chunk.dictionary_page_offset != 0 ? chunk.dictionary_page_offset : chunk.data_page_offset;
    const OffsetIndex& pages = copy.offset_indexes[i];
    const int64_t end = pages.back().offset + pages.back().bytes;
    if (begin != at || end > copy.range.offset + copy.bytes.size()) {
      return Error(ErrorKind::kCorrupt, "the column chunks of a row group do not lie side by side");
    }
    if (chunk.dictionary_page_offset != 0) {
      TRY(CheckPage(bytes_at(begin, chunk.data_page_offset - begin)).status());
    }
    for (size_t page = 0; page < pages.size(); ++page) {
      TRY_ASSIGN(const ParsedPageHeader parsed, CheckPage(bytes_at(pages[page].offset, pages[page].bytes)));
      const int64_t next = page + 1 < pages.size() ? pages[page + 1].first_row : copy.metadata.rows;
      if (parsed.header.type != PageType::kDataV2 || parsed.header.rows != next - pages[page].first_row) {
        return Error(ErrorKind::kCorrupt, "a page's header and the index differ in its rows");
      }
    }
    at = end;
  }
  return Status::OK();
}

}  // namespace sleeper::file
