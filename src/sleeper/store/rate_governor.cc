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
/// A request that goes out later than its turn, as its thread woke late, does not delay those behind it; but no more is
/// made up for.
constexpr Duration kLateMax = std::chrono::milliseconds(20);
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

Instant RateLane::NextTurn() const { return rate_ == 0 ? Instant::min() : last_turn_ + Interval(rate_); }

Instant RateLane::EndOf(const Patience& patience) const {
  if (patience.time == Duration::max()) return Instant::max();
  return std::max(patience.since, served_at_) + patience.time;
}

Result<bool> RateLane::TakeTurn(Instant now, bool is_first, const Patience& patience) {
  if (rate_ > 0 && now >= EndOf(patience)) {
    return Error(ErrorKind::kThrottled, "the store asks for fewer requests, and has served none like this one for ",
                 static_cast<int64_t>(Seconds(patience.time)), " s");
  }
  if (rate_ > 0 && (!is_first || now < NextTurn())) return false;
  last_turn_ = std::max(NextTurn(), now - kLateMax);
  CountAdmission(now);
  return true;
}

Status RateLane::Admit(const CallContext& call, const Patience& patience) {
  const Instant now = executor_.clock().MonotonicNow();
  {
    MutexLock lock(mutex_);
    TRY_ASSIGN(const bool goes, TakeTurn(now, queue_.empty(), patience));
    if (goes) return Status::OK();
    if (std::max(now, NextTurn()) + static_cast<int64_t>(queue_.size()) * Interval(rate_) >= call.deadline) {
      return Error(ErrorKind::kThrottled, "the store asks for fewer requests, and the turn of this one would come ",
                   "after its deadline");
    }
  }
  const std::shared_ptr<WaitPoint> place = executor_.MakeWaitPoint();
  {
    MutexLock lock(mutex_);
    queue_.push_back(place);
  }
  Status status = WaitInQueue(place, call, patience);
  Leave(place);
  return status;
}

Status RateLane::WaitInQueue(const std::shared_ptr<WaitPoint>& place, const CallContext& call,
                             const Patience& patience) {
  const Clock& clock = executor_.clock();
  for (;;) {
    const WaitPoint::Ticket ticket = place->Take();
    const Instant now = clock.MonotonicNow();
    if (now >= call.deadline) {
      return Error(ErrorKind::kThrottled, "the store asks for fewer requests, and the turn of this one did not come ",
                   "before its deadline");
    }
    TRY(call.Check(clock));
    Instant next_look = call.cancellation == nullptr ? call.deadline : std::min(call.deadline, now + kSlice);
    {
      MutexLock lock(mutex_);
      const bool is_first = queue_.front() == place;
      TRY_ASSIGN(const bool goes, TakeTurn(now, is_first, patience));
      if (goes) return Status::OK();
      next_look = std::min({next_look, EndOf(patience), is_first ? NextTurn() : Instant::max()});
    }
    place->Wait(ticket, next_look);
  }
}

void RateLane::Leave(const std::shared_ptr<WaitPoint>& place) {
  std::shared_ptr<WaitPoint> first;
  {
    MutexLock lock(mutex_);
    std::erase(queue_, place);
    if (!queue_.empty()) first = queue_.front();
  }
  if (first != nullptr) first->NotifyAll();
}

void RateLane::NoteServed() {
  const Instant now = executor_.clock().MonotonicNow();
  MutexLock lock(mutex_);
  served_at_ = std::max(served_at_, now);
  if (rate_ == 0) return;
  const Duration time = std::min(now - grown_at_, kGrowthTimeMax);
  grown_at_ = now;
  const double calm_steps = std::max(0.0, Seconds(now - cut_at_ - policy_.calm));
  const double growth = std::min(policy_.growth_per_second_max, policy_.growth_per_second * (1 + calm_steps));
  rate_ *= 1 + growth * Seconds(time);
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
