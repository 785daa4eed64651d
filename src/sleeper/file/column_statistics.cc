#include "sleeper/file/column_statistics.h"

#include <algorithm>
#include <utility>

namespace sleeper::file {

void ColumnStatistics::Clear() {
  bounds_.reset();
  is_bounded_ = true;
  is_indexed_ = settings_.indexed;
  nulls_ = 0;
  index_ = {};
}

BoundShape ColumnStatistics::ShapeOf(int64_t bytes_max) const {
  // Numbers are never cut.
  const bool is_cut = leaf_.type == PhysicalType::kByteArray;
  return {.bytes_max = is_cut ? std::min(static_cast<size_t>(bytes_max), kBoundBytesMax) : kBoundBytesMax,
          .is_text = settings_.is_text};
}

void ColumnStatistics::AddPage(const PageRows& rows) {
  const int64_t nulls = rows.nulls();
  nulls_ += nulls;
  if (!is_bounded_) return;
  if (is_indexed_) {
    index_.null_pages.push_back(nulls == rows.slots);
    index_.null_counts.push_back(nulls);
    index_.min_values.emplace_back();
    index_.max_values.emplace_back();
  }
  if (nulls == rows.slots) return;
  // As long as any of the two needs them.
  const int64_t index_bytes_max = settings_.whole_in_index ? int64_t{kBoundBytesMax} : settings_.index_bytes_max;
  const int64_t bytes_max = is_indexed_ ? std::max(settings_.bytes_max, index_bytes_max) : settings_.bytes_max;
  const std::optional<PageBounds> bounds = BoundsOf(rows, settings_.sorted, ShapeOf(bytes_max));
  if (!bounds) {
    is_bounded_ = is_indexed_ = false;
    return;
  }
  if (is_indexed_) AddToIndex(*bounds);
  if (!bounds_) {
    bounds_ = *bounds;
  } else {
    Widen(*bounds_, *bounds, leaf_.type);
  }
}

void ColumnStatistics::AddToIndex(PageBounds bounds) {
  if (settings_.whole_in_index) {
    is_indexed_ = bounds.min.exact && bounds.max.exact;
  } else {
    const BoundShape shape = ShapeOf(settings_.index_bytes_max);
    bounds.min = CutDown(std::move(bounds.min), shape);
    std::optional<Bound> max = CutUp(std::move(bounds.max), shape);
    is_indexed_ = max.has_value();
    if (!max) return;
    bounds.max = *std::move(max);
  }
  index_.min_values.back() = std::move(bounds.min.value);
  index_.max_values.back() = std::move(bounds.max.value);
}

ChunkStatistics ColumnStatistics::statistics() const {
  ChunkStatistics statistics{.nulls = nulls_};
  if (!is_bounded_ || !bounds_) return statistics;
  const BoundShape shape = ShapeOf(settings_.bytes_max);
  const Bound min = CutDown(bounds_->min, shape);
  statistics.min = min.value;
  statistics.is_min_exact = min.exact;
  if (const std::optional<Bound> max = CutUp(bounds_->max, shape)) {
    statistics.max = max->value;
    statistics.is_max_exact = max->exact;
  }
  return statistics;
}

std::optional<ColumnIndex> ColumnStatistics::TakeIndex() {
  if (!is_indexed_) return std::nullopt;
  index_.order = settings_.sorted ? BoundaryOrder::kAscending : BoundaryOrder::kUnordered;
  return std::exchange(index_, {});
}

}  // namespace sleeper::file
