#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/status.h"

namespace sleeper::oracle {

/// How much was tried, to show that it was enough.
struct RunCounts {
  int64_t rows_ingested = 0;
  /// Sorted runs that did not fit in memory.
  int64_t runs_spilled = 0;
  int64_t queries = 0;
  int64_t rows_returned = 0;
  int64_t partitions = 0;
  int64_t files = 0;

  RunCounts& operator+=(const RunCounts& other);
};

/// Plays one seed: a table of a random schema, and random ingests, splits, compactions and other changes to it, while
/// queries of all forms are compared with what the table must hold. A failure says which step it was.
Result<RunCounts> PlaySeed(uint64_t seed, int steps);

}  // namespace sleeper::oracle
