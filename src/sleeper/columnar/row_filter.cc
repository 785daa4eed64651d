#include "sleeper/columnar/row_filter.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/gather.h"

namespace sleeper::columnar {
namespace {

int64_t NumberOf(const model::KeyValue& value) {
  if (const auto* number = std::get_if<int32_t>(&value)) return *number;
  if (const auto* wide = std::get_if<int64_t>(&value)) return *wide;
  if (const auto* date = std::get_if<model::Date>(&value)) return date->days;
  return std::get<model::Timestamp>(value).microseconds;
}

std::string_view BytesOf(const model::KeyValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::get<model::Bytes>(value).value;
}

bool IsBytes(model::TypeKind kind) { return kind == model::TypeKind::kString || kind == model::TypeKind::kBytes; }

template <typename T>
void ClearOutside(std::span<uint8_t> mask, const arrow::ArrayData& array, int64_t lower, std::optional<int64_t> upper) {
  const T* values = array.GetValues<T>(1);
  for (size_t row = 0; row < mask.size(); ++row) {
    const int64_t value = values[row];
    mask[row] &= static_cast<uint8_t>(value >= lower && (!upper || value < *upper));
  }
}

void ClearOutside(std::span<uint8_t> mask, const arrow::BinaryArray& array, std::string_view lower,
                  std::optional<std::string_view> upper) {
  for (size_t row = 0; row < mask.size(); ++row) {
    const std::string_view value = array.GetView(static_cast<int64_t>(row));
    mask[row] &= static_cast<uint8_t>(value >= lower && (!upper || value < *upper));
  }
}

}  // namespace

/// lower <= value < upper, of one column.
struct RegionFilter::ColumnRange {
  int column;
  model::TypeKind kind;
  model::KeyValue lower;
  std::optional<model::KeyValue> upper;

  void ClearOutsideOf(std::span<uint8_t> mask, const Batch& batch) const {
    if (IsBytes(kind)) {
      std::optional<std::string_view> end;
      if (upper) end = BytesOf(*upper);
      return ClearOutside(mask, static_cast<const arrow::BinaryArray&>(*batch.column(column)), BytesOf(lower), end);
    }
    std::optional<int64_t> end;
    if (upper) end = NumberOf(*upper);
    const arrow::ArrayData& array = *batch.arrow()->column_data(column);
    if (kind == model::TypeKind::kInt || kind == model::TypeKind::kDate) {
      return ClearOutside<int32_t>(mask, array, NumberOf(lower), end);
    }
    ClearOutside<int64_t>(mask, array, NumberOf(lower), end);
  }
};

RegionFilter::RegionFilter(RegionFilter&&) noexcept = default;
RegionFilter& RegionFilter::operator=(RegionFilter&&) noexcept = default;
RegionFilter::~RegionFilter() = default;

Result<RegionFilter> RegionFilter::Make(const Layout& layout, std::span<const model::Region> regions) {
  RegionFilter filter;
  for (const model::Region& region : regions) {
    std::vector<ColumnRange> ranges;
    for (int key = 0; key < region.schema().row_key_count(); ++key) {
      const model::Range* range = region.RangeOf(key);
      if (range == nullptr) continue;
      const std::optional<int> column = layout.Find(range->field().name);
      if (!column) {
        return Error(ErrorKind::kInvalid,
                     "rows cannot be checked without the field of the region: ", range->field().name);
      }
      ranges.push_back({*column, range->field().type.kind(), range->lower(), range->upper()});
    }
    filter.regions_.push_back(std::move(ranges));
  }
  return filter;
}

RowMask RegionFilter::Mask(const Batch& batch) const {
  const auto rows = static_cast<size_t>(batch.rows());
  RowMask any(rows, 0);
  RowMask inside(rows);
  for (const std::vector<ColumnRange>& ranges : regions_) {
    std::fill(inside.begin(), inside.end(), uint8_t{1});
    for (const ColumnRange& range : ranges) range.ClearOutsideOf(inside, batch);
    for (size_t row = 0; row < rows; ++row) any[row] |= inside[row];
  }
  return any;
}

Result<Batch> Keep(const Batch& batch, const RowMask& mask) {
  SLEEPER_CHECK(static_cast<int64_t>(mask.size()) == batch.rows(), "a mask of ", mask.size(), " rows");
  const auto first = std::find(mask.begin(), mask.end(), 1);
  if (first == mask.end()) return batch.Slice(0, 0);
  const auto first_run_end = std::find(first, mask.end(), 0);
  const auto next = std::find(first_run_end, mask.end(), 1);
  if (next == mask.end()) return batch.Slice(first - mask.begin(), first_run_end - first);
  Gather gather(batch.shared_layout());
  auto run = first;
  while (run != mask.end()) {
    const auto end = std::find(run, mask.end(), 0);
    TRY(gather.AppendRun(batch, run - mask.begin(), end - run));
    run = std::find(end, mask.end(), 1);
  }
  return gather.Finish();
}

}  // namespace sleeper::columnar
