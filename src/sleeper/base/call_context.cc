#include "sleeper/base/call_context.h"

#include <algorithm>

namespace sleeper {

Status CallContext::Check(const Clock& clock) const {
  if (cancellation != nullptr && cancellation->cancelled())
    return Error(ErrorKind::kCancelled, caller, " was cancelled");
  if (deadline != Instant::max() && clock.MonotonicNow() >= deadline) {
    return Error(ErrorKind::kCancelled, caller, " did not end before its deadline");
  }
  return Status::OK();
}

CallContext CallContext::As(std::string_view name) const {
  CallContext copy = *this;
  copy.caller = name;
  return copy;
}

CallContext CallContext::Until(Instant time) const {
  CallContext copy = *this;
  copy.deadline = std::min(deadline, time);
  return copy;
}

}  // namespace sleeper
