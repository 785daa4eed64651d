#include "sleeper/store/parallel_ranges.h"

#include <algorithm>
#include <atomic>

#include "sleeper/base/task_group.h"

namespace sleeper::store {

Result<std::vector<Buffer>> ReadInParallel(Executor& executor, std::span<const ByteRange> ranges, int parallel_max,
                                           const std::function<Result<Buffer>(ByteRange range)>& read) {
  std::vector<Buffer> buffers(ranges.size());
  std::atomic<size_t> next = 0;
  TaskGroup group(executor);
  const auto read_some = [&]() -> Status {
    for (size_t i = next++; i < ranges.size() && !group.cancellation().cancelled(); i = next++) {
      TRY_ASSIGN(buffers[i], read(ranges[i]));
    }
    return Status::OK();
  };
  const size_t readers = std::min(ranges.size(), static_cast<size_t>(parallel_max));
  // The calling thread is one of them.
  for (size_t i = 1; i < readers; ++i) group.RunStage(read_some);
  const Status own = read_some();
  if (!own.ok()) group.Cancel();
  const Status others = group.Join();
  TRY(own);
  TRY(others);
  return buffers;
}

}  // namespace sleeper::store
