#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/status.h"

namespace sleeper::model {
class Properties;
}

namespace sleeper::file {

enum class Codec { kUncompressed, kZstd, kSnappy, kLz4, kGzip };

/// How the values of a group of fields are encoded. kAuto: delta encodings for keys, strings and integers, plain otherwise.
enum class Encoding { kAuto, kPlain, kDelta, kDictionary };

/// How data files are written. Every setting is a property of the table. Value.
struct DataFileSettings {
  /// The settings that a table's properties ask for; kInvalid names the property.
  static Result<DataFileSettings> From(const model::Properties& properties);

  /// A row group ends at whichever bound it meets first. One row group is held in memory while it is written.
  int64_t row_group_rows_max = 1 << 20;
  int64_t row_group_bytes_max = 128 << 20;
  /// A page ends at whichever bound it meets first. Pages of the same rows in every column make look-ups read least.
  int64_t page_rows_max = 2048;
  int64_t page_bytes_max = 128 << 10;
  Codec codec = Codec::kZstd;
  int codec_level = 1;
  Encoding row_key_encoding = Encoding::kAuto;
  Encoding sort_key_encoding = Encoding::kAuto;
  Encoding value_encoding = Encoding::kAuto;
  /// Minimum and maximum of value fields (key fields always have them).
  bool value_statistics = false;
};

}  // namespace sleeper::file
