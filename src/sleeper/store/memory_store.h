#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/open_writes.h"
#include "sleeper/store/path_rules.h"

namespace sleeper::store {

struct MemoryStoreOptions {
  /// What all objects together may hold; beyond it writes fail with kExhausted.
  int64_t bytes_max = INT64_MAX;
  int list_page_max = kListPageMax;
};

/// Objects in the memory of the process: the twin of the other stores in tests and simulations. Thread-safe.
///
/// Where the port leaves a choice it takes the less convenient one. ETags are hashes of the bytes, so the same bytes
/// again have the same ETag, as on S3; an object and a folder of the same name are refused, as in a folder.
class MemoryStore final : public ObjectStore {
 public:
  /// `clock` must outlive the store.
  explicit MemoryStore(const Clock& clock, const MemoryStoreOptions& options = {})
      : clock_(clock), options_(options), open_writes_(clock) {}

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

  /// What all objects together hold.
  int64_t bytes_used() const;

 private:
  class Writer;

  struct Stored {
    Buffer bytes;
    std::string etag;
    WallTime last_modified;
  };

  Result<Object> Find(const ObjectPath& path, const CallContext& call) const;

  // Constant after construction.
  const Clock& clock_;
  const MemoryStoreOptions options_;

  OpenWrites open_writes_;

  mutable Mutex mutex_;
  std::map<std::string, Stored, std::less<>> objects_ SLEEPER_GUARDED_BY(mutex_);
  int64_t bytes_used_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::store
