#include "sleeper/store/rate_governor.h"

#include <algorithm>

namespace sleeper::store {
namespace {

/// Rates are measured over so long.
constexpr Duration kWindow = std::chrono::milliseconds(500);
/// Growth is not made up for after a longer time without requests.
constexpr Duration kGrowthTimeMax = std::chrono::seconds(1);
/// How often a wait that can be cancelled looks whether it was.
constexpr Duration kSlice = std::chrono::milliseconds(100);
constexpr int kPathParts = 3;
/// Further parts of a store share a lane.
constexpr size_t kLanesMax = 1024;
constexpr std::string_view kOthers = "others";

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
Duration Interval(double rate) { return Duration(static_cast<int64_t>(1e6 / rate)); }

/// "tables/1f2e/data" of "tables/1f2e/data/0a/file".
std::string_view PartOf(std::string_view path) {
  size_t end = path.find('/');
  for (int i = 1; i < kPathParts && end != std::string_view::npos; ++i) end = path.find('/', end + 1);
  return path.substr(0, end);
}

}  // namespace

void RateLane::CountAdmission(Instant now) {
  if (window_requests_ == 0 || now - window_begin_ >= kWindow) {
    rate_before_ = MeasuredRate(now);
    window_begin_ = now;
    window_requests_ = 0;
  }
  ++window_requests_;
}

double RateLane::MeasuredRate(Instant now) const {
  if (window_requests_ == 0) return rate_before_;
  const double current = static_cast<double>(window_requests_) / Seconds(std::max(kWindow, now - window_begin_));
  return std::max(current, now - window_begin_ < kWindow ? rate_before_ : 0);
}

Status RateLane::Admit(const CallContext& call) {
  const Clock& clock = executor_.clock();
  const Instant now = clock.MonotonicNow();
  Instant turn = now;
  {
    MutexLock lock(mutex_);
    if (rate_ > 0) {
      turn = std::max(now, next_);
      if (turn >= call.deadline) {
        return Error(ErrorKind::kThrottled, "the store asks for fewer requests, and the turn of this one would come ",
                     "after its deadline");
      }
      next_ = turn + Interval(rate_);
    }
    CountAdmission(turn);
  }
  for (Instant at = now; at < turn; at = clock.MonotonicNow()) {
    executor_.SleepUntil(call.cancellation == nullptr ? turn : std::min(turn, at + kSlice));
    TRY(call.Check(clock));
  }
  return Status::OK();
}

void RateLane::NoteServed() {
  const Instant now = executor_.clock().MonotonicNow();
  MutexLock lock(mutex_);
  if (rate_ == 0) return;
  const Duration time = std::min(now - grown_at_, kGrowthTimeMax);
  grown_at_ = now;
  rate_ *= 1 + policy_.growth_per_second * Seconds(time);
  if (rate_ >= policy_.rate_free) rate_ = 0;
}

void RateLane::NoteThrottled() {
  const Instant now = executor_.clock().MonotonicNow();
  MutexLock lock(mutex_);
  if (rate_ > 0 && now - cut_at_ < policy_.cut_interval) return;
  const double before = rate_ > 0 ? rate_ : MeasuredRate(now);
  rate_ = std::max(policy_.rate_min, before * policy_.cut);
  cut_at_ = now;
  grown_at_ = now;
}

double RateLane::rate() const {
  MutexLock lock(mutex_);
  return rate_;
}

RateLane& RateGovernor::LaneOf(const ObjectPath& path, RequestDirection direction) {
  std::string name(direction == RequestDirection::kRead ? "read " : "write ");
  name += PartOf(path.value());
  MutexLock lock(mutex_);
  if (lanes_.size() >= kLanesMax && !lanes_.contains(name)) name = kOthers;
  std::unique_ptr<RateLane>& lane = lanes_[name];
  if (lane == nullptr) lane = std::make_unique<RateLane>(executor_, policy_);
  return *lane;
}

}  // namespace sleeper::store
