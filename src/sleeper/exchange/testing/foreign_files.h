#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

namespace sleeper::exchange {

/// One column of a foreign file, whose values are JSON as Arrow reads it.
struct ForeignColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string values;
};

std::shared_ptr<arrow::RecordBatch> ForeignRows(const std::vector<ForeignColumn>& columns);

struct ForeignParquet {
  int64_t row_group_rows = 1'000'000;
  bool int96_timestamps = false;
};
/// A Parquet file as Arrow writes it.
std::string ParquetBytes(const std::shared_ptr<arrow::RecordBatch>& rows, const ForeignParquet& settings = {});

/// The same rows several times, as an Arrow file or stream.
std::string ArrowFileBytes(const std::shared_ptr<arrow::RecordBatch>& rows, int times = 1);
std::string ArrowStreamBytes(const std::shared_ptr<arrow::RecordBatch>& rows, int times = 1);

}  // namespace sleeper::exchange
