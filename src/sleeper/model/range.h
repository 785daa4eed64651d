#pragma once

#include <optional>
#include <string>

#include "sleeper/base/status.h"
#include "sleeper/model/field.h"
#include "sleeper/model/key_value.h"

namespace sleeper::model {

/// The two ends of a range as somebody wrote them. No `max` means unbounded above; "unbounded below" is LeastValue.
struct RangeBounds {
  KeyValue min;
  bool min_inclusive = true;
  std::optional<KeyValue> max;
  bool max_inclusive = false;
};

/// The values of one key field between two bounds. Immutable.
///
/// Holds the canonical form lower <= value < upper, which decides equality and overlap: of integers (1,5) is [2,5). It
/// may be empty, as [3,3) is; an inverted one cannot be made.
class Range {
 public:
  /// kInvalid, naming the field, if it is of no key type, a bound is not of its type, or min > max.
  static Result<Range> Make(Field field, RangeBounds bounds);

  /// [value, value].
  static Result<Range> Exact(Field field, KeyValue value);

  const Field& field() const { return field_; }
  /// Included.
  const KeyValue& lower() const { return lower_; }
  /// Excluded; nothing means unbounded above.
  const std::optional<KeyValue>& upper() const { return upper_; }

  bool empty() const { return upper_ && *upper_ <= lower_; }

  /// The only value inside, if there is exactly one.
  std::optional<KeyValue> Single() const;

  /// The greatest value inside, if there is one: integers below a bound, or strings that end with an inclusive maximum.
  std::optional<KeyValue> Last() const;

  /// REQUIRES: `value` is of the field's type.
  bool Contains(const KeyValue& value) const { return lower_ <= value && (!upper_ || value < *upper_); }

  /// REQUIRES: both are of one field.
  bool Overlaps(const Range& other) const;

  /// For messages: "origin=[A,B)".
  std::string ToString() const;

  friend bool operator==(const Range&, const Range&) = default;

 private:
  Range(Field field, KeyValue lower, std::optional<KeyValue> upper)
      : field_(std::move(field)), lower_(std::move(lower)), upper_(std::move(upper)) {}

  Field field_;
  KeyValue lower_;
  std::optional<KeyValue> upper_;
};

}  // namespace sleeper::model
