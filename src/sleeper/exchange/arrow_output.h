#pragma once

#include <memory>

#include <arrow/io/type_fwd.h>

#include "sleeper/base/call_context.h"
#include "sleeper/exchange/output_sink.h"

namespace sleeper::exchange {

/// A sink as Arrow's writers want it. Closing it does not finish the sink, which must outlive it.
std::shared_ptr<arrow::io::OutputStream> ToArrowStream(OutputSink& sink, const CallContext& call);

}  // namespace sleeper::exchange
