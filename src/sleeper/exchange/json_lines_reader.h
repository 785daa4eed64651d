#pragma once

#include <memory>

#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// One JSON object a line, also compressed with gzip or zstd. Members that the table lacks are ignored, with everything
/// in them; a member may be absent if its field is nullable. See OpenInput.
Result<std::unique_ptr<InputReader>> OpenJsonLines(std::unique_ptr<InputSource> source, const InputOptions& options,
                                                   std::shared_ptr<const columnar::Layout> layout,
                                                   const CallContext& call);

}  // namespace sleeper::exchange
