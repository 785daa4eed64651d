#include "sleeper/sort/scratch_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sleeper/store/path_rules.h"

namespace sleeper::sort {

store::ObjectInfo ScratchStore::Stored::Info(store::ObjectPath path) const {
  return {
      .path = std::move(path), .size = bytes->size(), .etag = std::to_string(number), .last_modified = last_modified};
}

class ScratchStore::Writer final : public store::ObjectWriter {
 public:
  Writer(ScratchStore& store, store::ObjectPath path, store::PutMode mode, std::unique_ptr<store::ScratchWriter> bytes)
      : store_(store), write_(store.open_writes_, std::move(path)), mode_(mode), bytes_(std::move(bytes)) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    TRY(call.Check(store_.clock_));
    TRY(write_.Touch());
    return bytes_->Append(bytes.span(), call);
  }

  Result<store::PutOutcome> Finish(const CallContext& call) override {
    TRY(call.Check(store_.clock_));
    TRY(write_.Touch());
    TRY_ASSIGN(std::unique_ptr<store::ScratchRun> run, bytes_->Finish(call));
    return store_.Add(write_.path(), mode_, std::move(run));
  }

 private:
  ScratchStore& store_;
  store::OpenWrites::Entry write_;
  const store::PutMode mode_;
  std::unique_ptr<store::ScratchWriter> bytes_;
};

Result<ScratchStore::Stored> ScratchStore::Find(const store::ObjectPath& path, const CallContext& call) const {
  TRY(call.Check(clock_));
  TRY(store::CheckObjectPath(path));
  MutexLock lock(mutex_);
  const auto found = objects_.find(path.value());
  if (found == objects_.end()) return Error(ErrorKind::kNotFound, "no such object in scratch space: ", path);
  return found->second;
}

store::PutOutcome ScratchStore::Add(const store::ObjectPath& path, store::PutMode mode,
                                    std::unique_ptr<store::ScratchRun> bytes) {
  const WallTime now = clock_.Now();
  // Space is given back without the mutex.
  std::shared_ptr<const store::ScratchRun> replaced = std::move(bytes);
  MutexLock lock(mutex_);
  const auto [object, absent] = objects_.try_emplace(path.value());
  if (!absent && mode == store::PutMode::kIfAbsent) return store::PutOutcome::kExists;
  Stored& stored = object->second;
  std::swap(stored.bytes, replaced);
  stored.number = ++made_;
  stored.last_modified = now;
  return store::PutOutcome::kCreated;
}

Result<store::Object> ScratchStore::Get(const store::ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path, call));
  TRY_ASSIGN(Buffer bytes, stored.bytes->Read({0, stored.bytes->size()}, call));
  return store::Object{stored.Info(path), std::move(bytes)};
}

Result<Buffer> ScratchStore::GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path, call));
  return stored.bytes->Read(range, call);
}

Result<std::vector<Buffer>> ScratchStore::GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path, call));
  std::vector<Buffer> buffers;
  for (const ByteRange& range : ranges) {
    TRY_ASSIGN(Buffer buffer, stored.bytes->Read(range, call));
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}

Result<store::PutOutcome> ScratchStore::Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                            const CallContext& call) {
  TRY_ASSIGN(const auto writer, OpenWriter(path, mode, call));
  TRY(writer->Append(std::move(bytes), call));
  return writer->Finish(call);
}

Result<std::unique_ptr<store::ObjectWriter>> ScratchStore::OpenWriter(const store::ObjectPath& path,
                                                                      store::PutMode mode, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(store::CheckObjectPath(path));
  TRY_ASSIGN(auto bytes, scratch_.NewRun(call));
  return std::make_unique<Writer>(*this, path, mode, std::move(bytes));
}

Result<store::ObjectInfo> ScratchStore::Head(const store::ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path, call));
  return stored.Info(path);
}

Result<store::ListPage> ScratchStore::List(const store::ObjectPath& prefix, const store::ObjectPath& after,
                                           int keys_max, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(store::CheckListArguments(prefix, after, keys_max));
  const auto objects_max = static_cast<size_t>(std::min(keys_max, store::kListPageMax));
  store::ListPage page;
  MutexLock lock(mutex_);
  auto next = after < prefix ? objects_.lower_bound(prefix.value()) : objects_.upper_bound(after.value());
  for (; next != objects_.end() && next->first.starts_with(prefix.value()); ++next) {
    page.more = page.objects.size() == objects_max;
    if (page.more) break;
    page.objects.push_back(next->second.Info(store::ObjectPath(next->first)));
  }
  return page;
}

Status ScratchStore::Delete(std::span<const store::ObjectPath> paths, const CallContext& call) {
  TRY(call.Check(clock_));
  for (const store::ObjectPath& path : paths) TRY(store::CheckObjectPath(path));
  // Space is given back without the mutex.
  std::vector<Stored> deleted;
  MutexLock lock(mutex_);
  for (const store::ObjectPath& path : paths) {
    const auto found = objects_.find(path.value());
    if (found == objects_.end()) continue;
    deleted.push_back(std::move(found->second));
    objects_.erase(found);
  }
  return Status::OK();
}

Status ScratchStore::DropAbandonedWrites(const store::ObjectPath& prefix, Duration age, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(store::CheckListPrefix(prefix));
  // Their space is given back when the writer is dropped.
  open_writes_.DropAbandoned(prefix, age);
  return Status::OK();
}

}  // namespace sleeper::sort
