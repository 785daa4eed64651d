#pragma once

#include "sleeper/exchange/output_writer.h"

namespace sleeper::exchange {

/// One JSON object a line, with all fields, nulls too. See OpenOutput.
Result<std::unique_ptr<OutputWriter>> OpenJsonLinesOutput(std::unique_ptr<OutputSink> sink,
                                                          std::shared_ptr<const columnar::Layout> layout,
                                                          const CallContext& call);

}  // namespace sleeper::exchange
