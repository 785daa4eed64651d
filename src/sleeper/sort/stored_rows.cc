#include "sleeper/sort/stored_rows.h"

#include <algorithm>

namespace sleeper::sort {

StoredRows::StoredRows(RowStore store, std::vector<RowEntry> entries)
    : store_(std::move(store)), entries_(std::move(entries)), gather_(store_) {
  if (entries_.empty()) return;
  const int64_t row_bytes = store_.bytes() / store_.rows() + 1;
  rows_at_a_time_ =
      static_cast<size_t>(std::clamp<int64_t>(kBytesMax / row_bytes, 1, static_cast<int64_t>(RowGather::kRowsMax)));
}

Result<std::optional<std::string_view>> StoredRows::NextRowKey() {
  if (next_ == entries_.size()) return std::nullopt;
  return std::optional(RowKeyOf(next_));
}

size_t StoredRows::RowsBelow(size_t rows_max, std::string_view upper) const {
  if (RowKeyOf(next_ + rows_max - 1) < upper) return rows_max;
  size_t begin = 0;
  size_t end = rows_max - 1;
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (RowKeyOf(next_ + middle) < upper) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

void StoredRows::Prefetch(size_t begin) const {
  // The first two lines hold all of a short row; of a longer one, the processor finds out what follows.
  constexpr size_t kLine = 64;
  const size_t end = std::min(entries_.size(), begin + rows_at_a_time_);
  for (size_t i = begin; i < end; ++i) {
    const uint8_t* const row = store_.row(entries_[i].address);
    __builtin_prefetch(row);
    __builtin_prefetch(row + kLine);
  }
}

Result<int64_t> StoredRows::WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) {
  const auto step_rows_max = static_cast<size_t>(writer.step_rows_max());
  size_t rows = std::min({entries_.size() - next_, rows_at_a_time_, step_rows_max});
  if (rows > 0 && upper) rows = RowsBelow(rows, *upper);
  if (rows == 0) return 0;
  Prefetch(next_ + rows);
  gather_.Load(std::span(entries_).subspan(next_, rows));
  TRY(writer.Write(gather_));
  next_ += rows;
  return static_cast<int64_t>(rows);
}

}  // namespace sleeper::sort
