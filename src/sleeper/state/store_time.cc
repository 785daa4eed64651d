#include "sleeper/state/store_time.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::state {

StoreTime::StoreTime(DatedState<TableState> newest) : newest_(std::move(newest)), now_(newest_.written) {}

StoreTime StoreTime::At(WallTime now) const {
  StoreTime later = *this;
  later.now_ = std::max(now_, now);
  return later;
}

StoreTime StoreTime::NotAfter(WallTime now) const {
  StoreTime earlier = *this;
  earlier.newest_.written = std::min(newest_.written, now);
  earlier.now_ = std::min(now_, now);
  return earlier;
}

WallTime StoreTime::WrittenBy(model::LogNumber number) const {
  if (const std::optional<WallTime> marked = state().TimeAtOrAfter(number)) return *marked;
  // The store's clock may go back; what is told here does not.
  const std::optional<TimeMark> last = state().LastMark();
  return last ? std::max(last->time, newest_.written) : newest_.written;
}

model::LogNumber StoreTime::LastOfAge(Duration age) const {
  // Ages fall as numbers rise.
  model::LogNumber old = 0;
  model::LogNumber young = state().number() + 1;
  while (young - old > 1) {
    const model::LogNumber middle = old + (young - old) / 2;
    (HasAge(middle, age) ? old : young) = middle;
  }
  return old;
}

Result<WallTime> AskStoreTime(store::ObjectStore& store, Random& random, const model::TableId& table,
                              model::LogNumber birth, const CallContext& call) {
  const store::ObjectPath path(PlanPrefix(table).value() + FormatUp(birth) + "-" + random.Hex(16));
  return AskStoreTime(store, path, call);
}

Result<WallTime> AskStoreTime(store::ObjectStore& store, const store::ObjectPath& path, const CallContext& call) {
  const Status put =
      store.Put(path, Buffer::FromString("What time is it?\n"), store::PutMode::kIfAbsent, call).status();
  if (!put.ok() && !IsKind(put, ErrorKind::kOutcomeUnknown)) return put;
  const Result<store::ObjectInfo> info = store.Head(path, call);
  // If it stays, a sweep finds it.
  (void)store.Delete({&path, 1}, call).ok();
  if (IsKind(info.status(), ErrorKind::kNotFound)) {
    return Error(ErrorKind::kUnavailable, "the store did not keep an object that was to tell the time: ", path);
  }
  TRY(info.status());
  return info->last_modified;
}

}  // namespace sleeper::state
