#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/store/forwarding_store.h"
#include "sleeper/store/s3_parts.h"

namespace sleeper {

/// How long the requests of a distant store take, each on a connection of its own.
struct Distance {
  Duration first_byte = std::chrono::milliseconds(25);
  int64_t bytes_per_second = 50'000'000;

  Duration Of(int64_t bytes) const;
};

/// Lets reads and writes take the time that they take on S3: streamed objects go out in parts, as many at a time as
/// S3Upload sends. Everything else takes no time. As thread-safe as its inner store.
class DistantStore final : public store::ForwardingStore {
 public:
  DistantStore(store::ObjectStore& inner, const Distance& distance, Executor& executor)
      : ForwardingStore(inner), distance_(distance), executor_(executor) {}

  Result<Buffer> GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(const store::ObjectPath& path, store::PutMode mode,
                                                          const CallContext& call) override;

 private:
  const Distance distance_;
  Executor& executor_;
};

}  // namespace sleeper
