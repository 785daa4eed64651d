#pragma once

#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "sleeper/base/status.h"

namespace sleeper::model {

/// The value of a result that has to be there; stops the test otherwise.
template <typename T>
T ValueOf(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

/// Matches a Status that failed with `kind` and a message that `message` matches.
MATCHER_P2(Fails, kind, message, "") {
  if (arg.ok()) {
    *result_listener << "did not fail";
    return false;
  }
  if (!IsKind(arg, kind)) {
    *result_listener << "failed as " << ErrorKindName(KindOf(arg)) << ": " << arg.message();
    return false;
  }
  return testing::ExplainMatchResult(message, arg.message(), result_listener);
}

}  // namespace sleeper::model
