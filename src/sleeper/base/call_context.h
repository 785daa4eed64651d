#pragma once

#include <cstdint>
#include <string_view>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/progress.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"

namespace sleeper {

/// What travels with every call that may wait: how long, whether still wanted, and who asks. A cheap value; what it
/// points at must outlive the call.
struct CallContext {
  Instant deadline = Instant::max();
  const Cancellation* cancellation = nullptr;
  /// Who asks ("query", "commit", "sweep"): meters, caches and fault rules key on it. A literal.
  std::string_view caller = "unnamed";
  ProgressSink* progress = nullptr;

  /// kCancelled if the work was cancelled or its deadline has passed on `clock`.
  Status Check(const Clock& clock) const;

  /// The same context on behalf of `name`.
  CallContext As(std::string_view name) const;

  /// The same context, ending at `time` at the latest.
  CallContext Until(Instant time) const;

  void Report(std::string_view phase, int64_t done, int64_t total) const {
    if (progress != nullptr) progress->Report(phase, done, total);
  }
};

}  // namespace sleeper
