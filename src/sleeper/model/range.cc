#include "sleeper/model/range.h"

#include <utility>

#include "sleeper/model/quoted_text.h"

namespace sleeper::model {

Result<Range> Range::Make(Field field, RangeBounds bounds) {
  if (!IsKeyKind(field.type.kind())) {
    return Error(ErrorKind::kInvalid, "field ", Quoted(field.name), " is of type ", field.type,
                 ", which has no ranges");
  }
  TRY(CheckKeyValue(field, bounds.min));
  if (bounds.max) TRY(CheckKeyValue(field, *bounds.max));
  if (bounds.max && *bounds.max < bounds.min) {
    return Error(ErrorKind::kInvalid, "field ", Quoted(field.name), ": the range is inverted: its minimum ",
                 Quoted(FormatKeyValue(bounds.min)), " is above its maximum ", Quoted(FormatKeyValue(*bounds.max)));
  }
  std::optional<KeyValue> lower = bounds.min_inclusive ? bounds.min : NextValue(bounds.min);
  // Nothing is above the greatest value.
  if (!lower) return Range(std::move(field), bounds.min, bounds.min);
  std::optional<KeyValue> upper = bounds.max && bounds.max_inclusive ? NextValue(*bounds.max) : std::move(bounds.max);
  if (upper && *upper < *lower) lower = upper;
  return Range(std::move(field), *std::move(lower), std::move(upper));
}

Result<Range> Range::Exact(Field field, KeyValue value) {
  RangeBounds bounds{.min = value, .max = std::move(value), .max_inclusive = true};
  return Make(std::move(field), std::move(bounds));
}

std::optional<KeyValue> Range::Single() const {
  if (empty() || NextValue(lower_) != upper_) return std::nullopt;
  return lower_;
}

std::optional<KeyValue> Range::Last() const {
  if (empty()) return std::nullopt;
  return upper_ ? PreviousValue(*upper_) : GreatestValue(field_.type.kind());
}

bool Range::Overlaps(const Range& other) const {
  if (empty() || other.empty()) return false;
  return (!upper_ || other.lower_ < *upper_) && (!other.upper_ || lower_ < *other.upper_);
}

std::string Range::ToString() const {
  if (const std::optional<KeyValue> single = Single()) return field_.name + "=" + FormatKeyValue(*single);
  std::string text = field_.name + "=[";
  if (lower_ != LeastValue(field_.type.kind())) text += FormatKeyValue(lower_);
  text += ",";
  if (upper_) text += FormatKeyValue(*upper_);
  return text + ")";
}

}  // namespace sleeper::model
