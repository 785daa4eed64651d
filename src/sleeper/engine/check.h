#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"

namespace sleeper::engine {

struct CheckOptions {
  /// Read every file of the table whole, and compare all of it with what the state says.
  bool deep = false;
  /// Of a deep check: a local file that remembers which files were read, so that a check which was interrupted goes on
  /// where it was. It goes when the check is complete. Empty: none.
  std::string progress_file;
};

/// A place where state and store do not agree. Value.
struct CheckFinding {
  /// "missing", "bad", "log", "orphan" or "in_flight".
  std::string kind;
  /// The object's path below the instance; of the log, what messages call it.
  std::string object;
  int64_t bytes = 0;
  std::string why;
};

/// What a check has seen. Value.
struct CheckResult {
  /// True if every row can be read and is what was written, as far as was looked. Orphans only take room.
  bool ok = true;
  int64_t missing_files = 0;
  int64_t bad_files = 0;
  int64_t log_faults = 0;
  int64_t orphan_files = 0;
  int64_t orphan_bytes = 0;
  /// Objects that unfinished work may still make part of the table.
  int64_t in_flight_files = 0;
  /// Files that wait to be collected.
  int64_t unreferenced_files = 0;

  /// The state that was compared, and its files.
  model::LogNumber log_number = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t log_entries = 0;
  int64_t log_snapshots = 0;
  /// Of a deep check.
  int64_t files_read = 0;
  int64_t rows_read = 0;
  int64_t files_read_before = 0;

  /// Damage first; not more than some thousands, while the numbers above count all.
  std::vector<CheckFinding> findings;
};

}  // namespace sleeper::engine
