#include "sleeper/file/row_group_writer.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

namespace sleeper::file {
namespace {

Codec CodecOf(model::CompressionCodec codec) {
  switch (codec) {
    case model::CompressionCodec::kUncompressed:
      return Codec::kNone;
    case model::CompressionCodec::kSnappy:
      return Codec::kSnappy;
    case model::CompressionCodec::kLz4:
      return Codec::kLz4;
    case model::CompressionCodec::kGzip:
      return Codec::kGzip;
    case model::CompressionCodec::kZstd:
      break;
  }
  return Codec::kZstd;
}

/// Keys that follow one another share their beginnings; other strings do not.
ValueEncoding EncodingOf(model::FieldEncoding wanted, PhysicalType type, bool is_key) {
  if (wanted == model::FieldEncoding::kPlain) return ValueEncoding::kPlain;
  if (is_key && type == PhysicalType::kByteArray) return ValueEncoding::kSharedPrefixes;
  return wanted == model::FieldEncoding::kDelta ? ValueEncoding::kDelta : ValueEncoding::kSmaller;
}

model::FieldEncoding WantedEncoding(const model::Schema& schema, int field, const DataFileSettings& settings) {
  if (schema.IsRowKey(field)) return settings.row_key_encoding;
  return schema.IsKey(field) ? settings.sort_key_encoding : settings.value_encoding;
}

std::shared_ptr<PageCompressor> CompressorOf(const DataFileSettings& settings) {
  const Codec codec = CodecOf(settings.codec);
  return codec == Codec::kNone ? nullptr : std::make_shared<PageCompressor>(codec, settings.codec_level);
}

std::optional<StatisticsSettings> StatisticsOf(const model::Schema& schema, const Leaf& leaf,
                                               const DataFileSettings& settings) {
  const bool is_key = schema.IsKey(leaf.field);
  if (leaf.shape.repeated || !(is_key || settings.value_statistics)) return std::nullopt;
  return StatisticsSettings{.sorted = leaf.field == 0,
                            .is_text = schema.field(leaf.field).type.kind() == model::TypeKind::kString,
                            .indexed = is_key || settings.value_column_indexes,
                            .whole_in_index = is_key,
                            .bytes_max = settings.statistics_bytes_max,
                            .index_bytes_max = settings.column_index_bytes_max};
}

bool HasBloomFilter(const model::Schema& schema, const Leaf& leaf, const DataFileSettings& settings) {
  const std::vector<std::string>& names = settings.bloom_filter_fields;
  return BloomFilterBuilder::CanFilter(leaf.shape) &&
         std::find(names.begin(), names.end(), schema.field(leaf.field).name) != names.end();
}

ColumnSettings SettingsOf(const model::Schema& schema, const Leaf& leaf, const DataFileSettings& settings,
                          std::shared_ptr<PageCompressor> compressor) {
  const model::FieldEncoding wanted = WantedEncoding(schema, leaf.field, settings);
  const bool is_key = schema.IsKey(leaf.field);
  return {.encoding = {.values = EncodingOf(wanted, leaf.shape.type, is_key), .compressor = std::move(compressor)},
          .dictionary = wanted == model::FieldEncoding::kDictionary,
          .statistics = StatisticsOf(schema, leaf, settings),
          .bloom_bits = HasBloomFilter(schema, leaf, settings) ? settings.bloom_filter_bits : 0,
          .page_bytes_max = settings.page_bytes_max};
}

/// The arrays of a leaf of a column. `which` says whether it is the column's first or second leaf.
LeafArray LeafArrayOf(const LeafShape& shape, const std::shared_ptr<arrow::ArrayData>& column, size_t which) {
  if (!shape.repeated) return {column, nullptr};
  const std::shared_ptr<arrow::ArrayData>& child = column->child_data[0];
  if (child->type->id() != arrow::Type::STRUCT) return {column, child};
  // A map's entries, whose offset and length count for both of their columns.
  return {column, child->child_data[which]->Slice(child->offset, child->length)};
}

}  // namespace

RowGroupWriter::RowGroupWriter(const model::Schema& schema, const DataFileSettings& settings)
    : page_rows_max_(settings.page_rows_max), leaves_(LeavesOf(schema)) {
  const std::shared_ptr<PageCompressor> compressor = CompressorOf(settings);
  for (const Leaf& leaf : leaves_) columns_.emplace_back(leaf, SettingsOf(schema, leaf, settings, compressor));
}

void RowGroupWriter::Clear() {
  rows_ = 0;
  for (ColumnChunkWriter& column : columns_) column.Clear();
}

int64_t RowGroupWriter::bytes() const {
  int64_t total = 0;
  for (const ColumnChunkWriter& column : columns_) total += column.bytes();
  return total;
}

Status RowGroupWriter::Append(const columnar::Batch& batch, int64_t begin, int64_t count) {
  const model::Schema& schema = batch.layout().schema();
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const Leaf& leaf = leaves_[i];
    const size_t which = i > 0 && leaves_[i - 1].field == leaf.field ? 1 : 0;
    const LeafArray array = LeafArrayOf(leaf.shape, batch.arrow()->column_data(leaf.field), which);
    for (int64_t done = 0; done < count;) {
      const int64_t to_boundary = page_rows_max_ - (rows_ + done) % page_rows_max_;
      const int64_t rows = std::min(count - done, to_boundary);
      Status appended = columns_[i].Append(array, begin + done, rows);
      if (appended.ok() && rows == to_boundary) appended = columns_[i].EndPage();
      if (!appended.ok()) return WithContext(appended, "field " + schema.field(leaf.field).name);
      done += rows;
    }
  }
  rows_ += count;
  return Status::OK();
}

