#include "sleeper/store/joined_ranges.h"

#include <algorithm>
#include <numeric>

namespace sleeper::store {
namespace {

constexpr int64_t kSlowerByAtMost = 8;
constexpr int64_t kEnoughForARequest = 8;

/// False for what a store refuses: it is passed on as it is.
bool IsPlain(ByteRange range) { return range.offset >= 0 && range.size > 0 && range.size <= INT64_MAX - range.offset; }

}  // namespace

JoinLimits JoinLimits::For(Duration first_byte, int64_t bytes_per_second) {
  const double seconds = std::chrono::duration<double>(first_byte).count();
  const auto bytes_of_wait = static_cast<int64_t>(seconds * static_cast<double>(bytes_per_second));
  return {.hole_bytes_max = bytes_of_wait / kSlowerByAtMost, .range_bytes_max = bytes_of_wait * kEnoughForARequest};
}

JoinedRanges::JoinedRanges(std::span<const ByteRange> asked, const JoinLimits& limits)
    : asked_(asked.begin(), asked.end()), holder_(asked.size()) {
  std::vector<size_t> order(asked_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return asked_[a].offset < asked_[b].offset; });
  bool may_join = false;
  for (const size_t i : order) {
    const ByteRange range = asked_[i];
    if (may_join && IsPlain(range)) {
      ByteRange& last = joined_.back();
      const int64_t size = std::max(last.end(), range.end()) - last.offset;
      if (range.end() <= last.end() ||
          (range.offset - last.end() <= limits.hole_bytes_max && size <= limits.range_bytes_max)) {
        last.size = size;
        wanted_bytes_.back() += range.size;
        holder_[i] = joined_.size() - 1;
        continue;
      }
    }
    joined_.push_back(range);
    wanted_bytes_.push_back(range.size);
    holder_[i] = joined_.size() - 1;
    may_join = IsPlain(range);
  }
}

std::vector<Buffer> JoinedRanges::Distribute(const std::vector<Buffer>& read) const {
  std::vector<Buffer> buffers;
  buffers.reserve(asked_.size());
  for (size_t i = 0; i < asked_.size(); ++i) {
    const size_t holder = holder_[i];
    const ByteRange whole = joined_[holder];
    const Buffer slice = read[holder].Slice({asked_[i].offset - whole.offset, asked_[i].size});
    buffers.push_back(wanted_bytes_[holder] < whole.size / 2 ? Buffer::CopyOf(slice.view()) : slice);
  }
  return buffers;
}

}  // namespace sleeper::store
