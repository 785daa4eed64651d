#include "sleeper/store/parallel_ranges.h"

#include "sleeper/base/parallel_waits.h"

namespace sleeper::store {

Result<std::vector<Buffer>> ReadInParallel(Executor& executor, std::span<const ByteRange> ranges, int parallel_max,
                                           const std::function<Result<Buffer>(ByteRange range)>& read) {
  std::vector<Buffer> buffers(ranges.size());
  TRY(ForEachWaiting(executor, static_cast<int64_t>(ranges.size()), parallel_max, [&](int64_t number) -> Status {
    const auto i = static_cast<size_t>(number);
    TRY_ASSIGN(buffers[i], read(ranges[i]));
    return Status::OK();
  }));
  return buffers;
}

}  // namespace sleeper::store
