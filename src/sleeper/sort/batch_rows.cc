#include "sleeper/sort/batch_rows.h"

#include <algorithm>
#include <utility>

#include <arrow/record_batch.h>

#include "sleeper/sort/row_layout.h"

namespace sleeper::sort {

Status BatchBlock::Load(columnar::Batch rows) {
  TRY(first_.EncodeRowKeys(rows.Slice(0, 1)));
  TRY(last_.EncodeRowKeys(rows.Slice(rows.rows() - 1, 1)));
  batch_.emplace(std::move(rows));
  return Status::OK();
}

void BatchBlock::AppendTo(size_t column, int64_t begin, int64_t count, file::PageRows& page) {
  page.Append(*batch_->arrow()->column_data(static_cast<int>(column)), begin, count);
}

BatchRows::BatchRows(std::unique_ptr<rows::RowStream> stream, int64_t bytes_held)
    : stream_(std::move(stream)), bytes_held_(bytes_held) {
  if (RowLayout::CanHold(stream_->layout()->schema())) block_.emplace();
}

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
  int64_t rows = std::min(batch_->rows(), rows_at_a_time_);
  if (block_) rows = std::min(rows, writer.step_rows_max());
  columnar::Batch next = batch_->Slice(0, rows);
  if (upper) {
    TRY_ASSIGN(const int64_t below, RowsBelow(next, *upper));
    if (below == 0) return 0;
    next = next.Slice(0, below);
  }
  const int64_t written = next.rows();
  if (block_) {
    // Straight into the pages, where their order and their hash are proved while they lie in the caches: a hash of the
    // batches and a look at their order cost about a twentieth more.
    TRY(block_->Load(std::move(next)));
    TRY(writer.Write(*block_));
  } else {
    TRY(writer.Write(next));
  }
  if (written == batch_->rows()) {
    batch_.reset();
  } else {
    batch_ = batch_->Slice(written, batch_->rows() - written);
  }
  return written;
}

}  // namespace sleeper::sort
