#include "sleeper/model/key_query.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "sleeper/model/key_codec.h"

namespace sleeper::model {
namespace {

/// How a region becomes intervals: the values of the leading fields are written out, one by one, as long as they are
/// few; then one field's range, tightened by those of later fields, makes the interval of each.
struct Outline {
  /// Columns before this one are written out.
  int written_out = 0;
  /// Columns from this one on are unrestricted. When it is not past `written_out` + 1, the intervals are exact.
  int restricted = 0;
};

bool IsRestricted(const Range* range) {
  return range != nullptr && (range->upper() || range->lower() != LeastValue(range->field().type.kind()));
}

int64_t OrdinalOf(const KeyValue& value) {
  switch (KindOfValue(value)) {
    case TypeKind::kInt:
      return std::get<int32_t>(value);
    case TypeKind::kDate:
      return std::get<Date>(value).days;
    case TypeKind::kTimestamp:
      return std::get<Timestamp>(value).microseconds;
    default:
      return std::get<int64_t>(value);
  }
}

/// How many values the range holds, if they can be counted and are at most `count_max`. REQUIRES: it is not empty.
std::optional<int> CountValues(const Range& range, int count_max) {
  if (range.Single()) return 1;
  const TypeKind kind = range.field().type.kind();
  if (kind == TypeKind::kString || kind == TypeKind::kBytes) return std::nullopt;
  const uint64_t distance =
      static_cast<uint64_t>(OrdinalOf(*range.Last())) - static_cast<uint64_t>(OrdinalOf(range.lower()));
  if (distance >= static_cast<uint64_t>(count_max)) return std::nullopt;
  return static_cast<int>(distance) + 1;
}

/// REQUIRES: the region is not empty.
Outline OutlineOf(const Region& region) {
  Outline outline;
  for (int column = 0; column < region.schema().row_key_count(); ++column) {
    if (IsRestricted(region.RangeOf(column))) outline.restricted = column + 1;
  }
  int count = 1;
  while (outline.written_out < outline.restricted) {
    const Range* range = region.RangeOf(outline.written_out);
    if (!IsRestricted(range)) break;
    const std::optional<int> values = CountValues(*range, kIntervalsOfRegionMax / count);
    if (!values) break;
    // Several values are worth an interval each only if that lets the next field narrow every one of them.
    const int following = outline.written_out + 1;
    if (*values > 1 && (following == outline.restricted || !IsRestricted(region.RangeOf(following)))) break;
    count *= *values;
    ++outline.written_out;
  }
  return outline;
}

/// Writes the intervals of a region in key order. Confined.
class IntervalWriter {
 public:
  explicit IntervalWriter(const Region& region) : region_(region), outline_(OutlineOf(region)) {}

  std::vector<KeyInterval> Write() {
    WriteFrom(0);
    return std::move(intervals_);
  }

 private:
  void WriteFrom(int column) {
    if (column == outline_.written_out) {
      intervals_.push_back({Lower(), Upper()});
      return;
    }
    const Range& range = *region_.RangeOf(column);
    for (std::optional<KeyValue> value = range.lower(); value && range.Contains(*value); value = NextValue(*value)) {
      prefix_.push_back(*value);
      WriteFrom(column + 1);
      prefix_.pop_back();
    }
  }

  /// The least values of all later fields together are below every tuple of the region.
  NormalisedKey Lower() const {
    KeyTuple lower = prefix_;
    size_t needed = lower.size();
    for (int column = outline_.written_out; column < outline_.restricted; ++column) {
      const Range* range = region_.RangeOf(column);
      const KeyValue least = LeastValue(region_.schema().field(column).type.kind());
      lower.push_back(range != nullptr ? range->lower() : least);
      if (lower.back() != least) needed = lower.size();
    }
    lower.resize(needed);
    return EncodeKey(lower);
  }

