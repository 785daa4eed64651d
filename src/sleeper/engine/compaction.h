#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"

namespace sleeper::engine {

struct CompactionOptions {
  /// All files of each partition, instead of those that the table's strategy thinks worth merging.
  bool all = false;
  /// Only says what would be done first.
  bool dry_run = false;
  /// Take files away from unfinished jobs of other processes at once, not only when they have been silent for long.
  bool take_over = false;
};

/// A job that would be done. Value.
struct PlannedCompaction {
  model::PartitionId partition;
  std::vector<model::FileId> files;
  int64_t rows = 0;
  int64_t bytes = 0;
};

/// What was done. Value.
struct CompactionResult {
  int64_t jobs = 0;
  int64_t files_in = 0;
  int64_t files_out = 0;
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t bytes_in = 0;
  int64_t bytes_out = 0;
  int64_t jobs_superseded = 0;
  int64_t jobs_failed = 0;
  int64_t jobs_taken_over = 0;
  /// Jobs of other processes that hold files, which were left alone.
  int64_t jobs_of_others = 0;
  int64_t references_set_aside = 0;
  /// Of a dry run.
  std::vector<PlannedCompaction> plan;
  /// The first failure of a job. What the numbers say was done nevertheless.
  Status failure;
};

}  // namespace sleeper::engine
