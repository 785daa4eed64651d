#pragma once

#include <memory>
#include <vector>

#include "sleeper/store/object_store.h"

namespace sleeper::sim {

/// Sees what becomes of objects the moment it happens, whoever did it and whether or not they ever hear of it.
class ObjectWatcher {
 public:
  virtual ~ObjectWatcher() = default;

  /// `path` was created or replaced.
  virtual void Written(const store::ObjectPath& path, const Buffer& bytes) = 0;

  /// `path` was there, and is not any more.
  virtual void Deleted(const store::ObjectPath& path) = 0;
};

/// A store that tells watchers of every effect. Confined.
class WatchedStore final : public store::ObjectStore {
 public:
  /// `inner` must outlive the store, and so must every watcher.
  explicit WatchedStore(store::ObjectStore& inner) : inner_(inner) {}

  void Watch(ObjectWatcher& watcher) { watchers_.push_back(&watcher); }

  Result<store::Object> Get(const store::ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<store::PutOutcome> Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                const CallContext& call) override;
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(const store::ObjectPath& path, store::PutMode mode,
                                                          const CallContext& call) override;
  Result<store::ObjectInfo> Head(const store::ObjectPath& path, const CallContext& call) override;
  Result<store::ListPage> List(const store::ObjectPath& prefix, const store::ObjectPath& after, int keys_max,
                               const CallContext& call) override;
  Status Delete(std::span<const store::ObjectPath> paths, const CallContext& call) override;
  Status DropAbandonedWrites(const store::ObjectPath& prefix, Duration age, const CallContext& call) override;

 private:
  class Writer;

  void TellWritten(const store::ObjectPath& path, const Buffer& bytes);

  store::ObjectStore& inner_;
  std::vector<ObjectWatcher*> watchers_;
};

}  // namespace sleeper::sim
