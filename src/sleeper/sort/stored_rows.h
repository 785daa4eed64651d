#pragma once

#include <memory>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/task_group.h"
#include "sleeper/sort/row_gather.h"
#include "sleeper/sort/row_store.h"
#include "sleeper/sort/sorted_rows.h"

namespace sleeper::sort {

/// The rows of a store in key order. A section is sorted, on the executor, while the one before it is written.
/// Confined.
class StoredRows final : public SortedRows {
 public:
  /// REQUIRES: the store is finished. `executor` must outlive the rows.
  StoredRows(RowStore store, Executor& executor);
  StoredRows(const StoredRows&) = delete;
  StoredRows& operator=(const StoredRows&) = delete;

  Result<std::optional<std::string_view>> NextRowKey() override;
  Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) override;
  int64_t bytes() const override { return store_.bytes(); }

 private:
  /// Wide rows are written fewer at a time, so that a row group does not go far beyond its bound.
  static constexpr int64_t kBytesMax = 1 << 20;

  /// Goes on to the next section that has rows, if all of the present one were written; false at the end.
  Result<bool> Advance();
  /// Starts sorting the next section.
  void SortAhead();
  /// How many of the next `rows_max` rows have row keys less than `upper`.
  size_t RowsBelow(size_t rows_max, std::string_view upper) const;
  std::string_view RowKeyOf(size_t index) const { return store_.row_key(store_.row(entries_[index].address)); }
  /// Asks for the memory of rows whose turn comes next.
  void Prefetch(size_t begin) const;

  RowStore store_;
  /// Of the section at hand, the one before `section_ahead_`.
  std::vector<RowEntry> entries_;
  RowGather gather_;
  size_t rows_at_a_time_ = RowGather::kRowsMax;
  size_t next_ = 0;

  /// The section that is sorted by `sorting_`, and its entries once that is joined.
  size_t section_ahead_ = 0;
  std::vector<RowEntry> entries_ahead_;
  TaskGroup sorting_;
};

}  // namespace sleeper::sort
