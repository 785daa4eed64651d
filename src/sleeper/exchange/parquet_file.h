#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/flat_column.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/page_memory.h"

namespace parquet::arrow {
class FileReader;
}

namespace sleeper::exchange {

/// A foreign Parquet file, opened: its schema, its row groups, and readers of their rows. Confined.
class ParquetFile {
 public:
  /// The unit of the timestamps that 12-byte integers, the time format of old writers, are read as. Microseconds cut
  /// what is finer; nanoseconds overflow outside the years 1677 to 2262.
  enum class Int96 { kMicroseconds, kNanoseconds };

  struct Settings {
    Int96 int96 = Int96::kMicroseconds;
    /// See InputOptions.
    int64_t page_bytes_max = 0;
  };

  /// kInvalid if the source is empty, or is not a whole Parquet file. The source must outlive the file.
  static Result<ParquetFile> Open(InputSource& source, const Settings& settings, const CallContext& call);

  ParquetFile(ParquetFile&&) noexcept;
  ~ParquetFile();

  const std::string& name() const { return name_; }
  int64_t page_bytes_max() const { return page_bytes_max_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  int64_t rows() const { return rows_; }
  int row_groups() const { return row_groups_; }

  /// The Parquet columns below the given columns of schema(); a list has one, a map two.
  Result<std::vector<int>> LeavesOf(std::span<const int> columns) const;

  /// Whether a Parquet column holds 12-byte integers, is inside a list or map, and which column of schema() it belongs
  /// to.
  bool IsInt96(int leaf) const;
  bool IsNested(int leaf) const;
  std::string ColumnOf(int leaf) const;

  /// How a column of schema() can be decoded from its pages; nothing if only ReadRowGroup() can.
  std::optional<FlatColumn> FlatColumnOf(int column) const;

  /// Where the chunk of such a column lies; nothing if only ReadRowGroup() can read it. `file_bytes` is the file's
  /// size.
  Result<std::optional<FlatChunk>> FlatChunkOf(int row_group, int column, int64_t file_bytes) const;

  Result<int64_t> RowsOf(int row_group) const;

  /// Tells `source`, which the file was opened from, that some columns of a row group are read next.
  Status PrefetchRowGroup(InputSource& source, int row_group, const std::vector<int>& leaves,
                          const CallContext& call) const;

  /// A reader of one row group, whose batches are within the bounds of `options` as far as the sizes that the file
  /// states are true. It must not outlive the file.
  Result<std::unique_ptr<arrow::RecordBatchReader>> ReadRowGroup(int row_group, const std::vector<int>& leaves,
                                                                 const InputOptions& options);

 private:
  ParquetFile(std::string name, int64_t page_bytes_max);

  std::string name_;
  int64_t page_bytes_max_;
  /// Of the reader's pages.
  std::unique_ptr<PageMemory> memory_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t rows_ = 0;
  int row_groups_ = 0;
};

}  // namespace sleeper::exchange
