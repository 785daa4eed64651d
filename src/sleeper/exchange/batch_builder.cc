#include "sleeper/exchange/batch_builder.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

namespace sleeper::exchange {

BatchBuilder::BatchBuilder(const InputOptions& options, std::shared_ptr<const columnar::Layout> layout)
    : rows_max_(options.batch_rows_max), bytes_max_(options.batch_bytes_max), layout_(std::move(layout)) {
  for (int i = 0; i < layout_->columns(); ++i) columns_.push_back(ColumnBuilder::Make(layout_->field(i).type));
}

bool BatchBuilder::full() const {
  if (rows_ >= rows_max_) return true;
  int64_t bytes = 0;
  for (const auto& column : columns_) bytes += column->bytes();
  return bytes >= bytes_max_;
}

Result<columnar::Batch> BatchBuilder::Finish() {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& column : columns_) {
    TRY_ASSIGN(std::shared_ptr<arrow::Array> array, column->Finish());
    SLEEPER_CHECK(array->length() == rows_, "a row without a value");
    arrays.push_back(std::move(array));
  }
  const int64_t rows = std::exchange(rows_, 0);
  return columnar::Batch::Trusted(layout_, arrow::RecordBatch::Make(layout_->arrow_schema(), rows, std::move(arrays)));
}

}  // namespace sleeper::exchange
