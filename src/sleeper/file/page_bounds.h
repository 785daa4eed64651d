#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/file/page_rows.h"

namespace sleeper::file {

/// A value that no value of some rows is below, or above, as Parquet encodes it plainly. Value.
struct Bound {
  std::string value;
  /// Whether it is one of the values. One that was cut is not.
  bool exact = true;
};

/// The least and the greatest value of rows. Value.
struct PageBounds {
  Bound min;
  Bound max;
};

/// No bound is longer, so that what is said of values does not become as large as these.
inline constexpr size_t kBoundBytesMax = 1 << 20;

/// How long bounds may be, and of what. Value.
struct BoundShape {
  /// Strings and bytes are cut to so many bytes.
  size_t bytes_max = 0;
  /// Whether bytes are text in UTF-8, so that bounds have to be, too.
  bool is_text = false;
};

/// A lower bound of at most so many bytes, which is below what `bound` is below.
Bound CutDown(Bound bound, const BoundShape& shape);

/// An upper bound likewise. One that cannot be cut, because what would stay of it is the greatest of its length, stays
/// whole; nothing if it is longer than kBoundBytesMax.
std::optional<Bound> CutUp(Bound bound, const BoundShape& shape);

/// The bounds of the values of rows that are not null; of sorted ones, only the first and the last is looked at.
/// Integers compare signed, bytes unsigned. Nothing if there are none: a floating-point number is none, or see CutUp.
/// REQUIRES: there are values; sorted rows have no nulls.
std::optional<PageBounds> BoundsOf(const PageRows& rows, bool sorted, const BoundShape& shape);

/// Whether a value, as Parquet encodes it plainly, is less than another one of this type, and of its size.
bool IsLess(std::string_view value, std::string_view other, PhysicalType type);

/// Widens `bounds`, which are of values of this type, so that they hold `added`.
void Widen(PageBounds& bounds, const PageBounds& added, PhysicalType type);

}  // namespace sleeper::file
