#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <arrow/array/data.h>
#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/columnar/validity_builder.h"

namespace sleeper::columnar {

/// One column of a batch that Gather builds. Confined.
class GatherColumn {
 public:
  virtual ~GatherColumn() = default;

  /// REQUIRES: `type` is one of the types of arrow_types.h.
  static std::unique_ptr<GatherColumn> Make(const std::shared_ptr<arrow::DataType>& type,
                                            const std::shared_ptr<BufferRecycler>& recycler);

  /// Row i is the next one of inputs[sources[i]]. The inputs' `rows` say how often each occurs.
  virtual Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) = 0;

  /// The rows [offset, offset + rows) of `array`.
  virtual Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) = 0;

  virtual Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) = 0;

  /// The bytes of values since the last Finish.
  virtual int64_t bytes() const = 0;

  virtual Result<std::shared_ptr<arrow::ArrayData>> Finish() = 0;

 protected:
  /// Rows at random addresses are asked of the memory so far ahead of their turn.
  static constexpr size_t kPrefetchRows = 16;

  /// kInvalid if offsets of 32 bits do not reach so far.
  static Status CheckOffsetRange(int64_t size);

 private:
  static std::unique_ptr<GatherColumn> MakeBytes(const std::shared_ptr<arrow::DataType>& type,
                                                 const std::shared_ptr<BufferRecycler>& recycler);
  static std::unique_ptr<GatherColumn> MakeList(const std::shared_ptr<arrow::DataType>& type,
                                                const std::shared_ptr<BufferRecycler>& recycler);
};

}  // namespace sleeper::columnar
