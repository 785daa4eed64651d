#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// Passes every call on to another store: for decorators that change a few of them. As thread-safe as that store.
class ForwardingStore : public ObjectStore {
 public:
  /// `inner` must outlive the store.
  explicit ForwardingStore(ObjectStore& inner) : inner_(inner) {}

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override { return inner_.Get(path, call); }
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override {
    return inner_.GetRange(path, range, call);
  }
  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override {
    return inner_.GetRanges(path, ranges, call);
  }
  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override {
    return inner_.Put(path, std::move(bytes), mode, call);
  }
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                   const CallContext& call) override {
    return inner_.OpenWriter(path, mode, call);
  }
  Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override { return inner_.Head(path, call); }
  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override {
    return inner_.List(prefix, after, keys_max, call);
  }
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override {
    return inner_.Delete(paths, call);
  }
  Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) override {
    return inner_.DropAbandonedWrites(prefix, age, call);
  }

 protected:
  ObjectStore& inner() { return inner_; }

 private:
  ObjectStore& inner_;
};

}  // namespace sleeper::store
