#include "sleeper/exchange/foreign_batches.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "sleeper/exchange/cast.h"
#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

Status CheckTypes(const std::string& input, const arrow::Schema& schema, const columnar::Layout& layout,
                  const ColumnMatch& match) {
  for (int column = 0; column < layout.columns(); ++column) {
    const model::Field& field = layout.field(column);
    const arrow::DataType& type = *schema.field(match.source_of[column])->type();
    if (CanCast(type, field.type)) continue;
    return WithHint(Error(ErrorKind::kInvalid, input, ": column ", field.name, " cannot become ", field.type,
                          ", it has the type ", type.ToString()),
                    "cast the column where the input is made; only text formats are read as numbers, dates and times");
  }
  return Status::OK();
}

}  // namespace

ForeignBatches::ForeignBatches(std::string input, const InputOptions& options,
                               std::shared_ptr<const columnar::Layout> layout, ColumnMatch match)
    : input_(std::move(input)),
      batch_rows_max_(options.batch_rows_max),
      batch_bytes_max_(options.batch_bytes_max),
      layout_(std::move(layout)),
      match_(std::move(match)) {}

Result<ForeignBatches> ForeignBatches::Make(std::string input, const arrow::Schema& schema, const InputOptions& options,
                                            std::shared_ptr<const columnar::Layout> layout) {
  TRY_ASSIGN(ColumnMatch match, MatchColumns(input, schema.field_names(), *layout));
  TRY(CheckTypes(input, schema, *layout, match));
  return ForeignBatches(std::move(input), options, std::move(layout), std::move(match));
}

void ForeignBatches::Add(std::shared_ptr<arrow::RecordBatch> rows) {
  if (added_ != nullptr) rows_before_ += added_->num_rows();
  added_ = std::move(rows);
  added_done_ = 0;
}

Result<columnar::Batch> ForeignBatches::Cast(int64_t rows) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  columns.reserve(static_cast<size_t>(layout_->columns()));
  for (int column = 0; column < layout_->columns(); ++column) {
    const model::Field& field = layout_->field(column);
    const std::shared_ptr<arrow::Array> values = added_->GetColumnByName(field.name);
    if (values == nullptr) return Error(ErrorKind::kInvalid, input_, ": a batch lacks the column ", field.name);
    const Place first{.input = input_, .row = rows_before_ + added_done_ + 1, .column = field.name};
    TRY_ASSIGN(std::shared_ptr<arrow::Array> cast, CastColumn(values->Slice(added_done_, rows), field, first));
    columns.push_back(std::move(cast));
  }
  return columnar::Batch::Trusted(layout_, arrow::RecordBatch::Make(layout_->arrow_schema(), rows, std::move(columns)));
}

Result<std::optional<columnar::Batch>> ForeignBatches::Next() {
  if (!cast_) {
    if (added_ == nullptr || added_done_ == added_->num_rows()) return std::nullopt;
    const int64_t rows = std::min(batch_rows_max_, added_->num_rows() - added_done_);
    TRY_ASSIGN(cast_, Cast(rows));
    added_done_ += rows;
    cast_done_ = 0;
    const int64_t pieces = cast_->bytes() / batch_bytes_max_ + 1;
    cast_piece_ = std::max<int64_t>(1, rows / pieces);
  }
  const int64_t rows = std::min(cast_piece_, cast_->rows() - cast_done_);
  columnar::Batch batch = cast_->Slice(cast_done_, rows);
  cast_done_ += rows;
  if (cast_done_ == cast_->rows()) cast_.reset();
  return batch;
}

}  // namespace sleeper::exchange
