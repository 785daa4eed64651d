#include "sleeper/exchange/parquet_rows.h"

#include <algorithm>
#include <string>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "sleeper/exchange/foreign_status.h"

namespace sleeper::exchange {

Result<ParquetRows> ParquetRows::Make(InputSource& source, ParquetFile file, std::vector<int> columns,
                                      const InputOptions& options, const CallContext& call) {
  TRY_ASSIGN(const std::vector<int> leaves, file.LeavesOf(columns));
  TRY_ASSIGN(std::optional<Int96Check> int96, Int96Check::Make(source, file, leaves, call));
  return ParquetRows(source, std::move(file), std::move(columns), std::move(int96), options, call);
}

Result<std::shared_ptr<arrow::RecordBatch>> ParquetRows::Next() {
  for (;;) {
    if (!in_row_group_) {
      if (next_row_group_ == file_.row_groups()) return nullptr;
      TRY(StartRowGroup());
    }
    TRY_ASSIGN(auto rows, NextOfRowGroup());
    if (rows == nullptr) {
      in_row_group_ = false;
      rows_before_ += rows_given_;
      ++next_row_group_;
      continue;
    }
    rows_given_ += rows->num_rows();
    if (rows->num_rows() > 0) return rows;
  }
}

Status ParquetRows::StartRowGroup() {
  in_row_group_ = true;
  rows_given_ = 0;
  TRY_ASSIGN(rows_, file_.RowsOf(next_row_group_));
  std::vector<int> flat_columns;
  std::vector<int> others;
  std::vector<FlatColumn> columns;
  std::vector<FlatChunk> chunks;
  for (const int number : columns_) {
    std::optional<FlatColumn> column;
    std::optional<FlatChunk> chunk;
    if (left_.ok() && options_.flat_pages == FlatPages::kOwn) column = file_.FlatColumnOf(number);
    if (column) {
      TRY_ASSIGN(chunk, file_.FlatChunkOf(next_row_group_, number, *source_.size()));
    }
    if (chunk) {
      flat_columns.push_back(number);
      columns.push_back(*std::move(column));
      chunks.push_back(*chunk);
    } else {
      others.push_back(number);
    }
  }
  if (flat_columns != flat_columns_) {
    flat_.reset();
    flat_columns_ = std::move(flat_columns);
    if (!columns.empty()) {
      flat_.emplace(std::move(columns), FlatRowGroup::Bounds{.batch_rows_max = options_.batch_rows_max,
                                                             .batch_bytes_max = options_.batch_bytes_max,
                                                             .page_bytes_max = options_.page_bytes_max});
    }
  }
  // What is told to the source replaces what it was told before, so only one of the two readers may do it.
  if (flat_) flat_->Start(chunks, source_, others.empty() ? TellAhead::kYes : TellAhead::kNo, call_);
  return StartLibrary(others);
}

Status ParquetRows::StartLibrary(const std::vector<int>& columns) {
  library_ = nullptr;
  library_rows_ = nullptr;
  library_rows_taken_ = library_rows_read_ = 0;
  if (columns.empty()) return Status::OK();
  TRY_ASSIGN(const std::vector<int> all_leaves, file_.LeavesOf(columns_));
  TRY_ASSIGN(const std::vector<int> leaves, file_.LeavesOf(columns));
  TRY(file_.PrefetchRowGroup(source_, next_row_group_, all_leaves, call_));
  TRY_ASSIGN(library_, file_.ReadRowGroup(next_row_group_, leaves, options_));
  if (int96_) TRY(int96_->StartRowGroup(next_row_group_, options_));
  return Status::OK();
}

Status ParquetRows::LeaveToLibrary(const Status& why) {
  left_ = WithContext(WithKind(why, ErrorKind::kInvalid),
                      source_.name() + ": row group " + std::to_string(next_row_group_));
  left_in_row_group_ = next_row_group_;
  flat_.reset();
  flat_columns_.clear();
  const Status started = StartLibrary(columns_);
  return IsKind(started, ErrorKind::kInvalid) ? left_ : started;
}

Status ParquetRows::LoadLibraryRows() {
  while (library_rows_ == nullptr || library_rows_taken_ == library_rows_->num_rows()) {
    auto rows = Fenced(file_.name(), [&] { return library_->Next(); });
    // Of two readers that refuse a page, ours can say which.
    const bool both_refuse = !left_.ok() && left_in_row_group_ == next_row_group_;
    if (both_refuse && IsKind(rows.status(), ErrorKind::kInvalid)) return left_;
    TRY_ASSIGN(library_rows_, std::move(rows));
    if (library_rows_ == nullptr) return Status::OK();
    const int64_t first = library_rows_read_;
    if (int96_) TRY(int96_->Check(*library_rows_, rows_before_ + first + 1));
    library_rows_read_ += library_rows_->num_rows();
    // What was given already is passed over.
    library_rows_taken_ = std::clamp<int64_t>(rows_given_ - first, 0, library_rows_->num_rows());
  }
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ParquetRows::NextOfRowGroup() {
  if (flat_) {
    if (rows_given_ >= rows_) return nullptr;
    auto rows = NextFlat();
    if (!IsKind(rows.status(), ErrorKind::kCorrupt)) return rows;
    TRY(LeaveToLibrary(rows.status()));
  }
  if (library_ == nullptr) return nullptr;
  TRY(LoadLibraryRows());
  if (library_rows_ == nullptr) return nullptr;
  const int64_t begin = std::exchange(library_rows_taken_, library_rows_->num_rows());
  return library_rows_->Slice(begin);
}

Result<std::shared_ptr<arrow::RecordBatch>> ParquetRows::NextFlat() {
  int64_t rows_max = rows_ - rows_given_;
  if (library_ != nullptr) {
    TRY(LoadLibraryRows());
    if (library_rows_ == nullptr) {
      return Error(ErrorKind::kInvalid, file_.name(), ": columns of different lengths");
    }
    rows_max = std::min(rows_max, library_rows_->num_rows() - library_rows_taken_);
  }
  auto decoded = flat_->Next(rows_max);
  if (IsKind(decoded.status(), ErrorKind::kInvalid)) {
    return WithContext(decoded.status(), source_.name() + ": row group " + std::to_string(next_row_group_));
  }
  TRY_ASSIGN(arrow::ArrayVector arrays, std::move(decoded));
  const int64_t rows = arrays.front()->length();
  arrow::FieldVector fields;
  for (size_t i = 0; i < arrays.size(); ++i)
    fields.push_back(arrow::field(flat_->columns()[i].name, arrays[i]->type()));
  if (library_ != nullptr) {
    for (int i = 0; i < library_rows_->num_columns(); ++i) {
      fields.push_back(library_rows_->schema()->field(i));
      arrays.push_back(library_rows_->column(i)->Slice(library_rows_taken_, rows));
    }
    library_rows_taken_ += rows;
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
}

}  // namespace sleeper::exchange
