#include "sleeper/store/hedging_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/base/task_group.h"

namespace sleeper::store {
namespace {

/// How often a wait that can be cancelled looks whether it was.
constexpr Duration kSlice = std::chrono::milliseconds(20);
/// Get does not know the size beforehand: its reads are for themselves.
constexpr int kWholeObjects = 4;

template <typename T, size_t... kIndex>
std::array<T, sizeof...(kIndex)> RepeatValue(double value, std::index_sequence<kIndex...>) {
  return {((void)kIndex, T(value))...};
}

}  // namespace

HedgingStore::HedgingStore(ObjectStore& inner, const HedgePolicy& policy, Executor& executor)
    : ForwardingStore(inner),
      policy_(policy),
      executor_(executor),
      latencies_(RepeatValue<LatencyQuantile>(policy.quantile, std::make_index_sequence<kSizes>())) {}

int HedgingStore::SizeOf(int64_t bytes) {
  int size = 0;
  for (int64_t bound = 64 << 10; size < kWholeObjects - 1 && bytes > bound; bound *= 16) ++size;
  return size;
}

bool HedgingStore::SaveForHedge() {
  MutexLock lock(mutex_);
  saved_ = std::min(saved_ + policy_.share_max, policy_.saved_max);
  return saved_ >= 1;
}

bool HedgingStore::SpendOnHedge() {
  MutexLock lock(mutex_);
  if (saved_ < 1) return false;
  saved_ -= 1;
  return true;
}

bool HedgingStore::WaitFor(Event& event, Instant deadline, const CallContext& call, const std::function<void()>& stop) {
  const Clock& clock = executor_.clock();
  if (call.cancellation == nullptr) return event.Wait(deadline);
  for (;;) {
    const Instant now = clock.MonotonicNow();
    if (event.Wait(std::min(deadline, now + kSlice))) return true;
    if (now >= deadline) return false;
    if (call.cancellation->cancelled()) stop();
  }
}

template <typename T>
Result<T> HedgingStore::Hedge(int size, const CallContext& call,
                              const std::function<Result<T>(const CallContext&)>& read) {
  const Clock& clock = executor_.clock();
  const Instant begin = clock.MonotonicNow();
  LatencyQuantile& latency = latencies_[static_cast<size_t>(size)];
  const auto note = [&](const Result<T>& answer) {
    if (answer.ok()) latency.Note(clock.MonotonicNow() - begin);
  };
  const std::optional<Duration> usual = latency.value();
  if (!SaveForHedge() || !usual) {
    Result<T> answer = read(call);
    note(answer);
    return answer;
  }

  Cancellation stop_first;
  Cancellation stop_second;
  Event first_is_over(executor_);
  std::optional<Result<T>> second;
  const auto stop_both = [&] {
    stop_first.Cancel();
    stop_second.Cancel();
  };
  TaskGroup group(executor_);
  group.RunStage([&]() -> Status {
    const Instant patience_ends = begin + std::max(*usual, policy_.delay_min);
    if (WaitFor(first_is_over, patience_ends, call, stop_both)) return Status::OK();
    if (!SpendOnHedge()) {
      WaitFor(first_is_over, Instant::max(), call, stop_both);
      return Status::OK();
    }
    Event second_is_over(executor_);
    TaskGroup asking_again(executor_);
    asking_again.RunStage([&]() -> Status {
      CallContext own = call;
      own.cancellation = &stop_second;
      second = read(own);
      if (second->ok()) stop_first.Cancel();
      second_is_over.Set();
      return Status::OK();
    });
    WaitFor(second_is_over, Instant::max(), call, stop_both);
    TRY(asking_again.Join());
    // If the second one failed, the first one is still to be watched.
    WaitFor(first_is_over, Instant::max(), call, stop_both);
    return Status::OK();
  });
  CallContext own = call;
  own.cancellation = &stop_first;
  Result<T> first = read(own);
  first_is_over.Set();
  if (first.ok() || IsKind(first.status(), ErrorKind::kNotFound)) stop_second.Cancel();
  TRY(group.Join());
  Result<T> answer = !first.ok() && second && second->ok() ? *std::move(second) : std::move(first);
  note(answer);
  return answer;
}

Result<Object> HedgingStore::Get(const ObjectPath& path, const CallContext& call) {
  return Hedge<Object>(kWholeObjects, call, [&](const CallContext& own) { return inner().Get(path, own); });
}

Result<Buffer> HedgingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  return Hedge<Buffer>(SizeOf(range.size), call,
                       [&](const CallContext& own) { return inner().GetRange(path, range, own); });
}

}  // namespace sleeper::store
