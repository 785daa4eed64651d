#pragma once

#include <functional>

#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {

/// How long the requests of a store take.
struct Latency {
  /// Until the answer begins, of reads and of writes.
  Duration read{};
  Duration write{};
  /// For each MiB that is written.
  Duration per_mebibyte{};
};

/// Lets time pass for every request, by a function that advances a test's clock. As thread-safe as that function.
class LatencyStore final : public InterceptingStore {
 public:
  LatencyStore(ObjectStore& inner, const Latency& latency, std::function<void(Duration)> let_pass)
      : InterceptingStore(inner), latency_(latency), let_pass_(std::move(let_pass)) {}

 private:
  Status Before(const StoreCall& call) override;

  const Latency latency_;
  const std::function<void(Duration)> let_pass_;
};

}  // namespace sleeper::store
