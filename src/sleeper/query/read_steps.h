#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sleeper/query/plan_query.h"

namespace sleeper::query {

/// Files of a planned partition, by their numbers there, whose rows come before those of the next step. Value.
struct ReadStep {
  /// They are merged. The files of a sequence follow one another in key order, so that one of them is open at a time.
  /// In the order of their first files in the partition.
  std::vector<std::vector<size_t>> sequences;
};

/// Files that may be open side by side though their keys do not overlap, so that they are fetched in one wave.
constexpr size_t kFilesSideBySide = 64;

/// How the files of a partition are read with few of them open: at most `side_by_side`, or as many as overlap at a key
/// if those are more. Pure.
std::vector<ReadStep> PlanReadSteps(const PlannedPartition& planned, size_t side_by_side = kFilesSideBySide);

/// How many rows a batch of a file has where batches of `open` files are in memory, so that all of them take about
/// `bytes` together; between 64 and 4096. A wide row is never cut: then they take more.
int64_t BatchRowsOf(const model::FileRecord& file, size_t open, int64_t bytes);

}  // namespace sleeper::query
