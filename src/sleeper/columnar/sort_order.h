#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/key_column.h"

namespace sleeper::columnar {

/// What SortOrder takes for each row, at the most.
inline constexpr int64_t kSortOrderBytesPerRow = 32;

/// The first row whose key is less than the key of the row before it, or -1.
int64_t FirstOutOfOrder(const KeyColumn& keys);

/// The same without making keys: compares the key columns in place. REQUIRES: batch.layout().has_keys().
int64_t FirstOutOfOrder(const Batch& batch);

/// The rows of several batches in key order, given their keys in the same order as the batches. Stable: rows of equal
/// keys keep the order of the batches, and within a batch their order.
std::vector<RowAddress> SortOrder(std::span<const KeyColumn> keys);

}  // namespace sleeper::columnar
