#include "sleeper/store/memory_store.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <xxhash.h>

#include <fmt/format.h>

namespace sleeper::store {
namespace {

std::string EtagOf(const Buffer& bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), static_cast<size_t>(bytes.size()));
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Status NotFound(const ObjectPath& path) { return Error(ErrorKind::kNotFound, "there is no object '", path, "'"); }

}  // namespace

/// Collects the bytes and puts them when it finishes.
class MemoryStore::Writer final : public ObjectWriter {
 public:
  Writer(MemoryStore& store, ObjectPath path, PutMode mode)
      : store_(store), write_(store.open_writes_, std::move(path)), mode_(mode) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    TRY(call.Check(store_.clock_));
    TRY(write_.Touch());
    if (bytes.size() > store_.options_.bytes_max - static_cast<int64_t>(bytes_.size())) {
      return Error(ErrorKind::kExhausted, "the memory store is full: cannot write object '", write_.path(), "'");
    }
    bytes_.append(bytes.view());
    return Status::OK();
  }

  Result<PutOutcome> Finish(const CallContext& call) override {
    TRY(write_.Touch());
    return store_.Put(write_.path(), Buffer::FromString(std::move(bytes_)), mode_, call);
  }

 private:
  MemoryStore& store_;
  OpenWrites::Entry write_;
  const PutMode mode_;
  std::string bytes_;
};

Result<Object> MemoryStore::Find(const ObjectPath& path, const CallContext& call) const {
  TRY(call.Check(clock_));
  TRY(CheckObjectPath(path));
  MutexLock lock(mutex_);
  const auto found = objects_.find(path.value());
  if (found == objects_.end()) return NotFound(path);
  const Stored& stored = found->second;
  return Object{{path, stored.bytes.size(), stored.etag, stored.last_modified}, stored.bytes};
}

Result<Object> MemoryStore::Get(const ObjectPath& path, const CallContext& call) { return Find(path, call); }

Result<Buffer> MemoryStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  TRY_ASSIGN(const Object object, Find(path, call));
  TRY(CheckRange(path, range, object.info.size));
  return object.bytes.Slice(range);
}

Result<std::vector<Buffer>> MemoryStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                   const CallContext& call) {
  TRY_ASSIGN(const Object object, Find(path, call));
  std::vector<Buffer> buffers;
  buffers.reserve(ranges.size());
  for (const ByteRange range : ranges) {
    TRY(CheckRange(path, range, object.info.size));
    buffers.push_back(object.bytes.Slice(range));
  }
  return buffers;
}

Result<PutOutcome> MemoryStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckObjectPath(path));
  const WallTime now = clock_.Now();
  std::string etag = EtagOf(bytes);
  const std::string& name = path.value();

  MutexLock lock(mutex_);
  const auto existing = objects_.find(name);
  if (existing != objects_.end() && mode == PutMode::kIfAbsent) return PutOutcome::kExists;

  for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    if (objects_.contains(std::string_view(name).substr(0, slash))) {
      return Error(ErrorKind::kInvalid, "'", name.substr(0, slash), "' is an object, so there can be no object '", name,
                   "'");
    }
  }
  const std::string folder = name + "/";
  const auto inside = objects_.lower_bound(folder);
  if (inside != objects_.end() && inside->first.starts_with(folder)) {
    return Error(ErrorKind::kInvalid, "'", name, "' is a folder of objects, so it cannot be an object");
  }

  const int64_t freed = existing == objects_.end() ? 0 : existing->second.bytes.size();
  if (bytes.size() > options_.bytes_max - (bytes_used_ - freed)) {
    return Error(ErrorKind::kExhausted, "the memory store is full: cannot write object '", path, "'");
  }
  bytes_used_ += bytes.size() - freed;
  objects_.insert_or_assign(name, Stored{std::move(bytes), std::move(etag), now});
  return PutOutcome::kCreated;
}

Result<std::unique_ptr<ObjectWriter>> MemoryStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                              const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckObjectPath(path));
  return std::make_unique<Writer>(*this, path, mode);
}

Result<ObjectInfo> MemoryStore::Head(const ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(Object object, Find(path, call));
  return std::move(object.info);
}

Result<ListPage> MemoryStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                   const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckListArguments(prefix, after, keys_max));
  const auto objects_max = static_cast<size_t>(std::min(keys_max, options_.list_page_max));
  ListPage page;
  MutexLock lock(mutex_);
  auto next = after < prefix ? objects_.lower_bound(prefix.value()) : objects_.upper_bound(after.value());
  for (; next != objects_.end() && next->first.starts_with(prefix.value()); ++next) {
    if (page.objects.size() == objects_max) {
      page.more = true;
      break;
    }
    const Stored& stored = next->second;
    page.objects.push_back({ObjectPath(next->first), stored.bytes.size(), stored.etag, stored.last_modified});
  }
  return page;
}

Status MemoryStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  TRY(call.Check(clock_));
  for (const ObjectPath& path : paths) TRY(CheckObjectPath(path));
  MutexLock lock(mutex_);
  for (const ObjectPath& path : paths) {
    const auto found = objects_.find(path.value());
    if (found == objects_.end()) continue;
    bytes_used_ -= found->second.bytes.size();
    objects_.erase(found);
  }
  return Status::OK();
}

Status MemoryStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckListPrefix(prefix));
  open_writes_.DropAbandoned(prefix, age);
  return Status::OK();
}

int64_t MemoryStore::bytes_used() const {
  MutexLock lock(mutex_);
  return bytes_used_;
}

}  // namespace sleeper::store
