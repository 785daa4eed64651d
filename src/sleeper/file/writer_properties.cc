#include "sleeper/file/writer_properties.h"

#include <vector>

#include <parquet/schema.h>

#include "sleeper/file/parquet_schema.h"

namespace sleeper::file {
namespace {

/// A chunk with a longer key has no column index, so that look-ups read all of it.
constexpr size_t kKeyBytesInIndexMax = 1 << 20;

parquet::Compression::type CodecOf(model::CompressionCodec codec) {
  switch (codec) {
    case model::CompressionCodec::kUncompressed:
      return parquet::Compression::UNCOMPRESSED;
    case model::CompressionCodec::kSnappy:
      return parquet::Compression::SNAPPY;
    case model::CompressionCodec::kLz4:
      return parquet::Compression::LZ4;
    case model::CompressionCodec::kGzip:
      return parquet::Compression::GZIP;
    case model::CompressionCodec::kZstd:
      break;
  }
  return parquet::Compression::ZSTD;
}

/// Keys that follow one another share their beginnings; other strings do not.
parquet::Encoding::type EncodingOf(parquet::Type::type type, model::FieldEncoding encoding, bool is_key) {
  if (encoding == model::FieldEncoding::kPlain) return parquet::Encoding::PLAIN;
  switch (type) {
    case parquet::Type::BYTE_ARRAY:
      return is_key ? parquet::Encoding::DELTA_BYTE_ARRAY : parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY;
    case parquet::Type::INT32:
    case parquet::Type::INT64:
      return parquet::Encoding::DELTA_BINARY_PACKED;
    default:
      return parquet::Encoding::PLAIN;
  }
}

model::FieldEncoding WantedEncoding(const model::Schema& schema, int column, const DataFileSettings& settings) {
  if (schema.IsRowKey(column)) return settings.row_key_encoding;
  return schema.IsKey(column) ? settings.sort_key_encoding : settings.value_encoding;
}

bool HasLevels(model::CompressionCodec codec) {
  return codec == model::CompressionCodec::kZstd || codec == model::CompressionCodec::kGzip;
}

}  // namespace

std::shared_ptr<parquet::WriterProperties> WriterPropertiesOf(const model::Schema& schema,
                                                              const DataFileSettings& settings) {
  parquet::WriterProperties::Builder builder;
  builder.created_by("sleeper")
      ->version(parquet::ParquetVersion::PARQUET_2_6)
      ->data_page_version(parquet::ParquetDataPageVersion::V2)
      ->compression(CodecOf(settings.codec))
      ->max_row_group_length(settings.row_group_rows_max)
      ->data_pagesize(settings.page_bytes_max)
      ->max_rows_per_page(settings.page_rows_max)
      ->max_statistics_size(kKeyBytesInIndexMax)
      ->set_size_statistics_level(parquet::SizeStatisticsLevel::None)
      ->disable_dictionary()
      ->disable_statistics()
      ->enable_write_page_index()
      ->enable_page_checksum();
  if (HasLevels(settings.codec)) builder.compression_level(settings.codec_level);

  parquet::SchemaDescriptor descriptor;
  descriptor.Init(ParquetSchemaOf(schema));
  const std::vector<LeafRange> leaves = LeavesOf(schema);
  std::vector<parquet::SortingColumn> sorting;
  for (int column = 0; column < schema.field_count(); ++column) {
    const bool is_key = schema.IsKey(column);
    const LeafRange range = leaves[static_cast<size_t>(column)];
    if (is_key) sorting.push_back({.column_idx = range.first, .descending = false, .nulls_first = false});
    const model::FieldEncoding wanted = WantedEncoding(schema, column, settings);
    for (int leaf = range.first; leaf < range.first + range.count; ++leaf) {
      const parquet::ColumnDescriptor& description = *descriptor.Column(leaf);
      const std::shared_ptr<parquet::schema::ColumnPath> path = description.path();
      if (is_key) builder.enable_statistics(path);
      // Also what a chunk falls back to when its dictionary grows too large.
      builder.encoding(path, EncodingOf(description.physical_type(), wanted, is_key));
      if (wanted == model::FieldEncoding::kDictionary && description.physical_type() != parquet::Type::BOOLEAN) {
        builder.enable_dictionary(path);
      }
    }
  }
  builder.set_sorting_columns(std::move(sorting));
  return builder.build();
}

}  // namespace sleeper::file
