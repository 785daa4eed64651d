#include "sleeper/sort/scratch_store.h"

#include <string_view>
#include <utility>

namespace sleeper::sort {
namespace {

store::ObjectInfo InfoOf(const store::ObjectPath& path, int64_t size, int64_t number) {
  return {.path = path, .size = size, .etag = std::to_string(number), .last_modified = {}};
}

}  // namespace

class ScratchStore::Writer final : public store::ObjectWriter {
 public:
  Writer(ScratchStore& store, store::ObjectPath path, store::PutMode mode, std::unique_ptr<store::ScratchWriter> bytes)
      : store_(store), path_(std::move(path)), mode_(mode), bytes_(std::move(bytes)) {}

  Status Append(Buffer bytes, const CallContext& call) override { return bytes_->Append(bytes.span(), call); }

  Result<store::PutOutcome> Finish(const CallContext& call) override {
    TRY_ASSIGN(std::unique_ptr<store::ScratchRun> run, bytes_->Finish(call));
    return store_.Add(path_, mode_, std::move(run));
  }

 private:
  ScratchStore& store_;
  store::ObjectPath path_;
  store::PutMode mode_;
  std::unique_ptr<store::ScratchWriter> bytes_;
};

Result<ScratchStore::Stored> ScratchStore::Find(const store::ObjectPath& path) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(path.value());
  if (found == objects_.end()) return Error(ErrorKind::kNotFound, "no such object in scratch space: ", path);
  return found->second;
}

store::PutOutcome ScratchStore::Add(const store::ObjectPath& path, store::PutMode mode,
                                    std::unique_ptr<store::ScratchRun> bytes) {
  // Space is given back without the mutex.
  std::shared_ptr<const store::ScratchRun> replaced = std::move(bytes);
  MutexLock lock(mutex_);
  const auto [object, absent] = objects_.try_emplace(path.value());
  if (!absent && mode == store::PutMode::kIfAbsent) return store::PutOutcome::kExists;
  std::swap(object->second.bytes, replaced);
  object->second.number = ++made_;
  return store::PutOutcome::kCreated;
}

Result<store::Object> ScratchStore::Get(const store::ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path));
  TRY_ASSIGN(Buffer bytes, stored.bytes->Read({0, stored.bytes->size()}, call));
  return store::Object{InfoOf(path, stored.bytes->size(), stored.number), std::move(bytes)};
}

Result<Buffer> ScratchStore::GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path));
  return stored.bytes->Read(range, call);
}

Result<std::vector<Buffer>> ScratchStore::GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  TRY_ASSIGN(const Stored stored, Find(path));
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
  TRY_ASSIGN(auto bytes, scratch_.NewRun(call));
  return std::make_unique<Writer>(*this, path, mode, std::move(bytes));
}

Result<store::ObjectInfo> ScratchStore::Head(const store::ObjectPath& path, const CallContext& /*call*/) {
  TRY_ASSIGN(const Stored stored, Find(path));
  return InfoOf(path, stored.bytes->size(), stored.number);
}

Result<store::ListPage> ScratchStore::List(const store::ObjectPath& prefix, const store::ObjectPath& after,
                                           int keys_max, const CallContext& /*call*/) {
  store::ListPage page;
  MutexLock lock(mutex_);
  for (auto object = objects_.upper_bound(after.value()); object != objects_.end(); ++object) {
    const auto& [path, stored] = *object;
    if (!path.starts_with(prefix.value())) continue;
    page.more = static_cast<int>(page.objects.size()) == keys_max;
    if (page.more) break;
    page.objects.push_back(InfoOf(store::ObjectPath(path), stored.bytes->size(), stored.number));
  }
  return page;
}

Status ScratchStore::Delete(std::span<const store::ObjectPath> paths, const CallContext& /*call*/) {
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

Status ScratchStore::DropAbandonedWrites(const store::ObjectPath& /*prefix*/, Duration /*age*/,
                                         const CallContext& /*call*/) {
  // A writer that is dropped gives its space back at once.
  return Status::OK();
}

}  // namespace sleeper::sort
