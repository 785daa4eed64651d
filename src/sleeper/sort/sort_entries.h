#pragma once

#include <cstddef>
#include <vector>

#include "sleeper/sort/row_store.h"

namespace sleeper::sort {

/// Sorts entries of one section into key order; those of equal keys into the order of their addresses. `depth` is the
/// section's.
std::vector<RowEntry> SortEntries(std::vector<RowEntry> entries, size_t depth, const RowStore& rows);

}  // namespace sleeper::sort
