#include "sleeper/query/plan_query.h"

#include <algorithm>
#include <utility>

namespace sleeper::query {
namespace {

/// The keys that are exactly `key`.
model::KeyInterval IntervalOfKey(const model::NormalisedKey& key) { return {key, key + '\0'}; }

model::Cover CoverOf(const QueryRequest& request) {
  if (request.nothing) return {};
  std::vector<model::KeyInterval> whole;
  whole.reserve(request.keys.size());
  for (const model::NormalisedKey& key : request.keys) whole.push_back(IntervalOfKey(key));
  const bool everything = request.regions.empty() && request.keys.empty();
  if (everything) whole.push_back(model::KeyInterval::All());
  return model::CoverOf(request.regions, std::move(whole));
}

/// The parts of a cover from a key on.
model::Cover From(const model::NormalisedKey& from, model::Cover cover) {
  std::erase_if(cover.parts,
                [&](const model::CoverPart& part) { return part.interval.upper && *part.interval.upper <= from; });
  if (!cover.parts.empty()) {
    model::NormalisedKey& lower = cover.parts.front().interval.lower;
    lower = std::max(lower, from);
  }
  return cover;
}

/// Calls `visit` with each interval that may hold rows of the file, cut at its reference, until it answers false.
template <typename Visit>
void VisitIntervalsIn(const state::ReferencedFile& file, const std::vector<model::KeyInterval>& intervals,
                      const Visit& visit) {
  // The first interval that does not end before the file begins.
  const model::NormalisedKey& least = std::max(file.reference.interval.lower, file.file.bounds.min);
  auto interval = std::partition_point(intervals.begin(), intervals.end(), [&](const model::KeyInterval& candidate) {
    return candidate.upper && *candidate.upper <= least;
  });
  for (; interval != intervals.end() && interval->lower <= file.file.bounds.max; ++interval) {
    if (!file.file.bounds.Overlaps(*interval)) continue;
    std::optional<model::KeyInterval> shared = interval->Intersect(file.reference.interval);
    if (shared && file.file.bounds.Overlaps(*shared) && !visit(std::move(*shared))) return;
  }
}

bool HasRowsIn(const state::ReferencedFile& file, const std::vector<PlannedSegment>& segments) {
  bool found = false;
  for (const PlannedSegment& segment : segments) {
    VisitIntervalsIn(file, segment.intervals, [&](model::KeyInterval) {
      found = true;
      return false;
    });
    if (found) break;
  }
  return found;
}

}  // namespace

bool PlannedPartition::has_residual() const {
  return std::any_of(segments.begin(), segments.end(), [](const auto& segment) { return !segment.residual.empty(); });
}

std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<model::KeyInterval>& intervals) {
  std::vector<model::KeyInterval> inside;
  VisitIntervalsIn(file, intervals, [&](model::KeyInterval interval) {
    inside.push_back(std::move(interval));
    return true;
  });
  return inside;
}

std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<PlannedSegment>& segments) {
  std::vector<model::KeyInterval> inside;
  for (const PlannedSegment& segment : segments) {
    std::vector<model::KeyInterval> of_segment = IntervalsIn(file, segment.intervals);
    std::move(of_segment.begin(), of_segment.end(), std::back_inserter(inside));
  }
  return inside;
}

QueryPlan::QueryPlan(state::TableStatePtr state, const QueryRequest& request, const model::NormalisedKey& from)
    : state_(std::move(state)), cover_(From(from, CoverOf(request))) {}

std::optional<PlannedPartition> QueryPlan::Next() {
  while (next_part_ < cover_.parts.size()) {
    PlannedPartition planned = TakeLeaf();
    for (state::ReferencedFile& file : state_->FilesIn(planned.partition.interval)) {
      if (HasRowsIn(file, planned.segments)) planned.files.push_back(std::move(file));
    }
    if (!planned.files.empty()) return planned;
  }
  return std::nullopt;
}

PlannedPartition QueryPlan::TakeLeaf() {
  // Leaves without a wanted key are never looked at.
  from_ = std::max(from_, cover_.parts[next_part_].interval.lower);
  PlannedPartition planned{.partition = state_->partitions().Find(from_), .segments = {}, .files = {}};
  const model::KeyInterval& leaf = planned.partition.interval;
  int residual = model::CoverPart::kEveryRow;
  for (size_t count = 0; count < kIntervalsMax && next_part_ < cover_.parts.size(); ++count) {
    const model::CoverPart& part = cover_.parts[next_part_];
    std::optional<model::KeyInterval> inside = part.interval.Intersect(leaf);
    if (inside) {
      if (planned.segments.empty() || part.residual != residual) {
        residual = part.residual;
        planned.segments.emplace_back();
        if (residual != model::CoverPart::kEveryRow) {
          planned.segments.back().residual = cover_.residuals[static_cast<size_t>(residual)];
        }
      }
      planned.segments.back().intervals.push_back(std::move(*inside));
    }
    // A part that goes on behind the leaf is taken up again by the next one.
    if (leaf.upper && (!part.interval.upper || *part.interval.upper > *leaf.upper)) {
      from_ = *leaf.upper;
      break;
    }
    ++next_part_;
  }
  return planned;
}

}  // namespace sleeper::query
