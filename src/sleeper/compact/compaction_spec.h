#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/compact/compaction_input.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/schema.h"
#include "sleeper/state/job.h"

namespace sleeper::compact {

/// A compaction as it is to be done: merge these slices of one partition into few files. Whatever it depends on is in
/// here, so that it can be done anywhere, and any number of times. Immutable value.
struct CompactionSpec {
  model::JobId job;
  /// Where the inputs lay when it was planned.
  model::PartitionId partition;
  std::vector<CompactionInput> inputs;

  model::Schema schema;
  std::string shape_hash;
  file::DataFileSettings file_settings;
  /// The output is cut into files of at least about this size.
  int64_t file_bytes_target = 0;
  /// The number of the state that it was planned on. No output is born earlier.
  model::LogNumber birth = 0;

  int64_t rows() const;
  int64_t bytes() const;

  /// The job as the state keeps it. `worker` is who does it, as in Worker::self; it does not make it another job.
  state::UnfinishedJob UnfinishedJob(std::string worker = {}) const;
};

}  // namespace sleeper::compact
