#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/machine.h"
#include "sleeper/engine/open_store.h"
#include "sleeper/exchange/expand_inputs.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// The buckets that inputs are read from, "s3://BUCKET/KEY", each opened when it is first needed and reached as an
/// instance in a bucket is. Thread-safe.
class InputBuckets {
 public:
  /// All must outlive it.
  InputBuckets(const MachineOptions& options, Executor& executor, Random& random);

  /// The URLs of the objects that a URL means: see exchange::FindObjects.
  Result<std::vector<std::string>> Find(const std::string& url, std::optional<exchange::InputFormat> format,
                                        const CallContext& call);

  /// Opens one of them. It must not outlive the buckets.
  Result<std::unique_ptr<exchange::InputSource>> Open(const std::string& url, const CallContext& call);

  /// Everything that was asked of them so far.
  store::StoreUsage usage() const { return meter_.total(); }

 private:
  Result<store::ObjectStore*> BucketNamed(const std::string& name);

  const MachineOptions& options_;
  Executor& executor_;
  Random& random_;
  store::StoreMeter meter_;
  mutable Mutex mutex_;
  std::map<std::string, OpenedStore> buckets_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::engine
