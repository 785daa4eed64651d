#pragma once

#include <cstddef>
#include <cstdint>

#include "sleeper/model/properties.h"

namespace sleeper::compact {

/// Which references a compaction takes.
enum class CompactionMode {
  kStrategy,  ///< What the table's strategy finds worth merging.
  kAll,       ///< Everything, until each partition has as few files as can be.
};

/// What planning goes by. Value.
struct CompactionPolicy {
  /// The policy that a table's properties ask for.
  static CompactionPolicy From(const model::Properties& properties);

  CompactionMode mode = CompactionMode::kStrategy;
  model::CompactionStrategy strategy = model::CompactionStrategy::kBasic;
  /// Files of one job at most; for files of full size, runs of them: see FileRun.
  size_t files_batch_size = 12;
  int64_t size_ratio = 3;
  /// Of the size-ratio strategy.
  int64_t jobs_per_partition_max = INT64_MAX;
  /// Unfinished jobs of the table at most, those of other processes included.
  int64_t jobs_max = 100'000;
  /// The output of a job is cut into files of at least about this size.
  int64_t file_bytes_target = int64_t{512} << 20;
  /// References that were tried this often are set aside, except by kAll.
  int attempts_max = 5;
};

}  // namespace sleeper::compact
