#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/column_builder.h"
#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// Collects the rows of a text format into batches. Confined.
class BatchBuilder {
 public:
  BatchBuilder(const InputOptions& options, std::shared_ptr<const columnar::Layout> layout);

  const columnar::Layout& layout() const { return *layout_; }
  ColumnBuilder& column(int index) { return *columns_[static_cast<size_t>(index)]; }

  /// Tells that every column has got one value more.
  void EndRow() { ++rows_; }

  int64_t rows() const { return rows_; }

  /// True if the batch has reached one of its bounds.
  bool full() const;

  /// The rows since the start or the last call.
  Result<columnar::Batch> Finish();

 private:
  const int64_t rows_max_;
  const int64_t bytes_max_;
  const std::shared_ptr<const columnar::Layout> layout_;
  std::vector<std::unique_ptr<ColumnBuilder>> columns_;
  int64_t rows_ = 0;
};

}  // namespace sleeper::exchange
