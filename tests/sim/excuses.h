#pragma once

#include "sleeper/base/status.h"

namespace sleeper::sim {

/// True for failures that a bad network or a deadline explains. Any other one is a violation, unless the scenario knows
/// a reason for it.
inline bool IsExcusable(const Status& status) {
  switch (KindOf(status)) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kThrottled:
    case ErrorKind::kOutcomeUnknown:
    case ErrorKind::kCancelled:
      return true;
    default:
      return false;
  }
}

/// True if the failure says that nothing was done, and not only that nobody knows.
inline bool IsDenial(const Status& status) { return !IsKind(status, ErrorKind::kOutcomeUnknown); }

}  // namespace sleeper::sim
