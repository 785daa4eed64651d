#pragma once

#include "sleeper/exchange/output_writer.h"

namespace sleeper::exchange {

/// CSV with a header: nulls as empty fields (an empty line where there is one column), empty texts as "". See
/// OpenOutput.
Result<std::unique_ptr<OutputWriter>> OpenCsvOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                    std::shared_ptr<const columnar::Layout> layout,
                                                    const CallContext& call);

}  // namespace sleeper::exchange
