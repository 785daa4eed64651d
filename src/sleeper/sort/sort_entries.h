#pragma once

#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/sort/row_store.h"

namespace sleeper::sort {

/// What sorting takes for each row at the most, entries included.
inline constexpr int64_t kEntryBytesPerRow = 2 * static_cast<int64_t>(sizeof(RowEntry));

/// The entries of all rows of `rows`, in key order; rows of equal keys in the order in which they were added. `entries`
/// has them in that order, with prefixes of the first 8 bytes of keys. On all cores of `executor`.
Result<std::vector<RowEntry>> SortEntries(std::vector<std::vector<RowEntry>> entries, const RowStore& rows,
                                          Executor& executor);

}  // namespace sleeper::sort
