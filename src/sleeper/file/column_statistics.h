#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_bounds.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/file/parquet_metadata.h"

namespace sleeper::file {

/// What a column says of its values. Value.
struct StatisticsSettings {
  /// Whether the values ascend.
  bool sorted = false;
  /// Whether they are text.
  bool is_text = false;
  /// Whether there is a column index: bounds of every page.
  bool indexed = false;
  /// Whether the bounds in it have to be values, whole.
  bool whole_in_index = false;
  /// Strings and bytes in statistics, and in the index, are cut to so many bytes.
  int64_t bytes_max = 64;
  int64_t index_bytes_max = 128;
};

/// Collects the statistics and the column index of a column chunk, page by page. Confined.
class ColumnStatistics {
 public:
  /// REQUIRES: the leaf is not repeated.
  ColumnStatistics(const LeafShape& leaf, const StatisticsSettings& settings) : leaf_(leaf), settings_(settings) {
    Clear();
  }

  /// REQUIRES: there are rows.
  void AddPage(const PageRows& rows);

  /// Starts the next chunk.
  void Clear();

  ChunkStatistics statistics() const;

  /// Nothing if there is none: nobody asked for one, a bound that must be whole is too long, or a page has no bounds.
  std::optional<ColumnIndex> TakeIndex();

 private:
  /// Bounds the last page of the index.
  void AddToIndex(PageBounds bounds);
  BoundShape ShapeOf(int64_t bytes_max) const;

  LeafShape leaf_;
  StatisticsSettings settings_;
  /// Of all pages so far, if these have values and is_bounded_.
  std::optional<PageBounds> bounds_;
  bool is_bounded_ = true;
  bool is_indexed_ = false;
  int64_t nulls_ = 0;
  ColumnIndex index_;
};

}  // namespace sleeper::file
