#pragma once

#include "sleeper/exchange/output_writer.h"

namespace sleeper::exchange {

/// Aligned text for people. The first rows decide how wide the columns are; a longer value further down pushes its row
/// to the right. See OpenOutput.
Result<std::unique_ptr<OutputWriter>> OpenTableOutput(std::unique_ptr<OutputSink> sink,
                                                      std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call);

}  // namespace sleeper::exchange
