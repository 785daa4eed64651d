#pragma once

#include "sleeper/base/check.h"
#include "sleeper/base/status.h"

namespace sleeper::state {

/// What a fuzz target accepts as the refusal of bytes that nobody wrote.
inline void CheckRefusal(const Status& status) {
  SLEEPER_CHECK(IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid), status.ToString());
}

}  // namespace sleeper::state
