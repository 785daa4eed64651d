#pragma once

#include <span>
#include <vector>

#include "sleeper/store/forwarding_store.h"
#include "sleeper/store/joined_ranges.h"

namespace sleeper::store {

/// Reads ranges of one object that lie close together as one. Thread-safe.
class CoalescingStore final : public ForwardingStore {
 public:
  /// `inner` must outlive the store.
  CoalescingStore(ObjectStore& inner, const JoinLimits& limits) : ForwardingStore(inner), limits_(limits) {}

  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;

 private:
  const JoinLimits limits_;
};

}  // namespace sleeper::store
