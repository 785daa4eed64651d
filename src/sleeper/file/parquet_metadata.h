#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {

/// What the values of a column, or a group of columns, mean.
enum class LogicalType { kNone, kString, kMap, kList, kDate, kTimestampMicrosUtc, kOther };

/// A column, or a group whose children follow it. Value.
struct SchemaElement {
  std::string name;
  /// None of the root.
  std::optional<Repetition> repetition;
  /// None of groups.
  std::optional<PhysicalType> type;
  LogicalType logical = LogicalType::kNone;
  int32_t children = 0;

  friend bool operator==(const SchemaElement&, const SchemaElement&) = default;
};

/// What is known of the values of a column chunk; bounds as Parquet encodes values plainly. Value.
struct ChunkStatistics {
  /// Nothing if there are no values, or if their order is not the same to everyone.
  std::optional<std::string> min;
  std::optional<std::string> max;
  /// Whether the bound is one of the values: one that was cut is below, or above, all of them.
  bool is_min_exact = true;
  bool is_max_exact = true;
  int64_t nulls = 0;

  friend bool operator==(const ChunkStatistics&, const ChunkStatistics&) = default;
};

/// One column of one row group. Value.
struct ColumnChunkMetadata {
  PhysicalType type = PhysicalType::kInt32;
  std::vector<Encoding> encodings;
  std::vector<std::string> path;
  Codec codec = Codec::kNone;
  int64_t values = 0;
  int64_t uncompressed_bytes = 0;
  int64_t compressed_bytes = 0;
  int64_t data_page_offset = 0;
  /// 0 if there is none.
  int64_t dictionary_page_offset = 0;
  std::optional<ChunkStatistics> statistics;
  /// Of size 0 if there is none.
  ByteRange offset_index;
  ByteRange column_index;
  /// A Bloom filter with its header, likewise.
  ByteRange bloom_filter;

  friend bool operator==(const ColumnChunkMetadata&, const ColumnChunkMetadata&) = default;
};

struct RowGroupMetadata {
  std::vector<ColumnChunkMetadata> columns;
  int64_t rows = 0;
  /// The columns by which the rows are sorted, all ascending.
  std::vector<int32_t> sorting_columns;

  friend bool operator==(const RowGroupMetadata&, const RowGroupMetadata&) = default;
};

/// A Parquet file's footer, as far as we write and read it. Value.
struct ParquetMetadata {
  /// The root first; each group before its children.
  std::vector<SchemaElement> schema;
  int64_t rows = 0;
  std::vector<RowGroupMetadata> row_groups;
  std::vector<std::pair<std::string, std::string>> key_values;

  friend bool operator==(const ParquetMetadata&, const ParquetMetadata&) = default;
};

/// The bytes of the footer, without its length and the magic bytes behind them.
std::string EncodeParquetMetadata(const ParquetMetadata& metadata);

/// kCorrupt if the bytes are not a footer. What it says is not checked. Parts that we do not know are passed over.
Result<ParquetMetadata> ParseParquetMetadata(std::span<const uint8_t> bytes);

}  // namespace sleeper::file
