#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sleeper::model {

/// Normalised bytes of a row-key tuple, or of a leading part of one: memcmp order is key order, and a leading part
/// comes before (or equals) every tuple that starts with it. See key_codec.h and docs/formats/normalised-key.md.
using NormalisedKey = std::string;

/// A half-open interval of row keys: lower <= key < upper. Without `upper` it is unbounded above; lower "" is the least
/// key. Invariant where it is stored: lower < *upper.
struct KeyInterval {
  NormalisedKey lower;
  std::optional<NormalisedKey> upper;

  static KeyInterval All() { return {}; }

  bool Contains(std::string_view key) const { return key >= lower && (!upper || key < *upper); }
  bool Contains(const KeyInterval& other) const;
  bool Overlaps(const KeyInterval& other) const;
  bool empty() const { return upper && *upper <= lower; }

  /// The part that both share, if any.
  std::optional<KeyInterval> Intersect(const KeyInterval& other) const;

  friend bool operator==(const KeyInterval&, const KeyInterval&) = default;
};

/// The smallest and the largest row key (full tuples) of a file's rows; both included.
struct KeyBounds {
  NormalisedKey min;
  NormalisedKey max;

  bool Overlaps(const KeyInterval& interval) const;
  bool IsWithin(const KeyInterval& interval) const;

  friend bool operator==(const KeyBounds&, const KeyBounds&) = default;
};

}  // namespace sleeper::model
