#include "sleeper/store/retrying_store.h"

#include "sleeper/store/parallel_ranges.h"

namespace sleeper::store {

using enum RequestDirection;

RetrySchedule RetryingStore::NewSchedule(const ObjectPath& path, RequestDirection direction) {
  RateLane* lane = ports_.governor == nullptr ? nullptr : &ports_.governor->LaneOf(path, direction);
  return {policy_, ports_.executor, ports_.random, lane, &first_answer_};
}

Result<Object> RetryingStore::Get(const ObjectPath& path, const CallContext& call) {
  return Repeat(NewSchedule(path, kRead), Repeatable::kAlways, call, [&] { return inner_.Get(path, call); });
}

Result<Buffer> RetryingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  return Repeat(NewSchedule(path, kRead), Repeatable::kAlways, call,
                [&] { return inner_.GetRange(path, range, call); });
}

Result<std::vector<Buffer>> RetryingStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                     const CallContext& call) {
  if (ranges.empty()) {
    return Repeat(NewSchedule(path, kRead), Repeatable::kAlways, call,
                  [&] { return inner_.GetRanges(path, ranges, call); });
  }
  return ReadInParallel(ports_.executor, ranges, kRangesParallelMax,
                        [&](ByteRange range) { return GetRange(path, range, call); });
}

Result<PutOutcome> RetryingStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const Repeatable repeatable = mode == PutMode::kReplace ? Repeatable::kAlways : Repeatable::kWithoutEffect;
  return Repeat(NewSchedule(path, kWrite), repeatable, call, [&] { return inner_.Put(path, bytes, mode, call); });
}

Result<std::unique_ptr<ObjectWriter>> RetryingStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                                const CallContext& call) {
  return Repeat(NewSchedule(path, kWrite), Repeatable::kAlways, call,
                [&] { return inner_.OpenWriter(path, mode, call); });
}

Result<ObjectInfo> RetryingStore::Head(const ObjectPath& path, const CallContext& call) {
  return Repeat(NewSchedule(path, kRead), Repeatable::kAlways, call, [&] { return inner_.Head(path, call); });
}

Result<ListPage> RetryingStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                     const CallContext& call) {
  return Repeat(NewSchedule(prefix, kRead), Repeatable::kAlways, call,
                [&] { return inner_.List(prefix, after, keys_max, call); });
}

Status RetryingStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  const ObjectPath first = paths.empty() ? ObjectPath("") : paths.front();
  return Repeat(NewSchedule(first, kWrite), Repeatable::kAlways, call, [&] { return inner_.Delete(paths, call); });
}

Status RetryingStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  return Repeat(NewSchedule(prefix, kWrite), Repeatable::kAlways, call,
                [&] { return inner_.DropAbandonedWrites(prefix, age, call); });
}

}  // namespace sleeper::store
