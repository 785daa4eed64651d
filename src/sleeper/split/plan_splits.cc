#include "sleeper/split/plan_splits.h"

#include <algorithm>
#include <utility>

namespace sleeper::split {

using model::property::kPartitionSplittingFilesMaximum;
using model::property::kPartitionSplittingThreshold;

SplitPolicy SplitPolicy::From(const model::Properties& properties) {
  return {.rows_max = properties.Get(kPartitionSplittingThreshold),
          .files_max = properties.Get(kPartitionSplittingFilesMaximum)};
}

int64_t PartsOf(int64_t rows, const SplitPolicy& policy) { return std::min(rows / policy.rows_max + 1, kPartsMax); }

std::vector<SplitCandidate> PlanSplits(const state::TableState& state, const SplitPolicy& policy) {
  std::vector<SplitCandidate> candidates;
  state::ReferenceCursor reference = state.References();
  for (auto leaf = state.partitions().Begin(); leaf.valid(); leaf.Next()) {
    SplitCandidate candidate{.partition = leaf.partition(), .files = {}};
    const state::ReferenceCursor first = reference;
    for (; reference.valid() && candidate.partition.interval.Contains(reference.lower()); reference.Next()) {
      candidate.rows += reference.rows();
    }
    if (PartsOf(candidate.rows, policy) < 2) continue;
    for (state::ReferenceCursor at = first; at.valid() && candidate.partition.interval.Contains(at.lower());
         at.Next()) {
      candidate.files.push_back({at.reference(), at.file().record});
      candidate.rows_exact = candidate.rows_exact && candidate.files.back().reference.rows_exact;
    }
    std::stable_sort(candidate.files.begin(), candidate.files.end(),
                     [](const auto& a, const auto& b) { return a.reference.rows > b.reference.rows; });
    if (static_cast<int64_t>(candidate.files.size()) > policy.files_max) {
      candidate.files.resize(static_cast<size_t>(policy.files_max));
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace sleeper::split
