#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sleeper/compact/compaction_policy.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/state/table_state.h"

namespace sleeper::compact {

/// What planning needs besides the state.
struct PlanRequest {
  CompactionPolicy policy;
  file::DataFileSettings file_settings;
  /// Makes the names of the jobs, and chooses among them where there are too many: a new one for each plan.
  uint64_t seed = 0;
  /// Slices of these files are left alone.
  std::set<model::FileId> excluded;
};

/// What is to be done.
struct CompactionPlan {
  /// By partition in key order, smallest files first within a partition.
  std::vector<CompactionSpec> jobs;
  /// Jobs that would be worth doing, but are too many at a time.
  int64_t jobs_postponed = 0;
  /// References that were tried too often and are left alone.
  int64_t references_set_aside = 0;
};

/// Which files of `state` are worth merging. Pure: the same input gives the same output.
/// REQUIRES: state.exists().
CompactionPlan PlanCompactions(const state::TableState& state, const PlanRequest& request);

}  // namespace sleeper::compact
