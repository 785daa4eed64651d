#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

/// Objects in scratch space, so that data files can be written there and read back. They end with the process, or
/// with the store. Thread-safe.
class ScratchStore final : public store::ObjectStore {
 public:
  /// `scratch` must outlive the store.
  explicit ScratchStore(store::ScratchSpace& scratch) : scratch_(scratch) {}

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
  };

  Result<Stored> Find(const store::ObjectPath& path) const;
  store::PutOutcome Add(const store::ObjectPath& path, store::PutMode mode, std::unique_ptr<store::ScratchRun> bytes);

  store::ScratchSpace& scratch_;
  mutable Mutex mutex_;
  std::map<std::string, Stored, std::less<>> objects_ SLEEPER_GUARDED_BY(mutex_);
  int64_t made_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::sort
