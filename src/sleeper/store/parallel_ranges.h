#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"

namespace sleeper::store {

/// Reads all ranges, at most `parallel_max` at the same time, and answers in the order asked. Requests wait and do not
/// compute: they get threads of their own, whatever the number of workers, and leave those to others.
Result<std::vector<Buffer>> ReadInParallel(Executor& executor, std::span<const ByteRange> ranges, int parallel_max,
                                           const std::function<Result<Buffer>(ByteRange range)>& read);

}  // namespace sleeper::store
