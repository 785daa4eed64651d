#include "sleeper/columnar/sort_order.h"

#include <algorithm>
#include <numeric>

#include "sleeper/base/check.h"

namespace sleeper::columnar {
namespace {

/// A row with the bytes of its key that decide most comparisons.
struct Entry {
  uint64_t prefix;
  RowAddress row;
};

/// The bytes that the keys of all batches share.
size_t CommonPrefixOf(std::span<const KeyColumn> keys) {
  std::string_view common;
  bool any = false;
  for (const KeyColumn& column : keys) {
    if (column.rows() == 0) continue;
    std::string_view own = column.key(0).substr(0, column.CommonPrefix());
    if (!any) common = own;
    any = true;
    const size_t size = std::min(common.size(), own.size());
    const auto parted = std::mismatch(common.begin(), common.begin() + static_cast<ptrdiff_t>(size), own.begin());
    common = common.substr(0, static_cast<size_t>(parted.first - common.begin()));
  }
  return common.size();
}

}  // namespace

int64_t FirstOutOfOrder(const KeyColumn& keys) {
  if (keys.rows() == 0) return -1;
  uint64_t before = keys.Prefix(0, 0);
  for (int64_t row = 1; row < keys.rows(); ++row) {
    const uint64_t prefix = keys.Prefix(row, 0);
    if (prefix <= before) [[unlikely]] {
      if (prefix < before || keys.key(row) < keys.key(row - 1)) return row;
    }
    before = prefix;
  }
  return -1;
}

std::vector<RowAddress> SortOrder(std::span<const KeyColumn> keys) {
  const size_t skip = CommonPrefixOf(keys);
  std::vector<Entry> entries;
  size_t rows = 0;
  for (const KeyColumn& column : keys) rows += static_cast<size_t>(column.rows());
  entries.reserve(rows);
  for (uint32_t batch = 0; batch < keys.size(); ++batch) {
    for (int64_t row = 0; row < keys[batch].rows(); ++row) {
      entries.push_back({keys[batch].Prefix(row, skip), {batch, static_cast<uint32_t>(row)}});
    }
  }
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int order = keys[a.row.batch].key(a.row.row).compare(keys[b.row.batch].key(b.row.row));
    if (order != 0) return order < 0;
    return a.row.batch != b.row.batch ? a.row.batch < b.row.batch : a.row.row < b.row.row;
  });
  std::vector<RowAddress> order;
  order.reserve(rows);
  for (const Entry& entry : entries) order.push_back(entry.row);
  return order;
}

}  // namespace sleeper::columnar
