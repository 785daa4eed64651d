#pragma once

#include "sleeper/exchange/output_writer.h"

namespace sleeper::exchange {

/// Arrow IPC: the stream format down a pipe, otherwise the file format. See OpenOutput.
Result<std::unique_ptr<OutputWriter>> OpenArrowOutput(std::unique_ptr<OutputSink> sink,
                                                      std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call);

}  // namespace sleeper::exchange
