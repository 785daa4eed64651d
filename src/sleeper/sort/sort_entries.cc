#include "sleeper/sort/sort_entries.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "sleeper/file/slack_array.h"

// Entries are sorted by their prefixes, byte by byte from the lowest that matters to the first, and then where these
// bytes are equal by what is left. Entries of equal prefixes are given
// the next bytes of their keys, behind what all of them share, and sorted again. Every step is stable or breaks ties by
// address, which ascends in the order of arrival.
//
// No normalised key is a prefix of another one. So a key that ends within its prefix is equal to all keys that have the
// same prefix.

namespace sleeper::sort {
namespace {

constexpr size_t kPrefixBytes = 8;
/// Below so many entries comparing them costs less than passing over all of them for each byte.
constexpr size_t kRadixEntriesMin = 512;
/// Ties of at most so many rows are ordered by comparing their whole keys.
constexpr size_t kCompareEntriesMax = 8;
/// Keys that part later, and a few at a time, are compared as well: each level is one of recursion.
constexpr int kLevelsMax = 64;

class EntrySort {
 public:
  explicit EntrySort(const RowStore& rows) : rows_(rows) {}

  /// Sorts entries whose keys share their first `depth` bytes, and whose prefixes are those that follow. `level` says
  /// how often prefixes were taken.
  void Sort(std::span<RowEntry> entries, size_t depth, int level) {
    SortByPrefix(entries);
    for (size_t begin = 0; begin < entries.size();) {
      size_t end = begin + 1;
      while (end < entries.size() && entries[end].prefix == entries[begin].prefix) ++end;
      if (end - begin > 1) SortTies(entries.subspan(begin, end - begin), depth + kPrefixBytes, level + 1);
      begin = end;
    }
  }

 private:
  /// How often each value is in each byte of the prefixes, the lowest byte first.
  using Counts = std::array<std::array<size_t, 256>, kPrefixBytes>;

  std::string_view KeyOf(const RowEntry& entry) const { return rows_.key(rows_.row(entry.address)); }

  void SortByPrefix(std::span<RowEntry> entries) {
    if (entries.size() < kRadixEntriesMin) return SortByComparing(entries);
    Counts counts{};
    for (const RowEntry& entry : entries) {
      for (size_t byte = 0; byte < kPrefixBytes; ++byte) ++counts[byte][ByteOf(entry, byte)];
    }
    if (spare_.size() < entries.size()) spare_.Resize(entries.size());
    RowEntry* from = entries.data();
    RowEntry* to = spare_.data();
    const size_t first = FirstByteThatMatters(counts, entries.size());
    for (size_t byte = first; byte < kPrefixBytes; ++byte) {
      if (counts[byte][ByteOf(*from, byte)] == entries.size()) continue;
      std::array<size_t, 256> next;
      std::exclusive_scan(counts[byte].begin(), counts[byte].end(), next.begin(), size_t{0});
      for (size_t i = 0; i < entries.size(); ++i) to[next[ByteOf(from[i], byte)]++] = from[i];
      std::swap(from, to);
    }
    if (from != entries.data()) std::copy_n(from, entries.size(), entries.data());
    if (first > 0) SortWithinUpperBytes(entries, 8 * first);
  }

  static uint8_t ByteOf(const RowEntry& entry, size_t byte) { return static_cast<uint8_t>(entry.prefix >> (8 * byte)); }

  /// The lowest byte that entries are sorted by, so that it and those above it may tell most of them apart. A third of
  /// the sort of random letters.
  static size_t FirstByteThatMatters(const Counts& counts, size_t entries) {
    constexpr size_t kPlacesPerEntry = 4;
    size_t places = 1;
    for (size_t byte = kPrefixBytes; byte > 0; --byte) {
      places *= static_cast<size_t>(std::ranges::count_if(counts[byte - 1], [](size_t count) { return count > 0; }));
      if (places > kPlacesPerEntry * entries) return byte - 1;
    }
    return 0;
  }

  /// Sorts entries whose prefixes are in order but for their lowest `bits` bits.
  static void SortWithinUpperBytes(std::span<RowEntry> entries, size_t bits) {
    for (size_t begin = 0; begin < entries.size();) {
      size_t end = begin + 1;
      while (end < entries.size() && entries[end].prefix >> bits == entries[begin].prefix >> bits) ++end;
      if (end - begin > 1) SortByComparing(entries.subspan(begin, end - begin));
      begin = end;
    }
  }

  static void SortByComparing(std::span<RowEntry> entries) {
    std::sort(entries.begin(), entries.end(), [](const RowEntry& a, const RowEntry& b) {
      return a.prefix != b.prefix ? a.prefix < b.prefix : a.address < b.address;
    });
  }

  /// Sorts entries whose keys share their first `depth` bytes, or are equal.
  void SortTies(std::span<RowEntry> ties, size_t depth, int level) {
    if (ties.size() <= kCompareEntriesMax || level == kLevelsMax) {
      std::sort(ties.begin(), ties.end(), [&](const RowEntry& a, const RowEntry& b) {
        const int order = KeyOf(a).compare(KeyOf(b));
        return order != 0 ? order < 0 : a.address < b.address;
      });
      return;
    }
    depth = SharedBytes(ties, depth);
    const std::string_view first = KeyOf(ties.front());
    if (depth >= first.size()) return;
    for (size_t i = 0; i < ties.size(); ++i) {
      if (i + kPrefetchRows < ties.size()) __builtin_prefetch(rows_.row(ties[i + kPrefetchRows].address));
      ties[i].prefix = KeyPrefix(KeyOf(ties[i]), depth);
    }
    Sort(ties, depth, level);
  }

  /// How many leading bytes all the keys share, which are `depth` at least.
  size_t SharedBytes(std::span<const RowEntry> ties, size_t depth) const {
    const std::string_view first = KeyOf(ties.front());
    size_t shared = first.size();
    for (size_t i = 1; i < ties.size() && shared > depth; ++i) {
      if (i + kPrefetchRows < ties.size()) __builtin_prefetch(rows_.row(ties[i + kPrefetchRows].address));
      const std::string_view other = KeyOf(ties[i]);
      const auto end = first.begin() + static_cast<ptrdiff_t>(std::min(shared, other.size()));
      const auto begin = first.begin() + static_cast<ptrdiff_t>(std::min(depth, other.size()));
      shared =
          static_cast<size_t>(std::mismatch(begin, end, other.begin() + (begin - first.begin())).first - first.begin());
    }
    return shared;
  }

  static constexpr size_t kPrefetchRows = 16;

  const RowStore& rows_;
  file::SlackArray<RowEntry> spare_;
};

}  // namespace

std::vector<RowEntry> SortEntries(std::vector<RowEntry> entries, size_t depth, const RowStore& rows) {
  EntrySort(rows).Sort(entries, depth, 0);
  return entries;
}

}  // namespace sleeper::sort
