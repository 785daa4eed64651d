#include "sleeper/model/region.h"

#include <algorithm>
#include <utility>

#include "sleeper/model/fault_list.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {

Result<Region> Region::Make(const Schema& schema, std::vector<Range> ranges) {
  FaultList faults;
  std::vector<std::optional<Range>> by_column(static_cast<size_t>(schema.row_key_count()));
  for (Range& range : ranges) {
    const Field& field = range.field();
    const std::optional<int> column = schema.Find(field.name);
    if (!column || !schema.IsRowKey(*column)) {
      faults.Add(Quoted(field.name), " is not a row key field of the table");
      continue;
    }
    if (schema.field(*column) != field) {
      faults.Add("field ", Quoted(field.name), " is of type ", schema.field(*column).type,
                 ", but the range is of type ", field.type);
      continue;
    }
    std::optional<Range>& place = by_column[static_cast<size_t>(*column)];
    if (place) {
      faults.Add("there is more than one range for field ", Quoted(field.name));
      continue;
    }
    place = std::move(range);
  }
  TRY(faults.ToStatus("region"));
  return Region(schema, std::move(by_column));
}

Region Region::All(const Schema& schema) {
  return Region(schema, std::vector<std::optional<Range>>(static_cast<size_t>(schema.row_key_count())));
}

const Range* Region::RangeOf(int column) const {
  const std::optional<Range>& range = ranges_[static_cast<size_t>(column)];
  return range ? &*range : nullptr;
}

bool Region::empty() const {
  return std::ranges::any_of(ranges_, [](const std::optional<Range>& range) { return range && range->empty(); });
}

bool Region::Contains(std::span<const KeyValue> row_key) const {
  SLEEPER_DCHECK(row_key.size() >= ranges_.size(), "a row key of ", row_key.size(), " values");
  for (size_t i = 0; i < ranges_.size(); ++i) {
    if (ranges_[i] && !ranges_[i]->Contains(row_key[i])) return false;
  }
  return true;
}

bool Region::Overlaps(const Region& other) const {
  SLEEPER_DCHECK(schema_ == other.schema_, "regions of two schemas");
  if (empty() || other.empty()) return false;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    if (ranges_[i] && other.ranges_[i] && !ranges_[i]->Overlaps(*other.ranges_[i])) return false;
  }
  return true;
}

std::string Region::ToString() const {
  std::string text;
  for (const std::optional<Range>& range : ranges_) {
    if (!range) continue;
    if (!text.empty()) text += " and ";
    text += range->ToString();
  }
  return text.empty() ? "everything" : text;
}

}  // namespace sleeper::model
