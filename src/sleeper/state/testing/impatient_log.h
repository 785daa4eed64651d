#pragma once

#include "sleeper/base/time.h"
#include "sleeper/state/log_options.h"

namespace sleeper::state {

/// Those of a log that a test works on: nobody waits long for others.
inline LogOptions ImpatientLog() {
  LogOptions options;
  options.writer = "test";
  options.backoff_first = Duration(1);
  options.backoff_max = Duration(10);
  return options;
}

}  // namespace sleeper::state
