#pragma once

#include <memory>

#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// CSV with a header, also compressed with gzip or zstd. See OpenInput.
Result<std::unique_ptr<InputReader>> OpenCsv(std::unique_ptr<InputSource> source, const InputOptions& options,
                                             std::shared_ptr<const columnar::Layout> layout, const CallContext& call);

}  // namespace sleeper::exchange
