#include "sleeper/exchange/parquet_file.h"

#include <algorithm>
#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include "sleeper/exchange/arrow_input.h"
#include "sleeper/exchange/foreign_status.h"
#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

constexpr std::string_view kMagic = "PAR1";
constexpr std::string_view kEncryptedMagic = "PARE";
/// Per column; what has been read ahead of the pages in use.
constexpr int64_t kReadAheadBytes = int64_t{1} << 20;
/// Where Parquet's reader looks for the footer, and mostly finds all of it.
constexpr int64_t kFooterBytes = int64_t{64} << 10;
/// Column chunks that say to be larger count as this large, so that sums cannot overflow.
constexpr int64_t kStatedBytesMax = int64_t{1} << 40;

Status PrefetchEnds(InputSource& source, const CallContext& call) {
  const int64_t size = *source.size();
  const int64_t tail = std::min(size, kFooterBytes);
  const ByteRange ends[] = {{0, std::min(size, static_cast<int64_t>(kMagic.size()))}, {size - tail, tail}};
  return source.Prefetch(ends, call);
}

// Says what is wrong in words of the user, where Parquet's reader would speak of magic bytes.
Status CheckMagic(InputSource& source, const CallContext& call) {
  const int64_t size = *source.size();
  const auto magic = static_cast<int64_t>(kMagic.size());
  if (size == 0) return Error(ErrorKind::kInvalid, source.name(), ": the file is empty");
  TRY_ASSIGN(const Buffer head, source.ReadAt({0, std::min(size, magic)}, call));
  if (head.view() == kEncryptedMagic)
    return Error(ErrorKind::kInvalid, source.name(), ": the Parquet file is encrypted");
  if (head.view() != kMagic) {
    return Error(ErrorKind::kInvalid, source.name(), ": not a Parquet file; it begins with ", ShownValue(head.view()));
  }
  if (size >= 3 * magic) {
    TRY_ASSIGN(const Buffer tail, source.ReadAt({size - magic, magic}, call));
    if (tail.view() == kMagic) return Status::OK();
  }
  return Error(ErrorKind::kInvalid, source.name(), ": the Parquet file is truncated: its end is missing");
}

parquet::ReaderProperties ReaderSettings(arrow::MemoryPool* memory) {
  parquet::ReaderProperties settings(memory);
  // Reads a column chunk in pieces instead of whole: memory does not grow with the row groups of foreign writers.
  settings.enable_buffered_stream();
  settings.set_buffer_size(kReadAheadBytes);
  settings.set_page_checksum_verification(true);
  return settings;
}

parquet::ArrowReaderProperties ArrowSettings(ParquetFile::Int96 int96) {
  parquet::ArrowReaderProperties settings;
  settings.set_use_threads(false);
  settings.set_pre_buffer(false);
  settings.set_coerce_int96_timestamp_unit(int96 == ParquetFile::Int96::kMicroseconds ? arrow::TimeUnit::MICRO
                                                                                      : arrow::TimeUnit::NANO);
  return settings;
}

// How many rows make a batch, going by the sizes that the file states.
int64_t BatchRows(const parquet::RowGroupMetaData& row_group, const std::vector<int>& leaves,
                  const InputOptions& options) {
  int64_t bytes = 0;
  for (const int leaf : leaves) {
    const int64_t size = std::max<int64_t>(0, row_group.ColumnChunk(leaf)->total_uncompressed_size());
    bytes += std::min(size, kStatedBytesMax);
  }
  const int64_t row_bytes = bytes / std::max<int64_t>(1, row_group.num_rows()) + 1;
  return std::clamp<int64_t>(options.batch_bytes_max / row_bytes, 1, options.batch_rows_max);
}

void AddLeaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const parquet::arrow::SchemaField& child : field.children) AddLeaves(child, leaves);
}

}  // namespace

ParquetFile::ParquetFile(std::string name, int64_t page_bytes_max)
    : name_(std::move(name)),
      page_bytes_max_(page_bytes_max),
      memory_(std::make_unique<PageMemory>(name_, std::max(page_bytes_max, kReadAheadBytes))) {}

ParquetFile::ParquetFile(ParquetFile&&) noexcept = default;
ParquetFile::~ParquetFile() = default;