template <typename AppendRows>
Status RowGroupWriter::AppendColumn(size_t leaf, int64_t count, RowProof& proof, AppendRows append) {
  ColumnChunkWriter& column = columns_[leaf];
  for (int64_t done = 0; done < count;) {
    const int64_t to_boundary = page_rows_max_ - (rows_ + done) % page_rows_max_;
    const int64_t rows_max = std::min({count - done, to_boundary, column.RowsAtATime()});
    const PageMark mark = PageMark::Of(column.page());
    TRY_ASSIGN(const int64_t rows, append(done, rows_max));
    proof.Add(leaf, column.page(), mark, done);
    TRY(rows == to_boundary ? column.EndPage() : column.PageGrew());
    done += rows;
  }
  return Status::OK();
}

Status RowGroupWriter::Gather(std::span<PageInput* const> inputs, const rows::MergeStep& step, RowProof& proof) {
  for (size_t i = 0; i < leaves_.size(); ++i) {
    gather_.Start(i, inputs);
    const int64_t bytes_max = columns_[i].page_bytes_max();
    TRY(AppendColumn(i, step.rows(), proof, [&](int64_t done, int64_t rows) {
      PageRows& page = columns_[i].page();
      if (step.sources.empty()) return gather_.AppendRun(static_cast<size_t>(step.run_input), rows, bytes_max, page);
      const auto sources = step.sources.subspan(static_cast<size_t>(done), static_cast<size_t>(rows));
      return gather_.AppendInterleaved(sources, bytes_max, page);
    }));
  }
  rows_ += step.rows();
  return Status::OK();
}

Status RowGroupWriter::Append(RowBlock& block, RowProof& proof) {
  for (size_t i = 0; i < leaves_.size(); ++i) {
    TRY(AppendColumn(i, block.rows(), proof, [&](int64_t done, int64_t rows) -> Result<int64_t> {
      block.AppendTo(i, done, rows, columns_[i].page());
      return rows;
    }));
  }
  rows_ += block.rows();
  return Status::OK();
}

Result<std::vector<WrittenChunk>> RowGroupWriter::Finish(int64_t offset) {
  std::vector<WrittenChunk> chunks;
  for (ColumnChunkWriter& column : columns_) {
    TRY_ASSIGN(WrittenChunk chunk, column.Finish(offset));
    // Rows are proved before they are encoded: this finds a page that was lost behind that.
    if (column.rows() != rows_) {
      return Error(ErrorKind::kInternal, "a column to be written has ", column.rows(), " rows instead of ", rows_);
    }
    offset += chunk.metadata.compressed_bytes;
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

}  // namespace sleeper::file
