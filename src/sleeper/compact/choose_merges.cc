#include "sleeper/compact/choose_merges.h"

#include <algorithm>

#include "sleeper/compact/compaction_strategy.h"
#include "sleeper/compact/file_run.h"

namespace sleeper::compact {
namespace {

using Runs = std::span<const FileRun>;

std::vector<FileGroup> GroupBySize(Runs runs, int64_t running_jobs, const CompactionPolicy& policy) {
  std::vector<int64_t> rows;
  rows.reserve(runs.size());
  for (const FileRun& run : runs) rows.push_back(run.rows);
  std::vector<FileGroup> groups = GroupBySizeRatio(rows, policy.files_batch_size, policy.size_ratio);
  const int64_t allowed = std::max<int64_t>(0, policy.jobs_per_partition_max - running_jobs);
  if (static_cast<int64_t>(groups.size()) > allowed) groups.resize(static_cast<size_t>(allowed));
  return groups;
}

std::vector<FileGroup> GroupAll(size_t runs, size_t batch_size) {
  std::vector<FileGroup> groups;
  for (size_t first = 0; first < runs; first += batch_size)
    groups.push_back({first, std::min(batch_size, runs - first)});
  return groups;
}

bool GainsFromMerging(Runs runs, const CompactionPolicy& policy) {
  int64_t bytes = 0;
  int64_t files = 0;
  for (const FileRun& run : runs) {
    bytes += run.bytes;
    files += static_cast<int64_t>(run.files.size());
  }
  return OutputFiles(bytes, policy.file_bytes_target) < files || AnyOverlap(runs);
}

// The files of a run that hold rows of other partitions, or of which it is not known how many rows belong to this one.
Merge GainsAlone(const FileRun& run) {
  Merge merge;
  for (const CompactionInput& file : run.files) {
    if (!file.IsWholeFile() || !file.rows_exact) merge.push_back(file);
  }
  return merge;
}

Merge Flatten(Runs runs) {
  Merge merge;
  for (const FileRun& run : runs) merge.insert(merge.end(), run.files.begin(), run.files.end());
  return merge;
}

Merge MergeOf(Runs runs, const CompactionPolicy& policy) {
  if (runs.size() >= 2 && GainsFromMerging(runs, policy)) return Flatten(runs);
  Merge merge;
  if (policy.mode == CompactionMode::kAll) {
    for (const FileRun& run : runs) std::ranges::copy(GainsAlone(run), std::back_inserter(merge));
  }
  return merge;
}

}  // namespace

std::vector<Merge> ChooseMerges(std::span<const CompactionInput> free, int64_t running_jobs,
                                const CompactionPolicy& policy) {
  const std::vector<FileRun> runs = MakeRuns(free, policy.file_bytes_target);
  std::vector<FileGroup> groups;
  if (policy.mode == CompactionMode::kAll) {
    groups = GroupAll(runs.size(), policy.files_batch_size);
  } else if (policy.strategy == model::CompactionStrategy::kBasic) {
    groups = GroupByCount(runs.size(), policy.files_batch_size);
  } else {
    groups = GroupBySize(runs, running_jobs, policy);
  }
  std::vector<Merge> merges;
  for (const FileGroup& group : groups) {
    Merge merge = MergeOf(Runs(runs).subspan(group.first, group.count), policy);
    if (!merge.empty()) merges.push_back(std::move(merge));
  }
  return merges;
}

}  // namespace sleeper::compact
