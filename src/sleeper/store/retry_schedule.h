#pragma once

#include <optional>
#include <type_traits>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/store/rate_governor.h"

namespace sleeper::store {

/// How often, and after what waits, a request is made again. Value.
struct RetryPolicy {
  /// With the first one; refusals because of too many requests do not count.
  int attempts_max = 10;
  /// The wait before the second attempt; it doubles from attempt to attempt, up to the bound.
  Duration wait_first = std::chrono::milliseconds(50);
  Duration wait_max = std::chrono::seconds(5);
  /// The same after the store has asked for fewer requests: more waits, and longer ones, as a busy store serves
  /// everybody in the end.
  int throttled_attempts_max = 100;
  Duration throttled_wait_first = std::chrono::milliseconds(500);
  Duration throttled_wait_max = std::chrono::seconds(5);
  /// No further attempt begins so long after the first one was answered.
  Duration time_max = std::chrono::minutes(3);
};

/// What is known of a request whose answer was lost.
enum class Repeatable {
  kAlways,         ///< A second time does no harm.
  kWithoutEffect,  ///< Only if the first one certainly had no effect.
};

/// The waits before and between the attempts of one call. Confined.
class RetrySchedule {
 public:
  /// All must outlive the schedule. Without a lane no request waits for its turn.
  RetrySchedule(const RetryPolicy& policy, Executor& executor, Random& random, RateLane* lane = nullptr)
      : policy_(policy), executor_(executor), random_(random), lane_(lane) {}

  /// Waits for the turn of an attempt.
  Status WaitForTurn(const CallContext& call) { return lane_ == nullptr ? Status::OK() : lane_->Admit(call); }

  /// Learns from the answer to an attempt.
  void Note(const Status& answer);

  /// Waits a random time, from half of what the policy says to all of it, and returns OK if the call may then be made
  /// again. Otherwise the failure to answer with: `failure` itself if its kind is not to be repeated, or the attempts,
  /// the time or the deadline do not allow another one; kCancelled if the work was cancelled during the wait.
  Status WaitAfter(const Status& failure, Repeatable repeatable, const CallContext& call);

 private:
  Duration NextWait(bool is_throttled);

  const RetryPolicy& policy_;
  Executor& executor_;
  Random& random_;
  RateLane* const lane_;
  /// When the first attempt was answered.
  std::optional<Instant> begin_;
  int attempts_ = 1;
  int throttled_attempts_ = 1;
};

/// Calls `attempt`, which answers a Status or a Result, until it succeeds or the schedule ends.
template <typename Attempt>
auto Repeat(RetrySchedule schedule, Repeatable repeatable, const CallContext& call, const Attempt& attempt)
    -> decltype(attempt()) {
  const auto status_of = [](const auto& answer) -> const Status& {
    if constexpr (std::is_same_v<decltype(attempt()), Status>) {
      return answer;
    } else {
      return answer.status();
    }
  };
  for (;;) {
    TRY(schedule.WaitForTurn(call));
    auto answer = attempt();
    schedule.Note(status_of(answer));
    if (answer.ok()) return answer;
    TRY(schedule.WaitAfter(status_of(answer), repeatable, call));
  }
}

}  // namespace sleeper::store
