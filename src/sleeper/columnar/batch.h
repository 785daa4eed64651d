#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"

namespace sleeper::columnar {

/// Rows of a table, column by column: an Arrow record batch together with its layout. Immutable, cheap to copy.
class Batch {
 public:
  /// Checks that the columns have exactly the layout's types, that the arrays are valid (offsets, UTF-8) and that
  /// fields which are not nullable have no nulls: kInvalid with field and row otherwise. For rows from outside.
  static Result<Batch> Make(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows);

  /// Without those checks: for rows that our own code made.
  static Batch Trusted(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows);

  int64_t rows() const { return row_count_; }
  const Layout& layout() const { return *layout_; }
  const std::shared_ptr<const Layout>& shared_layout() const { return layout_; }
  const std::shared_ptr<arrow::RecordBatch>& arrow() const { return rows_; }
  std::shared_ptr<arrow::Array> column(int index) const;

  /// The rows [offset, offset + rows), without copying. REQUIRES: they are inside.
  Batch Slice(int64_t offset, int64_t rows) const;

  /// The columns of `layout`, which are some of ours, without copying. REQUIRES: this batch has them all.
  Batch Project(const std::shared_ptr<const Layout>& layout) const;

  /// The bytes that the rows' values, offsets and validity bits take. Of a slice, only the slice's share.
  int64_t bytes() const;

 private:
  Batch(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows);

  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<arrow::RecordBatch> rows_;
  int64_t row_count_ = 0;
};

}  // namespace sleeper::columnar
