#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"

namespace sleeper::state {

/// An object of a log that is not what it should be. Value.
struct LogFault {
  /// As messages name it: "table 1f2e…, log entry 12".
  std::string object;
  std::string why;

  friend bool operator==(const LogFault&, const LogFault&) = default;
};

/// What an audit of a log has read and found. Value.
struct LogAudit {
  /// The entries applied, one after the other, up to this number.
  int64_t entries = 0;
  model::LogNumber number = 0;
  /// The snapshots that were read.
  int64_t snapshots = 0;
  std::vector<LogFault> faults;
};

}  // namespace sleeper::state
