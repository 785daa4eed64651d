#pragma once

#include "sleeper/exchange/output_writer.h"

namespace sleeper::exchange {

/// One Parquet file with exactly the layout's types and, for rows in key order, the sorting columns that they have.
/// Memory is one row group. See OpenOutput.
Result<std::unique_ptr<OutputWriter>> OpenParquetOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                        std::shared_ptr<const columnar::Layout> layout,
                                                        const CallContext& call);

}  // namespace sleeper::exchange
