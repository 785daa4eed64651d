#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sleeper/file/page_rows.h"

namespace sleeper::file {

/// Some rows in key order whose values lie in memory in a form that only their owner knows. They are copied from there
/// into pages, column by column. No column is of lists or maps. Confined.
class RowBlock {
 public:
  virtual ~RowBlock() = default;

  virtual int64_t rows() const = 0;

  /// The normalised row key of the first or the last row.
  virtual std::string_view row_key(int64_t row) const = 0;

  /// Appends the values of a column in the rows [begin, begin + count) to a page. Called once for every column and row:
  /// columns in order, and within a column the rows in order.
  virtual void AppendTo(size_t column, int64_t begin, int64_t count, PageRows& page) = 0;
};

}  // namespace sleeper::file
