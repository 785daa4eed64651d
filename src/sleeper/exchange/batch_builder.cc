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
  for (int i = 0; i < layout_->columns(); ++i) {
    TRY_ASSIGN(std::shared_ptr<arrow::Array> array, column(i).Finish());
    SLEEPER_CHECK(array->length() == rows_, "a row without a value");
    // The readers refuse such a null with its place. One that they miss must not get into a file.
    const model::Field& field = layout_->field(i);
    if (!field.nullable && array->null_count() > 0) {
      return Error(ErrorKind::kInternal, "a null came into a field that is not nullable: ", field.name);
    }
    arrays.push_back(std::move(array));
  }
  const int64_t rows = std::exchange(rows_, 0);
  return columnar::Batch::Trusted(layout_, arrow::RecordBatch::Make(layout_->arrow_schema(), rows, std::move(arrays)));
}

}  // namespace sleeper::exchange
