#include "sleeper/state/slot_log.h"

#include <algorithm>

#include "sleeper/base/task_group.h"

namespace sleeper::state {

namespace {

/// An unchanged log is the usual case: the first page is short.
constexpr int kFirstPageKeys = 8;
constexpr int kPageKeys = 1'000;
constexpr std::string_view kCaller = "log";

Slot SlotOf(model::LogNumber number, const store::ObjectInfo& info) {
  return {number, info.size, info.etag, info.last_modified};
}

/// "Not there" as nothing.
template <typename T>
Result<std::optional<T>> OrNothing(Result<T> result) {
  if (result.ok()) return std::optional<T>(std::move(result).ValueUnsafe());
  if (KindOf(result.status()) == ErrorKind::kNotFound) return std::optional<T>();
  return result.status();
}

}  // namespace

std::string SlotLog::NameOf(model::LogNumber number) const {
  return layout_.name() + ", log entry " + std::to_string(number);
}

std::string SlotLog::NameOfSnapshot(model::LogNumber number) const {
  return layout_.name() + ", snapshot " + std::to_string(number);
}

Result<SlotListing> SlotLog::ListAfter(model::LogNumber after, const CallContext& call) {
  SlotListing listing;
  store::ObjectPath from;
  for (int keys_max = kFirstPageKeys;; keys_max = kPageKeys) {
    TRY_ASSIGN(const store::ListPage page, store_.List(layout_.LogPrefix(), from, keys_max, call.As(kCaller)));
    for (const store::ObjectInfo& info : page.objects) {
      const std::optional<model::LogNumber> number = layout_.EntryNumber(info.path);
      if (!number) continue;
      if (!listing.newest) listing.newest = SlotOf(*number, info);
      if (*number <= after) return listing;
      listing.newer.push_back(SlotOf(*number, info));
    }
    if (!page.more || page.objects.empty()) return listing;
    from = page.objects.back().path;
  }
}

Result<std::optional<Slot>> SlotLog::Newest(const CallContext& call) {
  store::ObjectPath from;
  for (;;) {
    TRY_ASSIGN(const store::ListPage page, store_.List(layout_.LogPrefix(), from, 1, call.As(kCaller)));
    for (const store::ObjectInfo& info : page.objects) {
      if (const auto number = layout_.EntryNumber(info.path)) return std::optional<Slot>(SlotOf(*number, info));
    }
    if (!page.more || page.objects.empty()) return std::optional<Slot>();
    from = page.objects.back().path;
  }
}

Result<std::optional<LogEntry>> SlotLog::Read(model::LogNumber number, const CallContext& call) {
  TRY_ASSIGN(const std::optional<store::Object> object,
             OrNothing(store_.Get(layout_.EntryPath(number), call.As(kCaller))));
  if (!object) return std::optional<LogEntry>();
  TRY_ASSIGN(LogEntry entry, DecodeEntry(object->bytes.view(), NameOf(number)));
  return std::optional<LogEntry>(std::move(entry));
}

Result<std::optional<std::vector<LogEntry>>> SlotLog::ReadListed(std::span<const Slot> slots, const CallContext& call) {
  std::vector<std::optional<store::Object>> objects(slots.size());
  TRY(ParallelFor(
      executor_, static_cast<int64_t>(slots.size()), static_cast<int>(slots.size()), [&](int64_t i) -> Status {
        const auto at = static_cast<size_t>(i);
        TRY_ASSIGN(objects[at], OrNothing(store_.Get(layout_.EntryPath(slots[at].number), call.As(kCaller))));
        return Status::OK();
      }));
  std::vector<LogEntry> entries;
  entries.reserve(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!objects[i] || objects[i]->info.etag != slots[i].etag) return std::optional<std::vector<LogEntry>>();
    TRY_ASSIGN(LogEntry entry, DecodeEntry(objects[i]->bytes.view(), NameOf(slots[i].number)));
    if (entry.number != slots[i].number) {
      return Error(ErrorKind::kCorrupt, NameOf(slots[i].number), ": it says that it is entry ", entry.number);
    }
    entries.push_back(std::move(entry));
  }
  return std::optional<std::vector<LogEntry>>(std::move(entries));
}

Result<std::string> SlotLog::ReadBody(const BodyReference& body, const CallContext& call) {
  const store::ObjectPath path = layout_.BodyPath(body.name);
  TRY_ASSIGN(const store::Object object, store_.Get(path, call.As(kCaller)));
  TRY_ASSIGN(const std::string_view transaction, DecodeBody(object.bytes.view(), body, path.value()));
  return std::string(transaction);
}

Result<store::PutOutcome> SlotLog::Put(model::LogNumber number, Buffer entry, const CallContext& call) {
  return store_.Put(layout_.EntryPath(number), std::move(entry), store::PutMode::kIfAbsent, call.As(kCaller));
}

Status SlotLog::PutBody(const model::FileId& name, Buffer body, const CallContext& call) {
  // The name is ours alone, so an object that exists already is ours, too: one that was sent twice.
  return store_.Put(layout_.BodyPath(name), std::move(body), store::PutMode::kIfAbsent, call.As(kCaller)).status();
}

