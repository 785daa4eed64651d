#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sleeper/store/object_store.h"
#include "sleeper/store/testing/store_call.h"

namespace sleeper::store {

/// Passes every call on to another store, and asks the class derived from it before and after. As thread-safe as that
/// class.
class InterceptingStore : public ObjectStore {
 public:
  /// `inner` must outlive the store.
  explicit InterceptingStore(ObjectStore& inner) : inner_(inner) {}

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

 protected:
  ObjectStore& inner() { return inner_; }

  /// A failure keeps the call from the inner store and is answered instead.
  virtual Status Before(const StoreCall& call) = 0;

  /// A failure is answered in place of what the inner store answered, which had the status `answer`.
  virtual Status After(const StoreCall& /*call*/, const Status& answer) { return answer; }

  /// The bytes to answer instead of those that were read.
  virtual Buffer AfterRead(const StoreCall& /*call*/, Buffer bytes) { return bytes; }

  /// Takes a writer that was dropped or has finished; what it does not keep aborts.
  virtual void AfterWriter(std::unique_ptr<ObjectWriter> /*writer*/) {}

 private:
  class Writer;

  template <typename Forward>
  auto Pass(const StoreCall& store_call, const Forward& forward) -> decltype(forward());

  ObjectStore& inner_;
};

}  // namespace sleeper::store
