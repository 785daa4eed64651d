#include "sleeper/store/testing/recording_store.h"

#include <algorithm>
#include <iterator>

namespace sleeper::store {
namespace {

/// A test that makes more calls counts them with a meter instead.
constexpr size_t kCallsMax = 1'000'000;

}  // namespace

std::vector<StoreCall> RecordingStore::calls() const {
  MutexLock lock(mutex_);
  return calls_;
}

std::vector<StoreCall> RecordingStore::calls(StoreFunction function) const {
  std::vector<StoreCall> found;
  MutexLock lock(mutex_);
  std::copy_if(calls_.begin(), calls_.end(), std::back_inserter(found),
               [&](const StoreCall& call) { return call.function == function; });
  return found;
}

void RecordingStore::Clear() {
  MutexLock lock(mutex_);
  calls_.clear();
}

Status RecordingStore::Before(const StoreCall& call) {
  MutexLock lock(mutex_);
  SLEEPER_CHECK(calls_.size() < kCallsMax, "too many calls to remember: ", kCallsMax);
  calls_.push_back(call);
  return Status::OK();
}

}  // namespace sleeper::store
