#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {

/// Where a page lies, its header included, and which row of the row group is its first. Value.
struct PageLocation {
  int64_t offset = 0;
  int32_t bytes = 0;
  int64_t first_row = 0;

  friend bool operator==(const PageLocation&, const PageLocation&) = default;
};

/// The pages of a column chunk, in order.
using OffsetIndex = std::vector<PageLocation>;

enum class BoundaryOrder : int32_t { kUnordered = 0, kAscending = 1, kDescending = 2 };

/// The least and the greatest value of each page of a column chunk, as Parquet encodes them plainly. Value.
struct ColumnIndex {
  std::vector<bool> null_pages;
  std::vector<std::string> min_values;
  std::vector<std::string> max_values;
  BoundaryOrder order = BoundaryOrder::kUnordered;
  /// Empty if they are not known.
  std::vector<int64_t> null_counts;

  friend bool operator==(const ColumnIndex&, const ColumnIndex&) = default;
};

void WriteOffsetIndex(const OffsetIndex& index, ThriftWriter& out);
void WriteColumnIndex(const ColumnIndex& index, ThriftWriter& out);

/// kCorrupt if the bytes are not an index. What it says is not checked.
Result<OffsetIndex> ParseOffsetIndex(std::span<const uint8_t> bytes);

/// kCorrupt if the bytes are not an index, or if its lists differ in length.
Result<ColumnIndex> ParseColumnIndex(std::span<const uint8_t> bytes);

}  // namespace sleeper::file