  /// Goes on through the fields as long as each has a greatest value.
  std::optional<NormalisedKey> Upper() const {
    KeyTuple upper = prefix_;
    for (int column = outline_.written_out; column < outline_.restricted; ++column) {
      const Range* range = region_.RangeOf(column);
      const std::optional<KeyValue> last =
          range != nullptr ? range->Last() : GreatestValue(region_.schema().field(column).type.kind());
      if (last) {
        upper.push_back(*last);
      } else if (range != nullptr && range->upper()) {
        upper.push_back(*range->upper());
        return EncodeKey(upper);
      } else {
        break;
      }
    }
    return SuccessorOfPrefix(upper);
  }

  const Region& region_;
  const Outline outline_;
  KeyTuple prefix_;
  std::vector<KeyInterval> intervals_;
};

/// Whether an interval that ends at `upper` ends before `key`, or touches it.
bool EndsBy(const std::optional<NormalisedKey>& upper, std::string_view key) { return upper && *upper <= key; }

bool UpperLess(const std::optional<NormalisedKey>& a, const std::optional<NormalisedKey>& b) {
  return a && (!b || *a < *b);
}

/// An interval of a region that rows have to be checked against.
struct ResidualInterval {
  KeyInterval interval;
  uint32_t region;
};

/// Turns overlapping intervals of regions into disjoint parts. Confined.
class ResidualSweep {
 public:
  Cover Run(std::vector<ResidualInterval> intervals) {
    std::ranges::sort(intervals, {},
                      [](const ResidualInterval& each) -> std::string_view { return each.interval.lower; });
    for (size_t begin = 0; begin < intervals.size();) {
      const size_t end = ClusterEnd(intervals, begin);
      AddCluster(std::span(intervals).subspan(begin, end - begin));
      begin = end;
    }
    return std::move(cover_);
  }

 private:
  /// The end of the longest run of intervals that hang together.
  static size_t ClusterEnd(std::span<const ResidualInterval> intervals, size_t begin) {
    std::optional<NormalisedKey> upper = intervals[begin].interval.upper;
    size_t end = begin + 1;
    for (; end < intervals.size() && !EndsBy(upper, intervals[end].interval.lower); ++end) {
      if (UpperLess(upper, intervals[end].interval.upper)) upper = intervals[end].interval.upper;
    }
    return end;
  }

  void AddCluster(std::span<const ResidualInterval> cluster) {
    const size_t parts_before = cover_.parts.size();
    const size_t lists_before = cover_.residuals.size();
    if (SweepCluster(cluster)) return;
    // Too much overlap to tell the parts from one another: one part that is checked against all of them.
    cover_.parts.resize(parts_before);
    cover_.residuals.resize(lists_before);
    std::optional<NormalisedKey> upper = cluster[0].interval.upper;
    std::set<uint32_t> regions;
    for (const ResidualInterval& each : cluster) {
      if (UpperLess(upper, each.interval.upper)) upper = each.interval.upper;
      regions.insert(each.region);
    }
    AddPart({cluster[0].interval.lower, upper}, {regions.begin(), regions.end()});
  }

  /// One part between each two neighbouring bounds. False if the lists grow beyond kCoverIndexesMax.
  bool SweepCluster(std::span<const ResidualInterval> cluster) {
    std::vector<const ResidualInterval*> ends;
    for (const ResidualInterval& each : cluster) ends.push_back(&each);
    std::ranges::sort(ends,
                      [](const auto* a, const auto* b) { return UpperLess(a->interval.upper, b->interval.upper); });

    // The intervals of one region are disjoint, so it is here at most once.
    std::set<uint32_t> active;
    NormalisedKey lower = cluster[0].interval.lower;
    size_t started = 0;
    size_t ended = 0;
    for (;;) {
      while (started < cluster.size() && cluster[started].interval.lower == lower)
        active.insert(cluster[started++].region);
      std::optional<NormalisedKey> upper = ends[ended]->interval.upper;
      if (started < cluster.size() && !EndsBy(upper, cluster[started].interval.lower)) {
        upper = cluster[started].interval.lower;
      }
      indexes_ += active.size();
      if (indexes_ > kCoverIndexesMax) return false;
      AddPart({lower, upper}, {active.begin(), active.end()});
      if (!upper) return true;
      while (ended < ends.size() && EndsBy(ends[ended]->interval.upper, *upper)) active.erase(ends[ended++]->region);
      if (ended == ends.size()) return true;
      lower = *std::move(upper);
    }
  }

