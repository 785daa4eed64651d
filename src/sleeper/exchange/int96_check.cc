#include "sleeper/exchange/int96_check.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/exchange/foreign_status.h"
#include "sleeper/exchange/place.h"

namespace sleeper::exchange {

Result<std::optional<Int96Check>> Int96Check::Make(InputSource& source, const ParquetFile& file,
                                                   const std::vector<int>& leaves, const CallContext& call) {
  std::vector<int> found;
  for (const int leaf : leaves) {
    if (!file.IsInt96(leaf)) continue;
    if (file.IsNested(leaf)) {
      return Error(ErrorKind::kInvalid, source.name(), ": column ", file.ColumnOf(leaf),
                   " holds INT96 timestamps inside a list or map, which are not supported");
    }
    found.push_back(leaf);
  }
  if (found.empty()) return std::nullopt;
  const ParquetFile::Settings settings{.int96 = ParquetFile::Int96::kNanoseconds,
                                       .page_bytes_max = file.page_bytes_max()};
  TRY_ASSIGN(ParquetFile nanos, ParquetFile::Open(source, settings, call));
  return Int96Check(std::move(nanos), std::move(found));
}

Status Int96Check::StartRowGroup(int row_group, const InputOptions& options) {
  nanos_ = nullptr;
  TRY_ASSIGN(row_group_, file_.ReadRowGroup(row_group, leaves_, options));
  return Status::OK();
}

Status Int96Check::NextNanos() {
  TRY_ASSIGN(nanos_, Fenced(file_.name(), [&] { return row_group_->Next(); }));
  if (nanos_ == nullptr) return Error(ErrorKind::kInvalid, file_.name(), ": columns of different lengths");
  nanos_done_ = 0;
  return Status::OK();
}

Status Int96Check::Check(const arrow::RecordBatch& micros, int64_t first_row) {
  // The two readers need not cut their batches at the same rows.
  for (int64_t done = 0; done < micros.num_rows();) {
    if (nanos_ == nullptr || nanos_done_ == nanos_->num_rows()) TRY(NextNanos());
    const int64_t rows = std::min(micros.num_rows() - done, nanos_->num_rows() - nanos_done_);
    TRY(CheckRows(micros, done, rows, first_row + done));
    done += rows;
    nanos_done_ += rows;
  }
  return Status::OK();
}

Status Int96Check::CheckRows(const arrow::RecordBatch& micros, int64_t offset, int64_t rows, int64_t first_row) const {
  for (const int leaf : leaves_) {
    const std::string column = file_.ColumnOf(leaf);
    const auto coarse = std::static_pointer_cast<arrow::TimestampArray>(micros.GetColumnByName(column));
    const auto fine = std::static_pointer_cast<arrow::TimestampArray>(nanos_->GetColumnByName(column));
    for (int64_t i = 0; i < rows; ++i) {
      if (coarse->IsNull(offset + i)) continue;
      const auto microseconds = static_cast<uint64_t>(coarse->Value(offset + i));
      const auto nanoseconds = static_cast<uint64_t>(fine->Value(nanos_done_ + i));
      const uint64_t cut = nanoseconds - microseconds * 1'000;
      if (cut == 0) continue;
      const Place place{.input = file_.name(), .row = first_row + i, .column = column};
      return place.Refuse("does not fit TimestampType: nanoseconds beyond the microsecond", std::to_string(cut));
    }
  }
  return Status::OK();
}

}  // namespace sleeper::exchange
