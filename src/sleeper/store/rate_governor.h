#pragma once

#include <map>
#include <memory>
#include <string>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// How requests are slowed down after a store asked for fewer, and sped up again. Value.
struct RatePolicy {
  /// What is left of the rate when the store asks for fewer requests, at most once in each interval: what was already
  /// on its way will be refused as well, and says nothing new.
  double cut = 0.7;
  Duration cut_interval = std::chrono::milliseconds(500);
  /// How much the rate grows in a second without a refusal, as a share of itself.
  double growth_per_second = 0.1;
  /// Requests per second: not below, and without a limit above.
  double rate_min = 0.2;
  double rate_free = 20'000;
};

/// The pace of the requests to one part of a store. At first, and most often for ever, there is none: requests go out
/// as they come. After a refusal they go out one by one, at a share of the rate that they had. Thread-safe.
class RateLane {
 public:
  RateLane(Executor& executor, const RatePolicy& policy) : executor_(executor), policy_(policy) {}

  /// Waits for the turn of a request; first come, first served. kThrottled at once if the deadline comes before it.
  Status Admit(const CallContext& call);

  /// The store has served a request, or refused it because there were too many.
  void NoteServed();
  void NoteThrottled();

  /// Requests per second; 0: without a limit.
  double rate() const;

 private:
  void CountAdmission(Instant now) SLEEPER_REQUIRES(mutex_);
  double MeasuredRate(Instant now) const SLEEPER_REQUIRES(mutex_);

  Executor& executor_;
  const RatePolicy policy_;
  mutable Mutex mutex_;
  double rate_ SLEEPER_GUARDED_BY(mutex_) = 0;
  /// When the next request may go out.
  Instant next_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
  Instant cut_at_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
  Instant grown_at_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
  /// The requests of the current window of time, and the rate of the one before it.
  Instant window_begin_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
  int64_t window_requests_ SLEEPER_GUARDED_BY(mutex_) = 0;
  double rate_before_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

enum class RequestDirection { kRead, kWrite };

/// One pace for all who send requests to the same part of a store, so that many workers that are refused slow down
/// together. Thread-safe.
///
/// A part is what stores limit: the reads, or the writes, under the first three parts of a path, as "tables/<id>/data".
class RateGovernor {
 public:
  /// `executor` must outlive the governor.
  explicit RateGovernor(Executor& executor, const RatePolicy& policy = {}) : executor_(executor), policy_(policy) {}

  /// The lane lives as long as the governor.
  RateLane& LaneOf(const ObjectPath& path, RequestDirection direction);

 private:
  Executor& executor_;
  const RatePolicy policy_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<RateLane>, std::less<>> lanes_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::store
