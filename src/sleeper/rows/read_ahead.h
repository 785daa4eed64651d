#pragma once

#include <memory>

#include "sleeper/base/executor.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::rows {

/// Reads ahead on a thread of its own, at most `batches_max` (>= 1) batches, so that the input's work overlaps with the
/// consumer's. Dropping the stream stops the thread after the batch at hand, and waits for that. `executor` must
/// outlive it.
std::unique_ptr<RowStream> ReadAhead(std::unique_ptr<RowStream> input, Executor& executor, int batches_max);

}  // namespace sleeper::rows
