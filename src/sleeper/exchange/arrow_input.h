#pragma once

#include <memory>

#include <arrow/io/type_fwd.h>

#include "sleeper/base/call_context.h"
#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// A source as Arrow's readers want it. Every read happens on the caller's thread, also those that Arrow would hand to
/// its own pool. The source's errors pass through with their kind. `source` must outlive the result. REQUIRES for
/// ToArrowFile: source.size() is known.
std::shared_ptr<arrow::io::RandomAccessFile> ToArrowFile(InputSource& source, const CallContext& call);
std::shared_ptr<arrow::io::InputStream> ToArrowStream(InputSource& source, const CallContext& call);

}  // namespace sleeper::exchange
