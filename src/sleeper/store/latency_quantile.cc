#include "sleeper/store/latency_quantile.h"

#include <algorithm>

namespace sleeper::store {

void LatencyQuantile::Note(Duration latency) {
  MutexLock lock(mutex_);
  samples_[noted_++ % kSamples] = latency;
  if (noted_ < kSamplesMin || (value_ && noted_ % kSamplesBetween != 0)) return;
  std::vector<Duration> sorted(samples_.begin(),
                               samples_.begin() + static_cast<ptrdiff_t>(std::min<uint64_t>(noted_, kSamples)));
  const auto at = sorted.begin() + static_cast<ptrdiff_t>(quantile_ * static_cast<double>(sorted.size()));
  std::nth_element(sorted.begin(), at, sorted.end());
  value_ = *at;
}

std::optional<Duration> LatencyQuantile::value() const {
  MutexLock lock(mutex_);
  return value_;
}

}  // namespace sleeper::store
