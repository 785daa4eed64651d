#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/array/data.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/file/leaf_reader.h"
#include "sleeper/model/field.h"

namespace sleeper::file {

/// Decodes one field of a scan, row group by row group, into Arrow arrays. Confined.
class ColumnDecoder {
 public:
  static std::unique_ptr<ColumnDecoder> Make(const model::Field& field,
                                             const std::shared_ptr<columnar::BufferRecycler>& recycler);
  virtual ~ColumnDecoder() = default;

  /// Goes on with a row group, whose leaves these are.
  virtual void Start(std::vector<LeafReader> leaves) = 0;

  /// Appends the rows [begin, begin + rows) of the row group to the array to be. kCorrupt if the pages do not hold
  /// them.
  /// REQUIRES: rows are read in ascending order, from the pages that the leaves have.
  virtual Status Read(int64_t begin, int64_t rows) = 0;

  /// The array of the rows read since the last Finish.
  virtual Result<std::shared_ptr<arrow::ArrayData>> Finish() = 0;
};

}  // namespace sleeper::file
