#pragma once

#include "sleeper/store/testing/intercepting_store.h"
#include "tests/virtual_time/virtual_time.h"

namespace sleeper::sim {

/// A store that serves so many requests in a second, and refuses the rest as S3 does. Confined to one run.
class ThrottlingStore final : public store::InterceptingStore {
 public:
  struct Capacity {
    double per_second = 100;
    /// How many may come at once after a quiet time.
    double burst = 20;
    /// How long each takes, served or refused.
    Duration latency = std::chrono::milliseconds(25);
  };

  ThrottlingStore(store::ObjectStore& inner, VirtualTime& time, const Capacity& capacity)
      : InterceptingStore(inner), time_(time), capacity_(capacity), tokens_(capacity.burst) {}

  int64_t served() const { return served_; }
  int64_t refused() const { return refused_; }
  void set_capacity(const Capacity& capacity) { capacity_ = capacity; }

 private:
  Status Before(const store::StoreCall& /*call*/) override {
    const double seconds = std::chrono::duration<double>(time_.now() - filled_at_).count();
    filled_at_ = time_.now();
    tokens_ = std::min(capacity_.burst, tokens_ + seconds * capacity_.per_second);
    const bool serves = tokens_ >= 1;
    if (serves) tokens_ -= 1;
    ++(serves ? served_ : refused_);
    time_.Sleep(capacity_.latency);
    if (serves) return Status::OK();
    return Error(ErrorKind::kThrottled, "reduce your request rate");
  }

  VirtualTime& time_;
  Capacity capacity_;
  double tokens_;
  Duration filled_at_{};
  int64_t served_ = 0;
  int64_t refused_ = 0;
};

}  // namespace sleeper::sim
