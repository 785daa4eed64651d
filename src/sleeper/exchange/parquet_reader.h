#pragma once

#include <memory>

#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// Any valid Parquet file, row group after row group, only the columns of the layout. See OpenInput.
Result<std::unique_ptr<InputReader>> OpenParquet(std::unique_ptr<InputSource> source, const InputOptions& options,
                                                 std::shared_ptr<const columnar::Layout> layout,
                                                 const CallContext& call);

}  // namespace sleeper::exchange
