#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/model/key_interval.h"
#include "sleeper/model/region.h"

namespace sleeper::model {

/// A region turns into at most this many intervals.
inline constexpr int kIntervalsOfRegionMax = 64;

/// Sorted, disjoint intervals of normalised row keys that hold all keys of the region, and few others: exact values of
/// leading fields become a prefix; a few values of a field in front of a restricted one become a prefix each; the first
/// other range ends it. Empty if the region is.
std::vector<KeyInterval> IntervalsOf(const Region& region);

/// Whether the intervals hold keys that the region does not, so that each row has to be checked against the region.
bool NeedsResidual(const Region& region);

/// An interval to read, and which of its rows are wanted.
struct CoverPart {
  static constexpr int kEveryRow = -1;

  KeyInterval interval;
  /// Every row, or those that one of the regions contains whose indexes are in Cover::residuals at this place.
  int residual = kEveryRow;

  friend bool operator==(const CoverPart&, const CoverPart&) = default;
};

/// What has to be read for a query. Immutable value.
struct Cover {
  /// Sorted and disjoint: each wanted row is in exactly one.
  std::vector<CoverPart> parts;
  std::vector<std::vector<uint32_t>> residuals;

  friend bool operator==(const Cover&, const Cover&) = default;
};

/// The residual lists of a cover hold at most about this many indexes; beyond it regions that overlap share a longer
/// list.
inline constexpr size_t kCoverIndexesMax = 1 << 18;

/// Intervals that hold the union of the regions and of `whole`, of which every row is wanted (the keys of a batch
/// look-up, for example). REQUIRES: all regions are of one schema.
Cover CoverOf(std::span<const Region> regions, std::vector<KeyInterval> whole = {});

/// The same keys as `intervals`, sorted, disjoint and not touching one another. Empty ones are left out.
std::vector<KeyInterval> UnionOf(std::vector<KeyInterval> intervals);

}  // namespace sleeper::model
