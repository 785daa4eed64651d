#include "sleeper/file/data_file_settings.h"

#include <algorithm>

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
  return settings;
}

}  // namespace sleeper::file
