#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::sort {

/// How large the batches are that a sort hands out or spills.
struct RunBatchBounds {
  int64_t rows_max = 8192;
  int64_t bytes_max = 1 << 20;
};

/// Batches that wait to be sorted, with their keys. Confined.
class SortBuffer {
 public:
  explicit SortBuffer(std::shared_ptr<const columnar::Layout> layout) : layout_(std::move(layout)) {}

  Status Add(columnar::Batch batch);

  int64_t rows() const { return rows_; }

  /// The memory of what was added, and of what sorting it will take besides.
  int64_t bytes() const { return bytes_; }

  /// True if the rows were added in key order.
  bool is_sorted() const { return sorted_; }

  /// The first and the last key, if is_sorted(). REQUIRES: rows() > 0.
  const std::string& first_key() const { return first_key_; }
  const std::string& last_key() const { return last_key_; }

  /// Sorts, and hands out the rows in key order; rows of equal keys in the order of Add. The buffer is empty
  /// afterwards.
  std::unique_ptr<rows::RowStream> Sort(const RunBatchBounds& bounds);

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  std::vector<columnar::Batch> batches_;
  std::vector<columnar::KeyColumn> keys_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
  bool sorted_ = true;
  std::string first_key_;
  std::string last_key_;
};

}  // namespace sleeper::sort
