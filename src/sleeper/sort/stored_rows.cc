#include "sleeper/sort/stored_rows.h"

#include <algorithm>
#include <utility>

#include "sleeper/sort/sort_entries.h"

namespace sleeper::sort {

StoredRows::StoredRows(RowStore store, Executor& executor)
    : store_(std::move(store)), gather_(store_), sorting_(executor) {
  if (store_.rows() == 0) return;
  const int64_t row_bytes = store_.bytes() / store_.rows() + 1;
  rows_at_a_time_ =
      static_cast<size_t>(std::clamp<int64_t>(kBytesMax / row_bytes, 1, static_cast<int64_t>(RowGather::kRowsMax)));
  SortAhead();
}

void StoredRows::SortAhead() {
  if (section_ahead_ == store_.sections()) return;
  sorting_.Run([this] {
    entries_ahead_ = SortEntries(store_.Entries(section_ahead_), store_.depth(section_ahead_), store_);
    return Status::OK();
  });
}

Result<bool> StoredRows::Advance() {
  while (next_ == entries_.size()) {
    if (section_ahead_ == store_.sections()) return false;
    TRY(sorting_.Join());
    if (section_ahead_ > 0) store_.Drop(section_ahead_ - 1);
    ++section_ahead_;
    entries_ = std::move(entries_ahead_);
    next_ = 0;
    SortAhead();
  }
  return true;
}

Result<std::optional<std::string_view>> StoredRows::NextRowKey() {
  TRY_ASSIGN(const bool more, Advance());
  if (!more) return std::nullopt;
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
  TRY_ASSIGN(const bool more, Advance());
  if (!more) return 0;
  const auto step_rows_max = static_cast<size_t>(writer.step_rows_max());
  size_t rows = std::min({entries_.size() - next_, rows_at_a_time_, step_rows_max});
  if (upper) rows = RowsBelow(rows, *upper);
  if (rows == 0) return 0;
  Prefetch(next_ + rows);
  gather_.Load(std::span(entries_).subspan(next_, rows));
  TRY(writer.Write(gather_));
  next_ += rows;
  return static_cast<int64_t>(rows);
}

}  // namespace sleeper::sort
