#include "sleeper/columnar/batch.h"

#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include "sleeper/base/check.h"

namespace sleeper::columnar {
namespace {

int64_t FirstNull(const arrow::Array& array) {
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) return row;
  }
  return -1;
}

Status CheckColumn(const model::Field& field, const arrow::DataType& expected, const arrow::Array& array) {
  if (!array.type()->Equals(expected)) {
    return Error(ErrorKind::kInvalid, "a column has another type than its field: field ", field.name, " is ",
                 field.type, ", the column ", array.type()->ToString());
  }
  const Status valid = array.ValidateFull();
  if (!valid.ok())
    return Error(ErrorKind::kInvalid, "a column is malformed: field ", field.name, ": ", valid.message());
  if (!field.nullable && array.null_count() > 0) {
    return Error(ErrorKind::kInvalid, "a null in a field that must not have any: field ", field.name, ", row ",
                 FirstNull(array));
  }
  return Status::OK();
}

}  // namespace

Batch::Batch(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows)
    : layout_(std::move(layout)), rows_(std::move(rows)), row_count_(rows_->num_rows()) {}

Result<Batch> Batch::Make(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows) {
  if (rows->num_columns() != layout->columns()) {
    return Error(ErrorKind::kInvalid, "the number of columns differs: expected ", layout->columns(), ", got ",
                 rows->num_columns());
  }
  for (int column = 0; column < layout->columns(); ++column) {
    TRY(CheckColumn(layout->field(column), *layout->arrow_schema()->field(column)->type(), *rows->column(column)));
  }
  return Trusted(std::move(layout), std::move(rows));
}

Batch Batch::Trusted(std::shared_ptr<const Layout> layout, std::shared_ptr<arrow::RecordBatch> rows) {
  SLEEPER_CHECK(rows->num_columns() == layout->columns(), "columns ", rows->num_columns(), " and ", layout->columns());
  return Batch(std::move(layout), std::move(rows));
}

std::shared_ptr<arrow::Array> Batch::column(int index) const { return rows_->column(index); }

Batch Batch::Slice(int64_t offset, int64_t rows) const {
  SLEEPER_CHECK(offset >= 0 && rows >= 0 && offset + rows <= row_count_, "slice ", offset, " + ", rows, " of ",
                row_count_);
  if (rows == row_count_) return *this;
  return Batch(layout_, rows_->Slice(offset, rows));
}

Batch Batch::Project(const std::shared_ptr<const Layout>& layout) const {
  if (layout == layout_ || *layout == *layout_) return *this;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int column = 0; column < layout->columns(); ++column) {
    const std::optional<int> ours = layout_->Find(layout->field(column).name);
    SLEEPER_CHECK(ours, "the batch has no column ", layout->field(column).name);
    columns.push_back(rows_->column(*ours));
  }
  return Batch(layout, arrow::RecordBatch::Make(layout->arrow_schema(), row_count_, std::move(columns)));
}

int64_t Batch::bytes() const {
  const Result<int64_t> bytes = arrow::util::ReferencedBufferSize(*rows_);
  SLEEPER_CHECK(bytes.ok(), "size of a batch: ", bytes.status().ToString());
  return *bytes;
}

}  // namespace sleeper::columnar
