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
  KeyInterval interval;
  /// Indexes of the regions to check rows against: a row is wanted if any of them contains it. Empty: every row is wanted.
  std::vector<uint32_t> residual;

  friend bool operator==(const CoverPart&, const CoverPart&) = default;
};

/// Sorted, disjoint intervals that hold the union of the regions and of `whole`, which are wanted entirely (single keys of a
/// batch look-up, for example). Each wanted row is in exactly one part. REQUIRES: all regions are of one schema.
std::vector<CoverPart> CoverOf(std::span<const Region> regions, std::vector<KeyInterval> whole = {});

}  // namespace sleeper::model
