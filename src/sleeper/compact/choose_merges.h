#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/compact/compaction_input.h"
#include "sleeper/compact/compaction_policy.h"

namespace sleeper::compact {

/// The slices that one job merges.
using Merge = std::vector<CompactionInput>;

/// Decides what to merge in one partition, given its slices that no job holds and the number of jobs that are at work
/// there.
///
/// The runs of the slices (FileRun) are taken in ascending order of their rows and grouped as the policy's strategy
/// says, or, for kAll, in consecutive batches. A group is merged only if that gains something: rows that interleave
/// come into one sequence, or there will be fewer files. Besides, kAll rewrites a file alone if only a part of its
/// rows, or an unknown number of them, belongs to the partition. So planning over and over comes to an end.
///
/// Pure: the same input gives the same output.
std::vector<Merge> ChooseMerges(std::span<const CompactionInput> free, int64_t running_jobs,
                                const CompactionPolicy& policy);

}  // namespace sleeper::compact
