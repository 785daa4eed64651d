#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sleeper/store/object_store.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::store {

/// Counts what passes through to another store. Thread-safe.
///
/// It counts what S3 would bill: each range of GetRanges is a get, 1,000 deleted objects are a delete, and an object
/// that is streamed is one put for each part of 8 MiB, with two more if there are several (start and end of the
/// upload). Dropping abandoned writes is a list. Put it next to the adapter, below whatever retries, so that each try
/// counts.
class MeteredStore final : public ObjectStore {
 public:
  /// Both must outlive the store.
  MeteredStore(ObjectStore& inner, StoreMeter& meter) : inner_(inner), meter_(meter) {}

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                   const CallContext& call) override;
  Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override;
  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override;
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override;
  Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) override;

 private:
  class Writer;

  ObjectStore& inner_;
  StoreMeter& meter_;
};

}  // namespace sleeper::store
