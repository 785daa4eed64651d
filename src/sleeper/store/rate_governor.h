#pragma once

#include <deque>
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
  /// After so long without a refusal it grows by as much more with each further second, up to the bound: what the store
  /// refused then says little about now.
  Duration calm = std::chrono::seconds(5);
  double growth_per_second_max = 1;
  /// Requests per second: not below, and without a limit above. As few as these harm no store, and as many tell soon
  /// when it serves again.
  double rate_min = 5;
  double rate_free = 20'000;
};

/// How long a request waits at a store that serves nobody. Value.
struct Patience {
  /// When the wait began.
  Instant since = Instant::min();
  /// It ends so long after that, or after the store has last served a request of the lane.
  Duration time = Duration::max();
};

/// The pace of the requests to one part of a store. At first, and most often for ever, there is none: requests go out
/// as they come. After a refusal they stand in a queue and go out one by one, at a share of the rate that they had. Who
/// waits has a place in the queue and not a time, so a rate that grows lets all of them out sooner. Thread-safe.
class RateLane {
 public:
  RateLane(Executor& executor, const RatePolicy& policy) : executor_(executor), policy_(policy) {}

  /// Waits for the turn of a request; first come, first served. kThrottled if the patience ends, or at once if the
  /// deadline would come before the turn.
  Status Admit(const CallContext& call, const Patience& patience = {});

  /// The store has served a request, or refused it because there were too many.
  void NoteServed();
  void NoteThrottled();

  /// Requests per second; 0: without a limit.
  double rate() const;

 private:
  Status WaitInQueue(const std::shared_ptr<WaitPoint>& place, const CallContext& call, const Patience& patience);
  void Leave(const std::shared_ptr<WaitPoint>& place);
  /// When the first one of the queue may go out, at the rate of now.
  Instant NextTurn() const SLEEPER_REQUIRES(mutex_);
  Instant EndOf(const Patience& patience) const SLEEPER_REQUIRES(mutex_);
  /// Whether the request may go out now, and then it has.
  Result<bool> TakeTurn(Instant now, bool is_first, const Patience& patience) SLEEPER_REQUIRES(mutex_);
  void CountAdmission(Instant now) SLEEPER_REQUIRES(mutex_);
  double MeasuredRate(Instant now) const SLEEPER_REQUIRES(mutex_);

  Executor& executor_;
  const RatePolicy policy_;
  mutable Mutex mutex_;
  double rate_ SLEEPER_GUARDED_BY(mutex_) = 0;
  /// Those who wait; the first one waits for its turn, and the others for their places.
  std::deque<std::shared_ptr<WaitPoint>> queue_ SLEEPER_GUARDED_BY(mutex_);
  /// The turn of the last request that went out.
  Instant last_turn_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
  Instant served_at_ SLEEPER_GUARDED_BY(mutex_) = Instant::min();
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
