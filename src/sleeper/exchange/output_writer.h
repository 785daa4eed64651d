#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/format.h"
#include "sleeper/exchange/output_sink.h"

namespace sleeper::exchange {

enum class RowOrder {
  kKeyOrder,  ///< The rows come in the order of row keys, then sort keys: formats that can say so do.
  kAnyOrder,
};

struct OutputOptions {
  OutputFormat format = OutputFormat::kTable;
  char csv_delimiter = ',';
  RowOrder order = RowOrder::kKeyOrder;
};

/// Writes batches of one layout to a sink in some format. Memory is bounded: the first rows for a table on a terminal,
/// a row group for Parquet. What it writes, the reader of the same format reads as the same rows. Dropped without
/// Finish() it leaves what its sink leaves. Confined.
class OutputWriter {
 public:
  virtual ~OutputWriter() = default;

  /// REQUIRES: the batch has the writer's layout.
  virtual Status Write(const columnar::Batch& batch) = 0;

  /// Writes what belongs at the end, and finishes the sink. After it only the destructor may be called.
  virtual Status Finish() = 0;
};

/// What `call` points at must outlive the writer.
Result<std::unique_ptr<OutputWriter>> OpenOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                 std::shared_ptr<const columnar::Layout> layout,
                                                 const CallContext& call);

}  // namespace sleeper::exchange