Result<ParquetFile> ParquetFile::Open(InputSource& source, const Settings& settings, const CallContext& call) {
  TRY(PrefetchEnds(source, call));
  TRY(CheckMagic(source, call));
  return Fenced(source.name(), [&]() -> Result<ParquetFile> {
    ParquetFile file(source.name(), settings.page_bytes_max);
    parquet::arrow::FileReaderBuilder builder;
    TRY(builder.Open(ToArrowFile(source, call), ReaderSettings(file.memory_.get())));
    TRY_ASSIGN(file.reader_, builder.properties(ArrowSettings(settings.int96))->Build());
    TRY(file.reader_->GetSchema(&file.schema_));
    const std::shared_ptr<parquet::FileMetaData> metadata = file.reader_->parquet_reader()->metadata();
    file.rows_ = metadata->num_rows();
    file.row_groups_ = metadata->num_row_groups();
    return file;
  });
}

Result<std::vector<int>> ParquetFile::LeavesOf(std::span<const int> columns) const {
  const std::vector<parquet::arrow::SchemaField>& fields = reader_->manifest().schema_fields;
  std::vector<int> leaves;
  for (const int column : columns) {
    if (static_cast<size_t>(column) >= fields.size()) {
      return Error(ErrorKind::kInvalid, name_, ": the file's schema does not match its columns");
    }
    AddLeaves(fields[static_cast<size_t>(column)], leaves);
  }
  return leaves;
}

std::optional<FlatColumn> ParquetFile::FlatColumnOf(int column) const {
  const std::vector<parquet::arrow::SchemaField>& fields = reader_->manifest().schema_fields;
  if (static_cast<size_t>(column) >= fields.size() || !fields[static_cast<size_t>(column)].is_leaf()) {
    return std::nullopt;
  }
  const parquet::arrow::SchemaField& field = fields[static_cast<size_t>(column)];
  return exchange::FlatColumnOf(*reader_->parquet_reader()->metadata()->schema()->Column(field.column_index),
                                *field.field);
}

Result<std::optional<FlatChunk>> ParquetFile::FlatChunkOf(int row_group, int column, int64_t file_bytes) const {
  return Fenced(name_, [&]() -> Result<std::optional<FlatChunk>> {
    const auto metadata = reader_->parquet_reader()->metadata()->RowGroup(row_group);
    const int leaf = reader_->manifest().schema_fields[static_cast<size_t>(column)].column_index;
    return exchange::FlatChunkOf(*metadata->ColumnChunk(leaf), file_bytes);
  });
}

Result<int64_t> ParquetFile::RowsOf(int row_group) const {
  return Fenced(name_, [&]() -> Result<int64_t> {
    return reader_->parquet_reader()->metadata()->RowGroup(row_group)->num_rows();
  });
}

Status ParquetFile::PrefetchRowGroup(InputSource& source, int row_group, const std::vector<int>& leaves,
                                     const CallContext& call) const {
  return Fenced(name_, [&] {
    const auto metadata = reader_->parquet_reader()->metadata()->RowGroup(row_group);
    std::vector<ByteRange> chunks;
    for (const int leaf : leaves) {
      const auto column = metadata->ColumnChunk(leaf);
      const int64_t begin = column->has_dictionary_page()
                                ? std::min(column->dictionary_page_offset(), column->data_page_offset())
                                : column->data_page_offset();
      const ByteRange chunk{begin, column->total_compressed_size()};
      // What a damaged file states is found out, and told, by whoever reads the chunk.
      const bool lies_inside = begin >= 0 && chunk.size >= 0 && chunk.size <= *source.size() - begin;
      if (lies_inside) chunks.push_back(chunk);
    }
    return source.Prefetch(chunks, call);
  });
}

bool ParquetFile::IsInt96(int leaf) const {
  return reader_->parquet_reader()->metadata()->schema()->Column(leaf)->physical_type() == parquet::Type::INT96;
}

bool ParquetFile::IsNested(int leaf) const {
  return reader_->parquet_reader()->metadata()->schema()->Column(leaf)->path()->ToDotVector().size() > 1;
}

std::string ParquetFile::ColumnOf(int leaf) const {
  return reader_->parquet_reader()->metadata()->schema()->Column(leaf)->path()->ToDotVector().front();
}

Result<std::unique_ptr<arrow::RecordBatchReader>> ParquetFile::ReadRowGroup(int row_group,
                                                                            const std::vector<int>& leaves,
                                                                            const InputOptions& options) {
  return Fenced(name_, [&] {
    reader_->set_batch_size(BatchRows(*reader_->parquet_reader()->metadata()->RowGroup(row_group), leaves, options));
    return reader_->GetRecordBatchReader({row_group}, leaves);
  });
}

}  // namespace sleeper::exchange
