#pragma once

#include <cstdint>
#include <memory>

#include <arrow/array/data.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/file/flat_values.h"
#include "sleeper/file/parquet_format.h"

namespace sleeper::file {

/// Collects values of decoded pages as an Arrow array. Confined.
class ValueSink {
 public:
  static std::unique_ptr<ValueSink> Make(PhysicalType type, const std::shared_ptr<columnar::BufferRecycler>& recycler);
  virtual ~ValueSink() = default;

  /// Appends the slots [begin, begin + count).
  virtual Status Append(const FlatValues& values, int64_t begin, int64_t count) = 0;

  /// The array of what was appended since the last Finish.
  virtual Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) = 0;
};

}  // namespace sleeper::file
