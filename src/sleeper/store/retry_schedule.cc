#include "sleeper/store/retry_schedule.h"

#include <algorithm>

namespace sleeper::store {
namespace {

/// How often a wait that can be cancelled looks whether it was.
constexpr Duration kSlice = std::chrono::milliseconds(100);

bool MayRepeat(ErrorKind kind, Repeatable repeatable) {
  if (kind == ErrorKind::kUnavailable || kind == ErrorKind::kThrottled) return true;
  return kind == ErrorKind::kOutcomeUnknown && repeatable == Repeatable::kAlways;
}

/// True if the store has dealt with the request, be it that it found nothing.
bool IsAnswered(const Status& answer) {
  return answer.ok() || IsKind(answer, ErrorKind::kNotFound) || IsKind(answer, ErrorKind::kConflict) ||
         IsKind(answer, ErrorKind::kInvalid) || IsKind(answer, ErrorKind::kDenied);
}

}  // namespace

Status RetrySchedule::WaitForTurn(const CallContext& call) {
  if (lane_ == nullptr) return Status::OK();
  const Instant entered = executor_.clock().MonotonicNow();
  const Status status = lane_->Admit(call, {.since = begin_.value_or(entered), .time = policy_.time_max});
  if (begin_) turns_time_ += executor_.clock().MonotonicNow() - entered;
  return status;
}

void RetrySchedule::Note(const Status& answer) {
  const bool is_throttled = IsKind(answer, ErrorKind::kThrottled);
  if (!is_throttled && !IsAnswered(answer)) return;
  if (first_answer_ != nullptr) first_answer_->Note();
  if (lane_ == nullptr) return;
  if (is_throttled) {
    lane_->NoteThrottled();
  } else {
    lane_->NoteServed();
  }
}

bool RetrySchedule::HasTriedEnough(bool is_throttled) const {
  if (is_throttled) return throttled_attempts_ >= policy_.throttled_attempts_max;
  const bool has_answered = first_answer_ == nullptr || first_answer_->has_come();
  return attempts_ >= (has_answered ? policy_.attempts_max : policy_.attempts_before_answer_max);
}

Status RetrySchedule::WaitAfter(const Status& failure, Repeatable repeatable, const CallContext& call) {
  const ErrorKind kind = KindOf(failure);
  const bool is_throttled = kind == ErrorKind::kThrottled;
  if (!MayRepeat(kind, repeatable) || HasTriedEnough(is_throttled)) return failure;
  const Clock& clock = executor_.clock();
  const Instant now = clock.MonotonicNow();
  if (!begin_) begin_ = now;
  const Instant end = now + NextWait(is_throttled);
  if (end >= call.deadline || end - *begin_ - turns_time_ >= policy_.time_max) return failure;
  for (Instant at = now; at < end; at = clock.MonotonicNow()) {
    executor_.SleepUntil(call.cancellation == nullptr ? end : std::min(end, at + kSlice));
    TRY(call.Check(clock));
  }
  ++(is_throttled ? throttled_attempts_ : attempts_);
  return Status::OK();
}

Duration RetrySchedule::NextWait(bool is_throttled) {
  const Duration longest = is_throttled ? policy_.throttled_wait_max : policy_.wait_max;
  Duration wait = is_throttled ? policy_.throttled_wait_first : policy_.wait_first;
  const int attempts = is_throttled ? throttled_attempts_ : attempts_;
  for (int i = 1; i < attempts && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, longest);
  const auto half = static_cast<uint64_t>(wait.count()) / 2;
  return Duration(static_cast<int64_t>(half + random_.Below(half + 1)));
}

}  // namespace sleeper::store
