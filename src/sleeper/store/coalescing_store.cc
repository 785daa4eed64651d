#include "sleeper/store/coalescing_store.h"

namespace sleeper::store {

Result<std::vector<Buffer>> CoalescingStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                       const CallContext& call) {
  if (ranges.size() < 2) return inner().GetRanges(path, ranges, call);
  const JoinedRanges joined(ranges, limits_);
  TRY_ASSIGN(const std::vector<Buffer> read, inner().GetRanges(path, joined.ranges(), call));
  for (size_t i = 0; i < read.size(); ++i) {
    const int64_t size = joined.ranges()[i].size;
    if (read[i].size() == size) continue;
    return Error(ErrorKind::kUnavailable, "a read of ", size, " bytes of object '", path, "' was answered with ",
                 read[i].size());
  }
  return joined.Distribute(read);
}

}  // namespace sleeper::store
