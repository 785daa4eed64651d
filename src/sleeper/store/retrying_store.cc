#include "sleeper/store/retrying_store.h"

namespace sleeper::store {

Result<Object> RetryingStore::Get(const ObjectPath& path, const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.Get(path, call); });
}

Result<Buffer> RetryingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.GetRange(path, range, call); });
}

Result<std::vector<Buffer>> RetryingStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                     const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.GetRanges(path, ranges, call); });
}

Result<PutOutcome> RetryingStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const Repeatable repeatable = mode == PutMode::kReplace ? Repeatable::kAlways : Repeatable::kWithoutEffect;
  return Repeat(NewSchedule(), repeatable, call, [&] { return inner_.Put(path, bytes, mode, call); });
}

Result<std::unique_ptr<ObjectWriter>> RetryingStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                                const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.OpenWriter(path, mode, call); });
}

Result<ObjectInfo> RetryingStore::Head(const ObjectPath& path, const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.Head(path, call); });
}

Result<ListPage> RetryingStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                     const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.List(prefix, after, keys_max, call); });
}

Status RetryingStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call, [&] { return inner_.Delete(paths, call); });
}

Status RetryingStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  return Repeat(NewSchedule(), Repeatable::kAlways, call,
                [&] { return inner_.DropAbandonedWrites(prefix, age, call); });
}

}  // namespace sleeper::store
