#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <arrow/type_fwd.h>

#include "sleeper/base/buffer.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/parquet_format.h"

namespace parquet {
class ColumnChunkMetaData;
class ColumnDescriptor;
}  // namespace parquet

namespace sleeper::exchange {

/// A column of a foreign Parquet file whose values room `file` can decode straight into an array: it is not nested, and
/// its values lie in pages as they lie in the array. Value.
struct FlatColumn {
  std::string name;
  file::LeafShape shape;
  /// The array's type: one that casts as the column's own type does.
  std::shared_ptr<arrow::DataType> type;
  /// Integers of fewer bits than they are stored in count with these bits only; 0 if all bits count.
  int narrow_bits = 0;
  bool is_signed = true;
};

/// Nothing if the column has to be read by libparquet: nested, 12-byte timestamps, decimals, and types of its own.
std::optional<FlatColumn> FlatColumnOf(const parquet::ColumnDescriptor& leaf, const arrow::Field& field);

/// Where the pages of a column lie in one row group, and how they are compressed. Value.
struct FlatChunk {
  ByteRange bytes;
  file::Codec codec = file::Codec::kNone;
};

/// Nothing if the chunk has to be read by libparquet: encrypted, of a compression or an encoding that `file` does not
/// know, or not inside of the file, which has `file_bytes` bytes.
std::optional<FlatChunk> FlatChunkOf(const parquet::ColumnChunkMetaData& chunk, int64_t file_bytes);

}  // namespace sleeper::exchange
