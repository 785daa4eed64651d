#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/model/partition_map.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/table_state.h"

namespace sleeper::split {

/// When and how partitions are split. Value.
struct SplitPolicy {
  static SplitPolicy From(const model::Properties& properties);

  /// A partition with at least so many rows is split, into as few parts as bring each below it. At least 1.
  int64_t rows_max = 1'000'000'000;
  /// The keys of at most this many files of a partition, the largest, are looked at. At least 1.
  int64_t files_max = 50;
};

/// A partition that may be too big, by the state's counts, and what its keys can be learned from.
struct SplitCandidate {
  model::Partition partition;
  /// Of all its references; after earlier splits this may be an estimate.
  int64_t rows = 0;
  bool rows_exact = true;
  /// The largest references, by rows, with their files: at most SplitPolicy::files_max.
  std::vector<state::ReferencedFile> files;
};

/// The partitions that hold at least `policy.rows_max` rows, in key order. Pure.
std::vector<SplitCandidate> PlanSplits(const state::TableState& state, const SplitPolicy& policy);

/// Into how many parts `rows` rows are cut, so that equal parts have fewer than `policy.rows_max` each; 1 if they have
/// already. At most kPartsMax.
inline constexpr int64_t kPartsMax = 1'000;
int64_t PartsOf(int64_t rows, const SplitPolicy& policy);

}  // namespace sleeper::split
