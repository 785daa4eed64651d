#pragma once

#include <functional>
#include <utility>

#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {

/// A store whose first writer stands still before it finishes, while others do something. Confined to one thread.
class StallingStore final : public InterceptingStore {
 public:
  StallingStore(ObjectStore& inner, std::function<void()> meanwhile)
      : InterceptingStore(inner), meanwhile_(std::move(meanwhile)) {}

 private:
  Status Before(const StoreCall& call) override {
    if (call.function == StoreFunction::kFinish && meanwhile_) std::exchange(meanwhile_, nullptr)();
    return Status::OK();
  }

  std::function<void()> meanwhile_;
};

}  // namespace sleeper::store