  /// REQUIRES: `regions` are in order and distinct.
  void AddPart(KeyInterval interval, std::vector<uint32_t> regions) {
    if (cover_.residuals.empty() || cover_.residuals.back() != regions) cover_.residuals.push_back(std::move(regions));
    cover_.parts.push_back({std::move(interval), static_cast<int>(cover_.residuals.size()) - 1});
  }

  Cover cover_;
  size_t indexes_ = 0;
};

/// Puts `whole` over the parts: what it holds needs no check. REQUIRES: both are sorted and disjoint.
std::vector<CoverPart> Overlay(std::vector<CoverPart> parts, std::vector<KeyInterval> whole) {
  std::vector<CoverPart> result;
  auto next = whole.begin();
  const auto take_whole = [&] {
    result.push_back({std::move(*next), CoverPart::kEveryRow});
    ++next;
  };
  for (CoverPart& part : parts) {
    NormalisedKey lower = part.interval.lower;
    bool done = false;
    while (next != whole.end() && EndsBy(next->upper, lower)) take_whole();
    for (; next != whole.end() && (!part.interval.upper || next->lower < *part.interval.upper);) {
      if (lower < next->lower) result.push_back({{lower, next->lower}, part.residual});
      if (!UpperLess(next->upper, part.interval.upper)) {
        // It reaches to the end of this part or beyond: later parts may still have to give way to it.
        done = true;
        break;
      }
      lower = *next->upper;
      take_whole();
    }
    if (!done) result.push_back({{std::move(lower), part.interval.upper}, part.residual});
  }
  while (next != whole.end()) take_whole();
  return result;
}

}  // namespace

std::vector<KeyInterval> IntervalsOf(const Region& region) {
  if (region.empty()) return {};
  return IntervalWriter(region).Write();
}

bool NeedsResidual(const Region& region) {
  if (region.empty()) return false;
  const Outline outline = OutlineOf(region);
  return outline.written_out + 1 < outline.restricted;
}

std::vector<KeyInterval> UnionOf(std::vector<KeyInterval> intervals) {
  std::erase_if(intervals, [](const KeyInterval& each) { return each.empty(); });
  std::ranges::sort(intervals, {}, [](const KeyInterval& each) -> std::string_view { return each.lower; });
  std::vector<KeyInterval> merged;
  for (KeyInterval& each : intervals) {
    if (!merged.empty() && (!merged.back().upper || each.lower <= *merged.back().upper)) {
      if (UpperLess(merged.back().upper, each.upper)) merged.back().upper = std::move(each.upper);
    } else {
      merged.push_back(std::move(each));
    }
  }
  return merged;
}

Cover CoverOf(std::span<const Region> regions, std::vector<KeyInterval> whole) {
  std::vector<ResidualInterval> checked;
  for (size_t i = 0; i < regions.size(); ++i) {
    const bool residual = NeedsResidual(regions[i]);
    for (KeyInterval& interval : IntervalsOf(regions[i])) {
      if (residual) {
        checked.push_back({std::move(interval), static_cast<uint32_t>(i)});
      } else {
        whole.push_back(std::move(interval));
      }
    }
  }
  Cover cover = ResidualSweep().Run(std::move(checked));
  cover.parts = Overlay(std::move(cover.parts), UnionOf(std::move(whole)));
  return cover;
}

}  // namespace sleeper::model
