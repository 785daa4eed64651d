#include "sleeper/file/column_chunk_writer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sleeper::file {

ColumnChunkWriter::ColumnChunkWriter(Leaf leaf, const ColumnSettings& settings)
    : leaf_(std::move(leaf)), settings_(settings), rows_(leaf_.shape), encoder_(settings.encoding) {
  if (settings.statistics) statistics_.emplace(leaf_.shape, *settings.statistics);
  if (settings.bloom_bits > 0) bloom_filter_.emplace(settings.bloom_bits);
  if (settings.dictionary && leaf_.shape.type != PhysicalType::kBoolean) dictionary_.emplace(leaf_.shape.type);
  Clear();
}

void ColumnChunkWriter::Clear() {
  rows_.Clear();
  if (dictionary_) dictionary_->Clear();
  pages_.Clear();
  dictionary_page_.Clear();
  locations_.clear();
  row_count_ = 0;
  value_count_ = 0;
  uncompressed_bytes_ = 0;
  headers_.clear();
  encodings_ = {Encoding::kRle};
  if (statistics_) statistics_->Clear();
  if (bloom_filter_) bloom_filter_->Clear();
}

int64_t ColumnChunkWriter::bytes() const {
  return static_cast<int64_t>(pages_.size()) + rows_.value_bytes() +
         (dictionary_ ? static_cast<int64_t>(dictionary_->plain().size()) : 0);
}

Status ColumnChunkWriter::Append(const LeafArray& array, int64_t begin, int64_t count) {
  while (count > 0) {
    const int64_t room = std::max<int64_t>(1, settings_.page_bytes_max - rows_.value_bytes());
    int64_t rows = 0;
    if (array.elements != nullptr) {
      rows = ListsWithin(leaf_.shape, *array.rows, *array.elements, begin, count, room);
      rows_.AppendLists(*array.rows, *array.elements, begin, rows);
    } else {
      rows = RowsWithin(leaf_.shape, *array.rows, begin, count, room);
      rows_.Append(*array.rows, begin, rows);
    }
    begin += rows;
    count -= rows;
    if (rows_.value_bytes() >= settings_.page_bytes_max) TRY(EndPage());
  }
  return Status::OK();
}

int64_t ColumnChunkWriter::RowsAtATime() const {
  // Lists are counted one by one while they are appended.
  if (leaf_.shape.repeated) return std::numeric_limits<int64_t>::max();
  constexpr int64_t kFirstRows = 16;
  const int64_t row_bytes = rows_.rows > 0 ? rows_.value_bytes() / rows_.rows + 1 : row_bytes_;
  if (row_bytes == 0) return kFirstRows;
  return std::max<int64_t>(1, (settings_.page_bytes_max - rows_.value_bytes()) / 2 / row_bytes);
}

Status ColumnChunkWriter::PageGrew() {
  return rows_.value_bytes() >= settings_.page_bytes_max ? EndPage() : Status::OK();
}

void ColumnChunkWriter::NoteEncoding(Encoding encoding) {
  if (std::find(encodings_.begin(), encodings_.end(), encoding) == encodings_.end()) encodings_.push_back(encoding);
}

Status ColumnChunkWriter::EndPage() {
  if (rows_.rows == 0) return Status::OK();
  row_bytes_ = rows_.value_bytes() / rows_.rows + 1;
  if (statistics_) statistics_->AddPage(rows_);
  if (bloom_filter_) bloom_filter_->AddPage(rows_);
  const size_t begin = pages_.size();
  std::optional<std::span<const uint32_t>> indexes;
  if (dictionary_) indexes = dictionary_->Add(rows_);
  TRY_ASSIGN(const PageHeader header, encoder_.Append(rows_, indexes, dictionary_ ? dictionary_->size() : 0, pages_));
  const auto bytes = static_cast<int64_t>(pages_.size() - begin);
  locations_.push_back({static_cast<int64_t>(begin), static_cast<int32_t>(bytes), row_count_});
  row_count_ += rows_.rows;
  value_count_ += header.values;
  uncompressed_bytes_ += bytes - header.compressed_bytes + header.uncompressed_bytes;
  headers_ += HeaderOf(header, pages_, begin);
  NoteEncoding(header.encoding);
  rows_.Clear();
  return Status::OK();
}

std::string_view ColumnChunkWriter::HeaderOf(const PageHeader& header, const ByteArray& pages, size_t begin) {
  return {reinterpret_cast<const char*>(pages.data()) + begin,
          pages.size() - begin - static_cast<size_t>(header.compressed_bytes)};
}

bool ColumnChunkWriter::IsComplete() const {
  int64_t end = 0;
  for (const PageLocation& page : locations_) {
    if (page.offset != end) return false;
    end += page.bytes;
  }
  return end == static_cast<int64_t>(pages_.size());
}

Result<WrittenChunk> ColumnChunkWriter::Finish(int64_t offset) {
  TRY(EndPage());
  if (!IsComplete()) return Error(ErrorKind::kInternal, "pages to be written do not lie side by side");
  WrittenChunk chunk{.metadata = {.type = leaf_.shape.type, .path = leaf_.path, .codec = settings_.encoding.codec()}};
  if (dictionary_ && std::count(encodings_.begin(), encodings_.end(), Encoding::kRleDictionary) > 0) {
    TRY_ASSIGN(const PageHeader header,
               encoder_.AppendDictionary(dictionary_->plain().span(), dictionary_->size(), dictionary_page_));
    uncompressed_bytes_ +=
        static_cast<int64_t>(dictionary_page_.size()) - header.compressed_bytes + header.uncompressed_bytes;
    NoteEncoding(header.encoding);
    chunk.headers = HeaderOf(header, dictionary_page_, 0);
    chunk.metadata.dictionary_page_offset = offset;
  }
  chunk.headers += headers_;
  chunk.dictionary = dictionary_page_.span();
  chunk.pages = pages_.span();
  const int64_t pages_begin = offset + static_cast<int64_t>(chunk.dictionary.size());
  chunk.metadata.encodings = encodings_;
  chunk.metadata.values = value_count_;
  chunk.metadata.uncompressed_bytes = uncompressed_bytes_;
  chunk.metadata.compressed_bytes = static_cast<int64_t>(chunk.dictionary.size() + chunk.pages.size());
  chunk.metadata.data_page_offset = pages_begin;
  chunk.offset_index = locations_;
  for (PageLocation& location : chunk.offset_index) location.offset += pages_begin;
  if (statistics_) {
    chunk.metadata.statistics = statistics_->statistics();
    chunk.column_index = statistics_->TakeIndex();
  }
  if (bloom_filter_) chunk.bloom_filter = bloom_filter_->Finish();
  return chunk;
}

}  // namespace sleeper::file
