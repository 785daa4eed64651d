#include "sleeper/query/plan_query.h"

#include <algorithm>
#include <utility>

namespace sleeper::query {
namespace {

/// The keys that are exactly `key`.
model::KeyInterval IntervalOfKey(const model::NormalisedKey& key) { return {key, key + '\0'}; }

model::Cover CoverOf(const QueryRequest& request) {
  std::vector<model::KeyInterval> whole;
  whole.reserve(request.keys.size());
  for (const model::NormalisedKey& key : request.keys) whole.push_back(IntervalOfKey(key));
  const bool everything = request.regions.empty() && request.keys.empty() && !request.nothing;
  if (everything) whole.push_back(model::KeyInterval::All());
  return model::CoverOf(request.regions, std::move(whole));
}

/// Adds the part of `part` that lies in the partition. Parts come in key order.
void AddPart(PlannedPartition& planned, const model::Cover& cover, const model::CoverPart& part, int& last_residual) {
  auto inside = part.interval.Intersect(planned.partition.interval);
  if (!inside) return;
  if (planned.segments.empty() || part.residual != last_residual) {
    planned.segments.emplace_back();
    last_residual = part.residual;
    if (part.residual != model::CoverPart::kEveryRow) {
      planned.segments.back().residual = cover.residuals[static_cast<size_t>(part.residual)];
    }
  }
  planned.segments.back().intervals.push_back(std::move(*inside));
}

bool HasRowsIn(const state::ReferencedFile& file, const PlannedPartition& planned) {
  return std::any_of(planned.segments.begin(), planned.segments.end(),
                     [&](const PlannedSegment& segment) { return !IntervalsIn(file, segment.intervals).empty(); });
}

}  // namespace

std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<model::KeyInterval>& intervals) {
  std::vector<model::KeyInterval> inside;
  // The first interval that does not end before the file begins.
  const model::NormalisedKey& least = std::max(file.reference.interval.lower, file.file.bounds.min);
  auto interval = std::partition_point(intervals.begin(), intervals.end(), [&](const model::KeyInterval& candidate) {
    return candidate.upper && *candidate.upper <= least;
  });
  for (; interval != intervals.end() && interval->lower <= file.file.bounds.max; ++interval) {
    if (!file.file.bounds.Overlaps(*interval)) continue;
    if (auto shared = interval->Intersect(file.reference.interval)) inside.push_back(std::move(*shared));
  }
  return inside;
}

QueryPlan PlanQuery(const state::TableState& state, const QueryRequest& request) {
  QueryPlan plan{.number = state.number(), .partitions = {}};
  const model::Cover cover = CoverOf(request);
  size_t next = 0;
  // Each step takes the leaf that holds the next wanted key, so that leaves without any are never looked at.
  model::NormalisedKey from;
  while (next < cover.parts.size()) {
    from = std::max(from, cover.parts[next].interval.lower);
    PlannedPartition planned{.partition = state.partitions().Find(from), .segments = {}, .files = {}};
    const std::optional<model::NormalisedKey>& end = planned.partition.interval.upper;
    int last_residual = model::CoverPart::kEveryRow;
    for (; next < cover.parts.size(); ++next) {
      const model::CoverPart& part = cover.parts[next];
      AddPart(planned, cover, part, last_residual);
      // A part that goes on behind the leaf is taken up again by the next one.
      if (end && (!part.interval.upper || *part.interval.upper > *end)) break;
    }
    for (state::ReferencedFile& file : state.FilesIn(planned.partition.interval)) {
      if (HasRowsIn(file, planned)) planned.files.push_back(std::move(file));
    }
    if (!planned.files.empty()) plan.partitions.push_back(std::move(planned));
    if (!end) break;
    from = *end;
  }
  return plan;
}

}  // namespace sleeper::query
