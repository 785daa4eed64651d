#include "sleeper/columnar/sort_order.h"

#include <algorithm>
#include <array>
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

/// The rows in the order of the batches.
std::vector<Entry> EntriesOf(std::span<const KeyColumn> keys, size_t skip) {
  size_t rows = 0;
  for (const KeyColumn& column : keys) rows += static_cast<size_t>(column.rows());
  std::vector<Entry> entries(rows);
  Entry* next = entries.data();
  for (uint32_t batch = 0; batch < keys.size(); ++batch) {
    for (int64_t row = 0; row < keys[batch].rows(); ++row) {
      *next++ = {keys[batch].Prefix(row, skip), {batch, static_cast<uint32_t>(row)}};
    }
  }
  return entries;
}

/// From so many entries on, passing over all of them once for each byte costs less than comparing them.
constexpr size_t kRadixEntriesMin = 2048;

/// Sorts by prefix, stable: byte by byte from the last to the first one, passing over bytes that are the same
/// everywhere.
void SortByPrefix(std::vector<Entry>& entries) {
  if (entries.size() < kRadixEntriesMin) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
    return;
  }
  using Counts = std::array<size_t, 256>;
  std::array<Counts, 8> counts{};
  for (const Entry& entry : entries) {
    for (size_t byte = 0; byte < 8; ++byte) ++counts[byte][(entry.prefix >> (8 * byte)) & 0xFF];
  }
  std::vector<Entry> sorted(entries.size());
  for (size_t byte = 0; byte < 8; ++byte) {
    if (std::find(counts[byte].begin(), counts[byte].end(), entries.size()) != counts[byte].end()) continue;
    Counts begins;
    std::exclusive_scan(counts[byte].begin(), counts[byte].end(), begins.begin(), size_t{0});
    for (const Entry& entry : entries) sorted[begins[(entry.prefix >> (8 * byte)) & 0xFF]++] = entry;
    entries.swap(sorted);
  }
}

/// Sorts the entries of equal prefixes by their whole keys, stable.
void SortTies(std::span<Entry> entries, std::span<const KeyColumn> keys) {
  const auto key_of = [&](const Entry& entry) { return keys[entry.row.batch].key(entry.row.row); };
  for (size_t begin = 0; begin < entries.size();) {
    size_t end = begin + 1;
    while (end < entries.size() && entries[end].prefix == entries[begin].prefix) ++end;
    if (end - begin > 1) {
      const std::span<Entry> ties = entries.subspan(begin, end - begin);
      std::stable_sort(ties.begin(), ties.end(), [&](const Entry& a, const Entry& b) { return key_of(a) < key_of(b); });
    }
    begin = end;
  }
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
  std::vector<Entry> entries = EntriesOf(keys, CommonPrefixOf(keys));
  SortByPrefix(entries);
  SortTies(entries, keys);
  std::vector<RowAddress> order(entries.size());
  std::transform(entries.begin(), entries.end(), order.begin(), [](const Entry& entry) { return entry.row; });
  return order;
}

}  // namespace sleeper::columnar
