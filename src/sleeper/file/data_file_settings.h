#pragma once

#include <cstdint>
#include <string>

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
};

}  // namespace sleeper::file
