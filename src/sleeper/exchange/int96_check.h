#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/parquet_file.h"

namespace sleeper::exchange {

/// Finds the 12-byte timestamps of a Parquet file that are finer than a microsecond, which Arrow's reader would cut
/// without a word. It reads those columns a second time, as nanoseconds: they may overflow, but modulo 2^64 they still
/// differ from a thousand times the microseconds by exactly what was cut. Confined.
class Int96Check {
 public:
  /// Nothing if no leaf of `leaves` is of that type. kInvalid if one inside a list or map is.
  static Result<std::optional<Int96Check>> Make(InputSource& source, const ParquetFile& file,
                                                const std::vector<int>& leaves, const CallContext& call);

  Status StartRowGroup(int row_group, const InputOptions& options);

  /// Checks the next rows of the row group, read as microseconds, the first of which is row `first_row` of the file.
  Status Check(const arrow::RecordBatch& micros, int64_t first_row);

 private:
  Int96Check(ParquetFile file, std::vector<int> leaves) : file_(std::move(file)), leaves_(std::move(leaves)) {}

  /// The column's next value as nanoseconds is that of row nanos_done_ of nanos_.
  Status NextNanos();
  Status CheckRows(const arrow::RecordBatch& micros, int64_t offset, int64_t rows, int64_t first_row) const;

  ParquetFile file_;
  std::vector<int> leaves_;
  std::unique_ptr<arrow::RecordBatchReader> row_group_;
  std::shared_ptr<arrow::RecordBatch> nanos_;
  int64_t nanos_done_ = 0;
};

}  // namespace sleeper::exchange
