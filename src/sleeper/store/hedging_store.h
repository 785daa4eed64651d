#pragma once

#include <array>
#include <functional>

#include "sleeper/base/event.h"
#include "sleeper/base/executor.h"
#include "sleeper/store/forwarding_store.h"
#include "sleeper/store/latency_quantile.h"

namespace sleeper::store {

/// When a slow read is asked for a second time. Value.
struct HedgePolicy {
  /// A read that takes longer than this quantile of the latest ones of its size is asked for again; never earlier than
  /// after the delay below.
  double quantile = 0.95;
  Duration delay_min = std::chrono::milliseconds(20);
  /// The second requests, as a share of all reads, and how many may be saved up.
  double share_max = 0.05;
  double saved_max = 10;
};

/// Asks a second time for what takes unusually long to read, and answers with what comes first. Thread-safe.
///
/// A store of S3 serves one read in a hundred ten times slower than the rest; the same read again is most often fast.
/// Only Get and GetRange are hedged: they change nothing. The one that comes too late is cancelled, and the call
/// returns when it has ended.
class HedgingStore final : public ForwardingStore {
 public:
  /// All must outlive the store.
  HedgingStore(ObjectStore& inner, const HedgePolicy& policy, Executor& executor);

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;

 private:
  /// Reads of about the same size, which take about the same time.
  static constexpr int kSizes = 5;
  static int SizeOf(int64_t bytes);

  template <typename T>
  Result<T> Hedge(int size, const CallContext& call, const std::function<Result<T>(const CallContext&)>& read);

  /// Waits for the event; false if the deadline passed first. Calls `stop` when the call is cancelled meanwhile.
  bool WaitFor(Event& event, Instant deadline, const CallContext& call, const std::function<void()>& stop);

  /// Adds to what is saved up; true if there is enough for a second request.
  bool SaveForHedge();
  bool SpendOnHedge();

  const HedgePolicy policy_;
  Executor& executor_;
  std::array<LatencyQuantile, kSizes> latencies_;
  Mutex mutex_;
  double saved_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::store
