#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/column_match.h"
#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// Turns the batches of a typed foreign input, whatever their size, into batches of a layout within the bounds of the
/// options. Confined.
class ForeignBatches {
 public:
  /// kInvalid if columns do not match, or have types whose values could never stand in the field.
  static Result<ForeignBatches> Make(std::string input, const arrow::Schema& schema, const InputOptions& options,
                                     std::shared_ptr<const columnar::Layout> layout);

  /// The input's columns that are wanted, in the layout's order, and those that are not.
  const ColumnMatch& match() const { return match_; }

  /// Takes the next rows of the input, whose columns are found by name. REQUIRES: Next() has answered nothing, or was
  /// not yet called; the arrays are valid.
  void Add(std::shared_ptr<arrow::RecordBatch> rows);

  /// The next batch of what was added; nothing when all of it was given.
  Result<std::optional<columnar::Batch>> Next();

 private:
  ForeignBatches(std::string input, const InputOptions& options, std::shared_ptr<const columnar::Layout> layout,
                 ColumnMatch match);

  Result<columnar::Batch> Cast(int64_t rows);

  const std::string input_;
  const int64_t batch_rows_max_;
  const int64_t batch_bytes_max_;
  const std::shared_ptr<const columnar::Layout> layout_;
  const ColumnMatch match_;

  /// What was added, and how much of it has been cast.
  std::shared_ptr<arrow::RecordBatch> added_;
  int64_t added_done_ = 0;
  /// The rows before added_.
  int64_t rows_before_ = 0;
  /// What has been cast, and how much of it was given; it is given in pieces of cast_piece_ rows.
  std::optional<columnar::Batch> cast_;
  int64_t cast_done_ = 0;
  int64_t cast_piece_ = 0;
};

}  // namespace sleeper::exchange
