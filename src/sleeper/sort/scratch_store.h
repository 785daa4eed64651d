#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/base/time.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/open_writes.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

/// Objects in scratch space, so that data files can be written there and read back. They end with the process, or
/// with the store. A replaced or deleted object's space is given back once nobody reads it. An object may have the name
/// of a folder of others. Thread-safe.
class ScratchStore final : public store::ObjectStore {
 public:
  /// Both must outlive the store.
  ScratchStore(store::ScratchSpace& scratch, const Clock& clock)
      : scratch_(scratch), clock_(clock), open_writes_(clock) {}

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

  struct Stored {
    std::shared_ptr<const store::ScratchRun> bytes;
    /// Differs for each object that was ever made.
    int64_t number = 0;
    WallTime last_modified;

    store::ObjectInfo Info(store::ObjectPath path) const;
  };

  Result<Stored> Find(const store::ObjectPath& path, const CallContext& call) const;
  store::PutOutcome Add(const store::ObjectPath& path, store::PutMode mode, std::unique_ptr<store::ScratchRun> bytes);

  // Constant after construction.
  store::ScratchSpace& scratch_;
  const Clock& clock_;

  store::OpenWrites open_writes_;

  mutable Mutex mutex_;
  std::map<std::string, Stored, std::less<>> objects_ SLEEPER_GUARDED_BY(mutex_);
  int64_t made_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::sort
