#include "sleeper/state/slot_appender.h"

#include <algorithm>
#include <optional>

namespace sleeper::state {

bool IsPassing(const Status& status) {
  if (status.ok()) return false;
  const ErrorKind kind = KindOf(status);
  return kind == ErrorKind::kUnavailable || kind == ErrorKind::kThrottled;
}

void SlotAppender::Pause(int attempt, const CallContext& call) {
  const int64_t bound = std::min(options_.backoff_max.count(), options_.backoff_first.count() << std::min(attempt, 20));
  const Duration pause(static_cast<int64_t>(random_.Below(static_cast<uint64_t>(std::max<int64_t>(bound, 1)))));
  executor_.SleepUntil(std::min(call.deadline, executor_.clock().MonotonicNow() + pause));
}

Result<SlotAppender::PutFate> SlotAppender::Put(const SlotEntry& entry, const CallContext& call) {
  bool in_doubt = false;
  for (int attempt = 0; attempt < options_.resolve_attempts_max; ++attempt) {
    if (attempt > 0) Pause(attempt, call);
    const Status wanted = call.Check(executor_.clock());
    if (!wanted.ok()) {
      if (in_doubt) return PutFate::kUnknown;
      return wanted;
    }
    if (in_doubt) {
      // An answer was lost: find out first. Putting the same entry into the same empty slot once more is harmless.
      const Result<std::optional<LogEntry>> found = slots_.Read(entry.number, call);
      if (!found.ok()) {
        if (IsPassing(found.status())) continue;
        return PutFate::kUnknown;
      }
      if (found->has_value()) return (*found)->id == entry.id ? PutFate::kCreated : PutFate::kTaken;
    }
    const Result<store::PutOutcome> put = slots_.Put(entry.number, entry.bytes, call);
    if (put.ok()) return *put == store::PutOutcome::kCreated ? PutFate::kCreated : PutFate::kTaken;
    const ErrorKind kind = KindOf(put.status());
    // A cancelled put may have gone out before it was cancelled.
    if (kind == ErrorKind::kOutcomeUnknown || kind == ErrorKind::kCancelled) in_doubt = true;
    if (!in_doubt && !IsPassing(put.status())) return put.status();
  }
  if (in_doubt) return PutFate::kUnknown;
  return Error(ErrorKind::kUnavailable, slots_.NameOf(entry.number), ": it could not be written");
}

Result<AppendFate> SlotAppender::Append(const SlotEntry& entry, const CallContext& call) {
  TRY_ASSIGN(const PutFate put, Put(entry, call));
  if (put == PutFate::kTaken) return AppendFate::kTaken;
  if (put == PutFate::kUnknown) return AppendFate::kUnknown;
  for (int attempt = 0; attempt < options_.resolve_attempts_max; ++attempt) {
    if (attempt > 0) Pause(attempt, call);
    if (!call.Check(executor_.clock()).ok()) break;
    const Result<AppendFate> fate = Judge(entry, call);
    if (fate.ok()) return fate;
    if (!IsPassing(fate.status())) break;
  }
  return AppendFate::kUnknown;
}

Result<AppendFate> SlotAppender::Judge(const SlotEntry& entry, const CallContext& call) {
  TRY_ASSIGN(const std::optional<Slot> newest, slots_.Newest(call));
  if (newest && newest->number == entry.number) return AppendFate::kCommitted;
  if (!newest || newest->number < entry.number) return AppendFate::kUnknown;
  TRY_ASSIGN(const std::optional<LogEntry> next, slots_.Read(entry.number + 1, call));
  if (!next) return JudgeWithoutNext(entry, call);
  if (next->previous == entry.id) return AppendFate::kCommitted;
  TRY(DeleteStray(entry, call));
  return AppendFate::kStray;
}

Result<AppendFate> SlotAppender::JudgeWithoutNext(const SlotEntry& entry, const CallContext& call) {
  TRY_ASSIGN(const std::optional<Slot> newest, slots_.Newest(call));
  if (newest) {
    TRY_ASSIGN(const std::optional<LogEntry> last, slots_.Read(newest->number, call));
    if (last && last->ends_log) return AppendFate::kEnded;
  }
  TRY_ASSIGN(const RecentIds ids, slots_.ReadNewestSnapshotIds(call));
  const std::optional<model::EntryId> committed = ids.At(entry.number);
  if (!committed) return AppendFate::kUnknown;
  if (*committed == entry.id) return AppendFate::kCommitted;
  TRY(DeleteStray(entry, call));
  return AppendFate::kStray;
}

Status SlotAppender::DeleteStray(const SlotEntry& entry, const CallContext& call) {
  TRY_ASSIGN(const std::optional<LogEntry> found, slots_.Read(entry.number, call));
  if (!found || found->id != entry.id) return Status::OK();
  const model::LogNumber numbers[] = {entry.number};
  return slots_.DeleteSlots(numbers, call);
}

}  // namespace sleeper::state
