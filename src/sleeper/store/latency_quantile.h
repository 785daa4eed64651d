#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/base/time.h"

namespace sleeper::store {

/// A quantile of how long the latest requests took. Thread-safe.
class LatencyQuantile {
 public:
  /// REQUIRES: 0 <= quantile < 1.
  explicit LatencyQuantile(double quantile) : quantile_(quantile) {}

  void Note(Duration latency);

  /// Nothing before enough requests were seen.
  std::optional<Duration> value() const;

 private:
  static constexpr size_t kSamples = 256;
  static constexpr size_t kSamplesMin = 50;
  /// The quantile is found again after so many further samples.
  static constexpr uint64_t kSamplesBetween = 16;

  const double quantile_;
  mutable Mutex mutex_;
  /// A ring of the latest ones.
  std::array<Duration, kSamples> samples_ SLEEPER_GUARDED_BY(mutex_) = {};
  uint64_t noted_ SLEEPER_GUARDED_BY(mutex_) = 0;
  std::optional<Duration> value_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::store
