#include "sleeper/sort/batch_rows.h"

#include <algorithm>

namespace sleeper::sort {

Result<bool> BatchRows::Fill() {
  if (batch_) return true;
  TRY_ASSIGN(batch_, stream_->Next());
  if (!batch_) return false;
  rows_at_a_time_ = std::clamp<int64_t>(kBytesMax / (batch_->bytes() / batch_->rows() + 1), 1, kRowsMax);
  return true;
}

Result<std::optional<std::string_view>> BatchRows::NextRowKey() {
  TRY_ASSIGN(const bool more, Fill());
  if (!more) return std::nullopt;
  TRY(first_.EncodeRowKeys(batch_->Slice(0, 1)));
  return std::optional(first_.row_key(0));
}

Result<int64_t> BatchRows::RowsBelow(const columnar::Batch& rows, std::string_view upper) {
  TRY(keys_.EncodeRowKeys(rows.Slice(rows.rows() - 1, 1)));
  if (keys_.row_key(0) < upper) return rows.rows();
  TRY(keys_.EncodeRowKeys(rows));
  return keys_.LowerBound(upper);
}

Result<int64_t> BatchRows::WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) {
  TRY_ASSIGN(const bool more, Fill());
  if (!more) return 0;
  columnar::Batch next = batch_->Slice(0, std::min(batch_->rows(), rows_at_a_time_));
  if (upper) {
    TRY_ASSIGN(const int64_t below, RowsBelow(next, *upper));
    if (below == 0) return 0;
    next = next.Slice(0, below);
  }
  TRY(writer.Write(next));
  if (next.rows() == batch_->rows()) {
    batch_.reset();
  } else {
    batch_ = batch_->Slice(next.rows(), batch_->rows() - next.rows());
  }
  return next.rows();
}

}  // namespace sleeper::sort
