#pragma once

#include <atomic>
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
  /// With the first one; refusals because of too many requests do not count. They take 33 to 66 s if each fails at
  /// once: a server that restarts takes 10 to 30 s.
  int attempts_max = 20;
  /// The same as long as the store has not answered anything, 8 to 16 s: its address may well be wrong.
  int attempts_before_answer_max = 10;
  /// The wait before the second attempt; it doubles from attempt to attempt, up to the bound.
  Duration wait_first = std::chrono::milliseconds(50);
  Duration wait_max = std::chrono::seconds(5);
  /// The same after the store has asked for fewer requests: more waits, and longer ones, as a busy store serves
  /// everybody in the end.
  int throttled_attempts_max = 100;
  Duration throttled_wait_first = std::chrono::milliseconds(500);
  Duration throttled_wait_max = std::chrono::seconds(5);
  /// No further attempt begins so long after the first one was answered. Waits for a turn do not count as long as the
  /// store serves others: those who share a lane wait for one another, and none of them shall fail for that.
  Duration time_max = std::chrono::minutes(3);
};

/// What is known of a request whose answer was lost.
enum class Repeatable {
  kAlways,         ///< A second time does no harm.
  kWithoutEffect,  ///< Only if the first one certainly had no effect.
};

/// Whether a store has ever answered. Thread-safe.
class FirstAnswer {
 public:
  void Note() { has_come_.store(true, std::memory_order_relaxed); }
  bool has_come() const { return has_come_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> has_come_ = false;
};

/// The waits before and between the attempts of one call. Confined.
class RetrySchedule {
 public:
  /// All must outlive the schedule. Without a lane no request waits for its turn; without `first_answer` the store
  /// counts as one that has answered.
  RetrySchedule(const RetryPolicy& policy, Executor& executor, Random& random, RateLane* lane = nullptr,
                FirstAnswer* first_answer = nullptr)
      : policy_(policy), executor_(executor), random_(random), lane_(lane), first_answer_(first_answer) {}

  /// Waits for the turn of an attempt.
  Status WaitForTurn(const CallContext& call);

  /// Learns from the answer to an attempt.
  void Note(const Status& answer);

  /// Waits a random time, from half of what the policy says to all of it, and returns OK if the call may then be made
  /// again. Otherwise the failure to answer with: `failure` itself if its kind is not to be repeated, or the attempts,
  /// the time or the deadline do not allow another one; kCancelled if the work was cancelled during the wait.
  Status WaitAfter(const Status& failure, Repeatable repeatable, const CallContext& call);

 private:
  bool HasTriedEnough(bool is_throttled) const;
  Duration NextWait(bool is_throttled);

  const RetryPolicy& policy_;
  Executor& executor_;
  Random& random_;
  RateLane* const lane_;
  FirstAnswer* const first_answer_;
  /// When the first attempt was answered.
  std::optional<Instant> begin_;
  /// How long turns were waited for since then.
  Duration turns_time_{};
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
