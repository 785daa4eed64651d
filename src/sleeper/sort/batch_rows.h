#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/sort/sorted_rows.h"

namespace sleeper::sort {

/// The rows of a stream of batches. Only batches that reach over a bound have all their keys looked at. Confined.
class BatchRows final : public SortedRows {
 public:
  /// `bytes_held` is what the stream holds until its end.
  explicit BatchRows(std::unique_ptr<rows::RowStream> stream, int64_t bytes_held = 0)
      : stream_(std::move(stream)), bytes_held_(bytes_held) {}

  Result<std::optional<std::string_view>> NextRowKey() override;
  Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) override;
  int64_t bytes() const override { return bytes_held_; }

 private:
  /// Rows that are written at a time, and bytes if they are wide.
  static constexpr int64_t kRowsMax = 8192;
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
};

}  // namespace sleeper::sort
