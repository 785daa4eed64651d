#pragma once

#include <cstdint>
#include <functional>

#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"

namespace sleeper {

/// Calls `body(i)` for i in [0, count), at most `parallel_max` at the same time, and returns the failure of one that
/// failed; those that were not begun by then are left out. For what waits and does not compute, such as requests: it
/// gets threads of its own, of which the calling one is the first, whatever the number of workers.
/// REQUIRES: parallel_max > 0.
Status ForEachWaiting(Executor& executor, int64_t count, int64_t parallel_max,
                      const std::function<Status(int64_t)>& body);

}  // namespace sleeper
