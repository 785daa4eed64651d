#pragma once

#include <cstdint>
#include <optional>

#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/row_hash.h"

namespace sleeper::model {

/// What the state knows of a data file, so that nobody needs to ask the store. Immutable value.
struct FileRecord {
  FileId id;
  int64_t size_bytes = 0;
  /// Length of the file's tail that holds indexes and footer: one read from the end opens the file.
  int64_t tail_bytes = 0;
  /// The number of a state that was fresh just before the file was started.
  LogNumber birth = 0;
  KeyBounds bounds;
  int64_t rows = 0;
  RowHash row_hash;

  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

/// "This file's rows inside this interval", which lies inside one partition. Immutable value.
struct FileReference {
  FileId file;
  KeyInterval interval;
  /// The number of rows inside, exact if `rows_exact`, otherwise an estimate (after a split).
  int64_t rows = 0;
  bool rows_exact = true;
  /// The compaction that it is assigned to, if any.
  std::optional<JobId> job;
  /// How often a compaction of it was tried and released.
  int attempts = 0;

  friend bool operator==(const FileReference&, const FileReference&) = default;
};

}  // namespace sleeper::model
