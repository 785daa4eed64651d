#pragma once

#include <string>

#include "sleeper/base/status.h"

namespace sleeper::cli {

enum class Format { kText, kJson };

/// What scripts rely on; docs/guide/troubleshooting.md.
enum class ExitCode : int {
  kDone = 0,
  kOther = 1,
  kInvalid = 2,
  kNotFound = 3,
  kConflict = 4,
  kUnavailable = 5,
  kCorrupt = 6,
};

/// REQUIRES: !status.ok().
ExitCode ExitCodeOf(const Status& status);

/// "error: <what>: <why>" and, where there is one, "hint: …", each one line; or one JSON object.
/// REQUIRES: !status.ok().
std::string DescribeFailure(const Status& status, Format format, bool coloured);

}  // namespace sleeper::cli
