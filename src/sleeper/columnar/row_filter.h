#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/model/region.h"

namespace sleeper::columnar {

/// One byte per row: 1 for a row to keep, 0 for one to drop.
using RowMask = std::vector<uint8_t>;

/// Checks each row-key column against a region's range, column by column: for what the interval of normalised keys that
/// a region was turned into cannot express. Immutable.
class RegionFilter {
 public:
  /// Keeps rows that lie inside at least one of `regions`. kInvalid if a region names a field that `layout` lacks.
  static Result<RegionFilter> Make(const Layout& layout, std::span<const model::Region> regions);

  RegionFilter(RegionFilter&&) noexcept;
  RegionFilter& operator=(RegionFilter&&) noexcept;
  ~RegionFilter();

  RowMask Mask(const Batch& batch) const;

 private:
  struct ColumnRange;
  RegionFilter() = default;
  /// Per region, the ranges that all must hold.
  std::vector<std::vector<ColumnRange>> regions_;
};

/// The rows of `batch` that `mask` keeps. Without copying if they are all, or none, or one run.
Result<Batch> Keep(const Batch& batch, const RowMask& mask);

}  // namespace sleeper::columnar
