#include "sleeper/file/data_file_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sleeper::file {
namespace {

model::FieldEncoding EncodingOf(const model::Properties& properties, model::PropertyName<model::FieldEncoding> encoding,
                                model::PropertyName<bool> dictionary) {
  return properties.Get(dictionary) ? model::FieldEncoding::kDictionary : properties.Get(encoding);
}

}  // namespace

DataFileSettings DataFileSettings::From(const model::Properties& properties) {
  namespace property = model::property;
  DataFileSettings settings;
  settings.row_group_rows_max = properties.Get(property::kParquetRowGroupRowsMax);
  settings.row_group_bytes_max = properties.Get(property::kParquetRowGroupSize);
  settings.page_bytes_max = properties.Get(property::kParquetPageSize);
  settings.codec = properties.Get(property::kParquetCompressionCodec);
  settings.codec_level = static_cast<int>(properties.Get(property::kParquetCompressionLevel));
  settings.row_key_encoding =
      EncodingOf(properties, property::kParquetEncodingRowKeyFields, property::kParquetDictionaryRowKeyFields);
  settings.sort_key_encoding =
      EncodingOf(properties, property::kParquetEncodingSortKeyFields, property::kParquetDictionarySortKeyFields);
  settings.value_encoding =
      EncodingOf(properties, property::kParquetEncodingValueFields, property::kParquetDictionaryValueFields);
  settings.statistics_bytes_max = properties.Get(property::kParquetStatisticsTruncateLength);
  settings.value_column_indexes = properties.Get(property::kParquetColumnIndexValueFields);
  settings.column_index_bytes_max = properties.Get(property::kParquetColumnIndexTruncateLength);
  settings.bloom_filter_fields = properties.Get(property::kParquetBloomFilterFields);
  settings.bloom_filter_bits = properties.Get(property::kParquetBloomFilterBits);
  return settings;
}

std::string DataFileSettings::Text() const {
  return fmt::format(
      "row-group={},{} page={},{} codec={},{} encodings={},{},{} statistics={},{} indexes={},{} filters={},{}",
      row_group_rows_max, row_group_bytes_max, page_rows_max, page_bytes_max, static_cast<int>(codec), codec_level,
      static_cast<int>(row_key_encoding), static_cast<int>(sort_key_encoding), static_cast<int>(value_encoding),
      value_statistics ? 1 : 0, statistics_bytes_max, value_column_indexes ? 1 : 0, column_index_bytes_max,
      fmt::join(bloom_filter_fields, ","), bloom_filter_bits);
}

}  // namespace sleeper::file
