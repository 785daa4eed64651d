#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/file/row_block.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/sort/sorted_rows.h"

namespace sleeper::sort {

/// Rows of a batch on their way into pages. The batch has no lists and maps. Confined.
class BatchBlock final : public file::RowBlock {
 public:
  /// Replaces the block's rows. kInvalid if a key takes 2 GiB or more. REQUIRES: there are rows.
  Status Load(columnar::Batch rows);

  int64_t rows() const override { return batch_->rows(); }
  std::string_view row_key(int64_t row) const override { return (row == 0 ? first_ : last_).row_key(0); }
  void AppendTo(size_t column, int64_t begin, int64_t count, file::PageRows& page) override;

 private:
  std::optional<columnar::Batch> batch_;
  columnar::KeyColumn first_;
  columnar::KeyColumn last_;
};

/// The rows of a stream of batches. Only batches that reach over a bound have all their keys looked at. Confined.
class BatchRows final : public SortedRows {
 public:
  /// `bytes_held` is what the stream holds until its end.
  explicit BatchRows(std::unique_ptr<rows::RowStream> stream, int64_t bytes_held = 0);

  Result<std::optional<std::string_view>> NextRowKey() override;
  Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) override;
  int64_t bytes() const override { return bytes_held_; }

 private:
  /// Rows that are written at a time, a page of them, and bytes if they are wide.
  static constexpr int64_t kRowsMax = 2048;
  static constexpr int64_t kBytesMax = 1 << 20;

  /// Makes `batch_` hold the next rows; false at the end.
  Result<bool> Fill();
  /// How many rows at the start of `rows` have row keys less than `upper`.
  Result<int64_t> RowsBelow(const columnar::Batch& rows, std::string_view upper);

  std::unique_ptr<rows::RowStream> stream_;
  int64_t bytes_held_;
  std::optional<columnar::Batch> batch_;
  int64_t rows_at_a_time_ = 0;
  columnar::KeyColumn first_;
  columnar::KeyColumn keys_;
  /// If the schema has no lists and maps.
  std::optional<BatchBlock> block_;
};

}  // namespace sleeper::sort