Status SlotLog::DeleteSlots(std::span<const model::LogNumber> numbers, const CallContext& call) {
  std::vector<store::ObjectPath> paths;
  for (model::LogNumber number : numbers) paths.push_back(layout_.EntryPath(number));
  return paths.empty() ? Status::OK() : store_.Delete(paths, call.As(kCaller));
}

Result<std::vector<Slot>> SlotLog::ListSnapshots(int snapshots_max, const CallContext& call) {
  std::vector<Slot> snapshots;
  store::ObjectPath from;
  for (;;) {
    TRY_ASSIGN(const store::ListPage page,
               store_.List(layout_.SnapshotPrefix(), from, snapshots_max, call.As(kCaller)));
    for (const store::ObjectInfo& info : page.objects) {
      const std::optional<model::LogNumber> number = layout_.SnapshotNumber(info.path);
      if (!number) continue;
      snapshots.push_back(SlotOf(*number, info));
      if (static_cast<int>(snapshots.size()) == snapshots_max) return snapshots;
    }
    if (!page.more || page.objects.empty()) return snapshots;
    from = page.objects.back().path;
  }
}

Result<store::PutOutcome> SlotLog::PutSnapshot(model::LogNumber number, std::span<const Buffer> pieces,
                                               const CallContext& call) {
  // Several processes may write the same snapshot, in bytes that differ. One put, however large: what was read back
  // must not be replaced, and some stores let a second one of several uploads win.
  size_t size = 0;
  for (const Buffer& piece : pieces) size += static_cast<size_t>(piece.size());
  std::string bytes;
  bytes.reserve(size);
  for (const Buffer& piece : pieces) bytes.append(piece.view());
  return store_.Put(layout_.SnapshotPath(number), Buffer::FromString(std::move(bytes)), store::PutMode::kIfAbsent,
                    call.As(kCaller));
}

Result<std::optional<Snapshot>> SlotLog::ReadSnapshot(model::LogNumber number, EntryCheck check,
                                                      const CallContext& call) {
  TRY_ASSIGN(const std::optional<store::Object> object,
             OrNothing(store_.Get(layout_.SnapshotPath(number), call.As(kCaller))));
  if (!object) return std::optional<Snapshot>();
  TRY_ASSIGN(Snapshot snapshot, DecodeSnapshot(object->bytes, check, executor_, NameOfSnapshot(number)));
  if (snapshot.position.number != number) {
    return Error(ErrorKind::kCorrupt, NameOfSnapshot(number), ": it says that it is of ", snapshot.position.number);
  }
  return std::optional<Snapshot>(std::move(snapshot));
}

Result<RecentIds> SlotLog::ReadNewestSnapshotIds(const CallContext& call) {
  TRY_ASSIGN(const std::vector<Slot> snapshots, ListSnapshots(1, call));
  if (snapshots.empty()) return RecentIds();
  const Slot& newest = snapshots.front();
  const std::string what = NameOfSnapshot(newest.number);
  const store::ObjectPath path = layout_.SnapshotPath(newest.number);
  if (newest.size < kSnapshotFooterBytes) return Error(ErrorKind::kCorrupt, what, ": it is too short");
  TRY_ASSIGN(const Buffer footer,
             store_.GetRange(path, {newest.size - kSnapshotFooterBytes, kSnapshotFooterBytes}, call.As(kCaller)));
  TRY_ASSIGN(const ByteRange index, FindSnapshotIndex(footer.view(), newest.size, what));
  TRY_ASSIGN(const Buffer tail, store_.GetRange(path, {index.offset, newest.size - index.offset}, call.As(kCaller)));
  TRY_ASSIGN(SnapshotPosition position, DecodeSnapshotPosition(tail.view(), index.offset, what));
  return std::move(position.ids);
}

Status SlotLog::DeleteSnapshots(std::span<const model::LogNumber> numbers, const CallContext& call) {
  std::vector<store::ObjectPath> paths;
  for (model::LogNumber number : numbers) paths.push_back(layout_.SnapshotPath(number));
  return paths.empty() ? Status::OK() : store_.Delete(paths, call.As(kCaller));
}

Result<std::vector<model::LogNumber>> SlotLog::ListBelow(model::LogNumber limit, int64_t slots_max,
                                                         const CallContext& call) {
  std::vector<model::LogNumber> numbers;
  store::ObjectPath from = layout_.EntryPath(limit);
  while (static_cast<int64_t>(numbers.size()) < slots_max) {
    const auto keys_max =
        static_cast<int>(std::min<int64_t>(kPageKeys, slots_max - static_cast<int64_t>(numbers.size())));
    TRY_ASSIGN(const store::ListPage page, store_.List(layout_.LogPrefix(), from, keys_max, call.As(kCaller)));
    for (const store::ObjectInfo& info : page.objects) {
      if (const auto number = layout_.EntryNumber(info.path)) numbers.push_back(*number);
    }
    if (!page.more || page.objects.empty()) break;
    from = page.objects.back().path;
  }
  return numbers;
}

}  // namespace sleeper::state
