#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sleeper/store/object_store.h"
#include "sleeper/store/rate_governor.h"
#include "sleeper/store/retry_schedule.h"

namespace sleeper::store {

/// Makes calls of another store again when they fail for a while, and only those that are safe to make again.
/// Thread-safe.
///
/// Reads, listings, deletions and replacing puts are repeated also when their answer was lost. A put that must find
/// nothing there is repeated only if it certainly had no effect (kUnavailable, kThrottled); with kOutcomeUnknown it may
/// be in place, and a second one would take it for another's. What has been streamed is the adapter's to repeat. Each
/// range of a call is a request of its own here, made again on its own.
///
/// A store that has answered once is waited for longer than one that never has.
///
/// With a governor, requests wait for their turn once the store has asked for fewer.
class RetryingStore final : public ObjectStore {
 public:
  /// All must outlive the store; `governor` may be null.
  struct Ports {
    Executor& executor;
    Random& random;
    RateGovernor* governor = nullptr;
  };

  RetryingStore(ObjectStore& inner, const RetryPolicy& policy, const Ports& ports)
      : inner_(inner), policy_(policy), ports_(ports) {}

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
  /// Ranges of one call that are read at the same time.
  static constexpr int kRangesParallelMax = 16;

  RetrySchedule NewSchedule(const ObjectPath& path, RequestDirection direction);

  ObjectStore& inner_;
  const RetryPolicy policy_;
  const Ports ports_;
  FirstAnswer first_answer_;
};

}  // namespace sleeper::store
