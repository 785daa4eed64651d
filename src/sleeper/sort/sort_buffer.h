#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/sort/unsorted_rows.h"

namespace sleeper::sort {

/// Batches that wait to be sorted, with their keys: for rows with lists and maps. Confined.
class SortBuffer final : public UnsortedRows {
 public:
  /// Sorted batches are handed out with about `batch_bytes_max` bytes.
  SortBuffer(std::shared_ptr<const columnar::Layout> layout, int64_t batch_bytes_max)
      : layout_(std::move(layout)), batch_bytes_max_(batch_bytes_max) {}

  Status Add(columnar::Batch batch) override;
  int64_t rows() const override { return rows_; }
  int64_t bytes() const override { return bytes_; }
  bool come_apart() const override { return false; }
  Result<std::unique_ptr<SortedRows>> Sort(Executor& executor) override;

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  int64_t batch_bytes_max_;
  std::vector<columnar::Batch> batches_;
  std::vector<columnar::KeyColumn> keys_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace sleeper::sort
