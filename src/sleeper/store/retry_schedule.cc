#include "sleeper/store/retry_schedule.h"

#include <algorithm>

namespace sleeper::store {
namespace {

/// How often a wait looks whether the work is still wanted.
constexpr Duration kSlice = std::chrono::milliseconds(100);

bool MayRepeat(ErrorKind kind, Repeatable repeatable) {
  if (kind == ErrorKind::kUnavailable || kind == ErrorKind::kThrottled) return true;
  return kind == ErrorKind::kOutcomeUnknown && repeatable == Repeatable::kAlways;
}

}  // namespace

RetrySchedule::RetrySchedule(const RetryPolicy& policy, Executor& executor, Random& random)
    : policy_(policy), executor_(executor), random_(random), begin_(executor.clock().MonotonicNow()) {}

Status RetrySchedule::WaitAfter(const Status& failure, Repeatable repeatable, const CallContext& call) {
  const ErrorKind kind = KindOf(failure);
  if (!MayRepeat(kind, repeatable) || attempts_ >= policy_.attempts_max) return failure;
  const Clock& clock = executor_.clock();
  const Instant now = clock.MonotonicNow();
  const Instant end = now + NextWait(kind == ErrorKind::kThrottled);
  if (end >= call.deadline || end - begin_ >= policy_.time_max) return failure;
  for (Instant at = now; at < end; at = clock.MonotonicNow()) {
    executor_.SleepUntil(std::min(end, at + kSlice));
    TRY(call.Check(clock));
  }
  ++attempts_;
  return Status::OK();
}

Duration RetrySchedule::NextWait(bool is_throttled) {
  const Duration longest = is_throttled ? policy_.throttled_wait_max : policy_.wait_max;
  Duration wait = is_throttled ? policy_.throttled_wait_first : policy_.wait_first;
  for (int i = 1; i < attempts_ && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, longest);
  const auto half = static_cast<uint64_t>(wait.count()) / 2;
  return Duration(static_cast<int64_t>(half + random_.Below(half + 1)));
}

}  // namespace sleeper::store
