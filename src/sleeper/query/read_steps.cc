#include "sleeper/query/read_steps.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

namespace sleeper::query {
namespace {

constexpr int64_t kBatchRowsMin = 64;
constexpr int64_t kBatchRowsMax = 4096;

/// A row takes about this many times the bytes that it has in its file.
constexpr int64_t kDecodedSizeFactor = 4;

/// The keys that a file's rows in the partition may have.
struct Span {
  size_t file = 0;
  model::NormalisedKey first;
  /// One that is above all of them.
  model::NormalisedKey end;
};

Span SpanOf(const PlannedPartition& planned, size_t number) {
  const state::ReferencedFile& file = planned.files[number];
  const model::KeyInterval& reference = file.reference.interval;
  Span span{number, std::max(file.file.bounds.min, reference.lower), file.file.bounds.max + '\0'};
  if (reference.upper) span.end = std::min(span.end, *reference.upper);
  return span;
}

/// Spans in the order of their first keys.
std::vector<Span> SpansOf(const PlannedPartition& planned) {
  std::vector<Span> spans;
  spans.reserve(planned.files.size());
  for (size_t number = 0; number < planned.files.size(); ++number) spans.push_back(SpanOf(planned, number));
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
  return spans;
}

/// Where the spans can be cut so that all before the cut end before all behind it begin, and where they end.
std::vector<size_t> CutsOf(const std::vector<Span>& spans) {
  std::vector<size_t> cuts;
  const model::NormalisedKey* end = &spans.front().end;
  for (size_t i = 1; i < spans.size(); ++i) {
    if (*end <= spans[i].first) cuts.push_back(i);
    end = std::max(end, &spans[i].end, [](const auto* a, const auto* b) { return *a < *b; });
  }
  cuts.push_back(spans.size());
  return cuts;
}

/// One step of the spans from `begin` up to `end`: a sequence for each if they are few; otherwise a file comes behind
/// the one of another sequence that ended first, if that ended before it begins. So no more sequences are made than
/// overlap at a key.
ReadStep StepOf(const std::vector<Span>& spans, size_t begin, size_t end, size_t side_by_side) {
  ReadStep step;
  using Ended = std::pair<const model::NormalisedKey*, size_t>;
  const auto later = [](const Ended& a, const Ended& b) { return *a.first > *b.first; };
  std::priority_queue<Ended, std::vector<Ended>, decltype(later)> ends(later);
  for (size_t i = begin; i < end; ++i) {
    const Span& span = spans[i];
    size_t sequence = step.sequences.size();
    if (sequence >= side_by_side && *ends.top().first <= span.first) {
      sequence = ends.top().second;
      ends.pop();
    } else {
      step.sequences.emplace_back();
    }
    step.sequences[sequence].push_back(span.file);
    ends.push({&span.end, sequence});
  }
  std::sort(step.sequences.begin(), step.sequences.end());
  return step;
}

}  // namespace

std::vector<ReadStep> PlanReadSteps(const PlannedPartition& planned, size_t side_by_side) {
  if (planned.files.size() <= side_by_side) {
    ReadStep step;
    for (size_t number = 0; number < planned.files.size(); ++number) step.sequences.push_back({number});
    return {std::move(step)};
  }
  const std::vector<Span> spans = SpansOf(planned);
  std::vector<ReadStep> steps;
  size_t begin = 0;
  size_t end = 0;
  for (const size_t cut : CutsOf(spans)) {
    if (end > begin && cut - begin > side_by_side) {
      steps.push_back(StepOf(spans, begin, end, side_by_side));
      begin = end;
    }
    end = cut;
  }
  steps.push_back(StepOf(spans, begin, end, side_by_side));
  return steps;
}

int64_t BatchRowsOf(const model::FileRecord& file, size_t open, int64_t bytes) {
  const int64_t share = bytes / static_cast<int64_t>(std::max<size_t>(open, 1));
  const int64_t row_bytes = std::max<int64_t>(file.size_bytes / std::max<int64_t>(file.rows, 1), 1);
  return std::clamp(share / (row_bytes * kDecodedSizeFactor), kBatchRowsMin, kBatchRowsMax);
}

}  // namespace sleeper::query
