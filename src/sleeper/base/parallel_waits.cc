#include "sleeper/base/parallel_waits.h"

#include <algorithm>
#include <atomic>

#include "sleeper/base/task_group.h"

namespace sleeper {

Status ForEachWaiting(Executor& executor, int64_t count, int64_t parallel_max,
                      const std::function<Status(int64_t)>& body) {
  std::atomic<int64_t> next = 0;
  TaskGroup group(executor);
  const auto do_some = [&]() -> Status {
    for (int64_t i = next++; i < count && !group.cancellation().cancelled(); i = next++) TRY(body(i));
    return Status::OK();
  };
  for (int64_t thread = 1; thread < std::min(count, parallel_max); ++thread) group.RunStage(do_some);
  const Status own = do_some();
  if (!own.ok()) group.Cancel();
  const Status others = group.Join();
  TRY(own);
  return others;
}

}  // namespace sleeper
