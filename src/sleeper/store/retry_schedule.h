#pragma once

#include <type_traits>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"

namespace sleeper::store {

/// How often, and after what waits, a request is made again. Value.
struct RetryPolicy {
  /// With the first one.
  int attempts_max = 10;
  /// The wait before the second attempt; it doubles from attempt to attempt, up to the bound.
  Duration wait_first = std::chrono::milliseconds(50);
  Duration wait_max = std::chrono::seconds(5);
  /// The same after the store has asked for fewer requests.
  Duration throttled_wait_first = std::chrono::milliseconds(500);
  Duration throttled_wait_max = std::chrono::seconds(20);
  /// No further attempt begins so long after the first one.
  Duration time_max = std::chrono::minutes(3);
};

/// What is known of a request whose answer was lost.
enum class Repeatable {
  kAlways,         ///< A second time does no harm.
  kWithoutEffect,  ///< Only if the first one certainly had no effect.
};

/// The waits between the attempts of one call. Confined.
class RetrySchedule {
 public:
  /// All must outlive the schedule.
  RetrySchedule(const RetryPolicy& policy, Executor& executor, Random& random);

  /// Waits a random time, from half of what the policy says to all of it, and returns OK if the call may then be made
  /// again. Otherwise the failure to answer with: `failure` itself if its kind is not to be repeated, or the attempts,
  /// the time or the deadline do not allow another one; kCancelled if the work was cancelled during the wait.
  Status WaitAfter(const Status& failure, Repeatable repeatable, const CallContext& call);

 private:
  Duration NextWait(bool is_throttled);

  const RetryPolicy& policy_;
  Executor& executor_;
  Random& random_;
  const Instant begin_;
  int attempts_ = 1;
};

/// Calls `attempt`, which answers a Status or a Result, until it succeeds or the schedule ends.
template <typename Attempt>
auto Repeat(RetrySchedule schedule, Repeatable repeatable, const CallContext& call, const Attempt& attempt)
    -> decltype(attempt()) {
  for (;;) {
    auto answer = attempt();
    if (answer.ok()) return answer;
    Status over;
    if constexpr (std::is_same_v<decltype(attempt()), Status>) {
      over = schedule.WaitAfter(answer, repeatable, call);
    } else {
      over = schedule.WaitAfter(answer.status(), repeatable, call);
    }
    if (!over.ok()) return over;
  }
}

}  // namespace sleeper::store
