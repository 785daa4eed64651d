#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/properties.h"
#include "sleeper/model/schema.h"
#include "sleeper/state/job.h"
#include "sleeper/state/table_state.h"

namespace sleeper::ingest {

/// What an ingest job is asked to do, as far as its identity goes: the same job id with something else here is another
/// job. What the inputs hold is not part of it, so that a repeated delivery is recognised without reading them, even if
/// they are gone.
struct IngestRequest {
  /// Not empty.
  model::JobId job;
  /// The inputs as they were named: paths, patterns, URLs. Their order does not matter.
  std::vector<std::string> inputs;
  /// How they are to be read (format, delimiter, …), in any form that is always the same.
  std::string reading;

  state::SpecHash Hash() const;
};

/// How much memory each part of an ingest may take, so that all of it keeps within the table's bound.
struct MemoryShares {
  /// Inputs that are read at a time.
  int readers_max = 1;
  /// Batches between the readers and the sort.
  int batches_waiting_max = 1;
  int64_t batch_bytes_max = 0;
  int64_t row_group_bytes_max = 0;
  int64_t sort_bytes_max = 0;

  /// Rows that came in key order and wait to be written without being sorted.
  int64_t waiting_bytes_max = 0;

  /// Divides `memory_bytes`. Rows are sorted after they were read and before they are written; the sort takes what the
  /// greater of the two leaves. While rows pass through in key order, reading and writing share what the sort has not.
  static MemoryShares Of(int64_t memory_bytes, int64_t row_group_bytes_wanted);
};

/// An ingest as it is to be done. Immutable value.
struct IngestSpec {
  model::JobId job;
  state::SpecHash spec_hash;
  model::Schema schema;
  std::string shape_hash;
  model::FileWritingStrategy strategy = model::FileWritingStrategy::kOneReferencePerLeaf;
  file::DataFileSettings file_settings;
  int64_t file_bytes_target = 0;
  MemoryShares memory;
  /// How old an unknown object has to be before a sweep deletes it.
  Duration sweep_age{0};
};

/// How a job is to be done on a table with these properties. Pure.
/// REQUIRES: state.exists().
Result<IngestSpec> PlanIngest(const state::TableState& state, const IngestRequest& request,
                              const model::Properties& properties);

}  // namespace sleeper::ingest
