#pragma once

#include <atomic>
#include <functional>

#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper {

/// How long the requests of a store take: half of them less than the median; the logarithm is normally distributed.
struct RequestTimes {
  Duration put_median = std::chrono::milliseconds(28);
  /// Of GET and LIST.
  Duration read_median = std::chrono::milliseconds(25);
  /// Of the logarithm. With 0.5 one request in a hundred takes 3.2 times the median, one in a thousand 4.7 times.
  double spread = 0.5;
};

/// Lets each request take the time that S3 takes. What it does to the store happens at a random moment in between. As
/// thread-safe as `let_pass`.
class S3LikeStore final : public store::InterceptingStore {
 public:
  S3LikeStore(store::ObjectStore& inner, const RequestTimes& times, Random& random,
              std::function<void(Duration)> let_pass)
      : InterceptingStore(inner), times_(times), random_(random), let_pass_(std::move(let_pass)) {}

  Result<store::Object> Get(const store::ObjectPath& path, const CallContext& call) override;
  Result<store::PutOutcome> Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                const CallContext& call) override;
  Result<store::ListPage> List(const store::ObjectPath& prefix, const store::ObjectPath& after, int keys_max,
                               const CallContext& call) override;

  /// Those that took time.
  int64_t requests() const { return requests_; }

 private:
  Status Before(const store::StoreCall& /*call*/) override { return Status::OK(); }

  Duration Draw(Duration median);
  template <typename Request>
  auto TakeTime(Duration median, const Request& request) -> decltype(request());

  const RequestTimes times_;
  Random& random_;
  const std::function<void(Duration)> let_pass_;
  std::atomic<int64_t> requests_ = 0;
};

}  // namespace sleeper
