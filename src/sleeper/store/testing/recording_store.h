#pragma once

#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {

/// Remembers the calls that passed through, in the order in which they started. Thread-safe.
class RecordingStore final : public InterceptingStore {
 public:
  using InterceptingStore::InterceptingStore;

  std::vector<StoreCall> calls() const;

  /// The calls of one function.
  std::vector<StoreCall> calls(StoreFunction function) const;

  void Clear();

 private:
  Status Before(const StoreCall& call) override;

  mutable Mutex mutex_;
  std::vector<StoreCall> calls_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::store
