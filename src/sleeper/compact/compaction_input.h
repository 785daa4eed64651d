#pragma once

#include <cstdint>

#include "sleeper/model/file_record.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::compact {

/// A slice of a data file: its rows inside the interval of one reference. Immutable value.
struct CompactionInput {
  model::FileRecord file;
  model::KeyInterval interval;
  /// As the reference has them: an estimate unless `rows_exact`.
  int64_t rows = 0;
  bool rows_exact = true;

  /// The least key that the slice may hold.
  const model::NormalisedKey& FirstKey() const;

  /// True if no row of the slice can come before the last row of `earlier`, nor share its key.
  bool StartsAfter(const CompactionInput& earlier) const;

  /// The slice's share of the file's bytes, by rows; at least 1.
  int64_t EstimatedBytes() const;

  /// True if every row of the file is in the slice.
  bool IsWholeFile() const { return file.bounds.IsWithin(interval); }

  friend bool operator==(const CompactionInput&, const CompactionInput&) = default;
};

}  // namespace sleeper::compact
