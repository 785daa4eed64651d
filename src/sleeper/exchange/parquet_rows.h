#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/flat_row_group.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/int96_check.h"
#include "sleeper/exchange/parquet_file.h"

namespace sleeper::exchange {

/// The rows of a foreign Parquet file, row group after row group. Flat columns are decoded from their pages
/// (FlatRowGroup), which takes a fraction of the time; what is not known there is read by libparquet: some columns of
/// the file or of a row group, or, from the place on where a page turns out to be of no known kind or damaged, all of
/// them. So libparquet has the last word on what can be read. Confined.
class ParquetRows {
 public:
  /// Reads the given columns of the file's schema. `source` is what the file was opened from, and outlives this.
  static Result<ParquetRows> Make(InputSource& source, ParquetFile file, std::vector<int> columns,
                                  const InputOptions& options, const CallContext& call);

  /// How many rows the file says that it has.
  int64_t rows_total() const { return file_.rows(); }

  /// The next rows, at least one, their columns under their names; null at the end of the file.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  ParquetRows(InputSource& source, ParquetFile file, std::vector<int> columns, std::optional<Int96Check> int96,
              const InputOptions& options, const CallContext& call)
      : source_(source),
        file_(std::move(file)),
        columns_(std::move(columns)),
        int96_(std::move(int96)),
        options_(options),
        call_(call) {}

  Status StartRowGroup();
  /// Opens what libparquet reads of the row group: `columns`, perhaps none.
  Status StartLibrary(const std::vector<int>& columns);
  /// From here on libparquet reads everything, as `why` was met in the row group's pages.
  Status LeaveToLibrary(const Status& why);
  /// Null at the end of the row group.
  Result<std::shared_ptr<arrow::RecordBatch>> NextOfRowGroup();
  /// Makes library_rows_ rows that are not taken yet, or null at the end of the row group.
  Status LoadLibraryRows();
  /// The next rows of flat columns, together with as many of the library's.
  Result<std::shared_ptr<arrow::RecordBatch>> NextFlat();

  InputSource& source_;
  ParquetFile file_;
  const std::vector<int> columns_;
  std::optional<Int96Check> int96_;
  const InputOptions options_;
  const CallContext call_;

  int next_row_group_ = 0;
  bool in_row_group_ = false;
  /// The rows of the file before the row group; the rows of the row group, and how many of them were given.
  int64_t rows_before_ = 0;
  int64_t rows_ = 0;
  int64_t rows_given_ = 0;

  /// Which columns flat_ reads; none while there is no flat_.
  std::vector<int> flat_columns_;
  std::optional<FlatRowGroup> flat_;
  /// Null if libparquet reads no column of the row group.
  std::unique_ptr<arrow::RecordBatchReader> library_;
  std::shared_ptr<arrow::RecordBatch> library_rows_;
  int64_t library_rows_taken_ = 0;
  /// The rows of the row group that libparquet has read.
  int64_t library_rows_read_ = 0;
  /// Why everything was left to libparquet.
  Status left_;
  int left_in_row_group_ = 0;
};

}  // namespace sleeper::exchange
