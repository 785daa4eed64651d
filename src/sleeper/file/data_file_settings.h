#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/model/properties.h"

namespace sleeper::file {

/// How data files are written. Every setting is a property of the table. Value.
struct DataFileSettings {
  /// The settings that a table's properties ask for.
  static DataFileSettings From(const model::Properties& properties);

  /// All settings as a line of text, which data files name in their footers.
  std::string Text() const;

  /// A row group ends at whichever bound it meets first, the bytes being those of its encoded columns. One row group is
  /// held in memory while it is written.
  int64_t row_group_rows_max = 100'000;
  int64_t row_group_bytes_max = 8 << 20;
  /// A page ends at whichever bound it meets first. Pages of the same rows in every column make look-ups read least.
  int64_t page_rows_max = 2048;
  int64_t page_bytes_max = 128 << 10;
  model::CompressionCodec codec = model::CompressionCodec::kZstd;
  int codec_level = 1;
  /// kAuto: delta encodings for strings, bytes and integers, plain for the rest.
  model::FieldEncoding row_key_encoding = model::FieldEncoding::kAuto;
  model::FieldEncoding sort_key_encoding = model::FieldEncoding::kAuto;
  model::FieldEncoding value_encoding = model::FieldEncoding::kAuto;
  /// Whether row groups say the bounds of values that are no keys; of keys they always do. Strings and bytes in them
  /// are cut to so many bytes.
  bool value_statistics = true;
  int64_t statistics_bytes_max = 64;
  /// Whether values that are no keys have bounds for each page, too, cut to so many bytes. Those of keys are whole.
  bool value_column_indexes = false;
  int64_t column_index_bytes_max = 128;
  /// The fields that have Bloom filters, as far as they can, and what a distinct value may take in them.
  std::vector<std::string> bloom_filter_fields;
  int64_t bloom_filter_bits = 10;
};

}  // namespace sleeper::file
