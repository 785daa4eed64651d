#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/exchange/chunk_reads.h"
#include "sleeper/exchange/flat_column.h"
#include "sleeper/exchange/page_stream.h"
#include "sleeper/file/value_sink.h"

namespace sleeper::exchange {

/// Flat columns of a foreign Parquet file, decoded row group by row group and in step: every answer has the same rows
/// of all of them. Memory is a page of each column and the rows of one answer. Confined.
class FlatRowGroup {
 public:
  struct Bounds {
    int64_t batch_rows_max = 0;
    /// A single row may be larger.
    int64_t batch_bytes_max = 0;
    int64_t page_bytes_max = 0;
  };

  FlatRowGroup(std::vector<FlatColumn> columns, const Bounds& bounds);
  ~FlatRowGroup();
  FlatRowGroup(FlatRowGroup&&) noexcept;

  const std::vector<FlatColumn>& columns() const { return columns_; }

  /// Goes on with another row group, where the columns' chunks are these.
  void Start(const std::vector<FlatChunk>& chunks, InputSource& source, TellAhead tell, const CallContext& call);

  /// The next rows, an array for each column: at least one row, at most `rows_max`. kCorrupt, and column and page, if
  /// these pages are damaged or cannot be read here; kInvalid if a page is larger than allowed. After a failure, only
  /// Start may be called.
  Result<std::vector<std::shared_ptr<arrow::Array>>> Next(int64_t rows_max);

 private:
  /// A column's values, from pages to the array to be.
  struct Leaf {
    PageStream pages;
    std::unique_ptr<file::ValueSink> sink;
    /// How many rows of the page have been taken.
    int64_t taken = 0;

    int64_t left() const { return pages.page().rows() - taken; }
  };

  /// How many rows, at most `rows_max`, the pages in use have, which take no more than `bytes_max`; bytes.
  struct Run {
    int64_t rows = 0;
    int64_t bytes = 0;
  };
  Result<Run> NextRun(int64_t rows_max, int64_t bytes_max);
  int64_t BytesOf(int64_t rows) const;
  Result<std::shared_ptr<arrow::Array>> Finish(size_t column);

  std::vector<FlatColumn> columns_;
  Bounds bounds_;
  std::vector<Leaf> leaves_;
  bool at_start_ = true;
};

}  // namespace sleeper::exchange
