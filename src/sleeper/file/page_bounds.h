#pragma once

#include <string>

#include "sleeper/file/page_rows.h"

namespace sleeper::file {

/// The least and the greatest value of a page, as Parquet encodes them plainly. Value.
struct PageBounds {
  std::string min;
  std::string max;
};

/// The bounds of rows without nulls, which are only looked at as far as needed if they are sorted. Integers compare
/// signed, bytes unsigned. REQUIRES: there are rows, and the type is that of a key.
PageBounds BoundsOf(const PageRows& rows, bool sorted);

/// Widens `bounds`, which are of values of this type, so that they hold `added`.
void Widen(PageBounds& bounds, const PageBounds& added, PhysicalType type);

}  // namespace sleeper::file
