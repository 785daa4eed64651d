#include "sleeper/model/key_interval.h"

#include <algorithm>
#include <utility>

namespace sleeper::model {
namespace {

/// Whether the upper bound `a` lets nothing through that `b` would not. No bound is the highest.
bool UpperAtMost(const std::optional<NormalisedKey>& a, const std::optional<NormalisedKey>& b) {
  return !b || (a && *a <= *b);
}

}  // namespace

bool KeyInterval::Contains(const KeyInterval& other) const {
  return other.empty() || (lower <= other.lower && UpperAtMost(other.upper, upper));
}

bool KeyInterval::Overlaps(const KeyInterval& other) const {
  if (empty() || other.empty()) return false;
  return (!upper || other.lower < *upper) && (!other.upper || lower < *other.upper);
}

std::optional<KeyInterval> KeyInterval::Intersect(const KeyInterval& other) const {
  if (!Overlaps(other)) return std::nullopt;
  return KeyInterval{std::max(lower, other.lower), UpperAtMost(upper, other.upper) ? upper : other.upper};
}

bool KeyBounds::Overlaps(const KeyInterval& interval) const {
  return !interval.empty() && max >= interval.lower && (!interval.upper || min < *interval.upper);
}

bool KeyBounds::IsWithin(const KeyInterval& interval) const { return interval.Contains(min) && interval.Contains(max); }

}  // namespace sleeper::model
