#include "sleeper/compact/compaction_strategy.h"

#include <algorithm>
#include <numeric>

#include "sleeper/base/check.h"

namespace sleeper::compact {

std::vector<FileGroup> GroupByCount(size_t files, size_t batch_size) {
  SLEEPER_CHECK(batch_size >= 2, "a batch must merge something", batch_size);
  std::vector<FileGroup> groups;
  for (size_t first = 0; files - first >= batch_size; first += batch_size) groups.push_back({first, batch_size});
  return groups;
}

bool MeetsSizeRatio(std::span<const int64_t> rows, int64_t ratio) {
  if (rows.size() < 2) return false;
  const int64_t others = std::accumulate(rows.begin(), rows.end() - 1, int64_t{0});
  // The same as ratio * largest <= others, without the product, which may overflow.
  return rows.back() <= others / ratio;
}

std::vector<FileGroup> GroupBySizeRatio(std::span<const int64_t> rows, size_t batch_size, int64_t ratio) {
  SLEEPER_CHECK(batch_size >= 2, "a batch must merge something", batch_size);
  SLEEPER_CHECK(ratio >= 1, "a ratio below 1 would merge anything", ratio);
  SLEEPER_DCHECK(std::ranges::is_sorted(rows), "files must come in the order of their rows");
  int64_t others = std::accumulate(rows.begin(), rows.end(), int64_t{0});
  size_t kept = rows.size();
  for (; kept > 1; --kept) {
    others -= rows[kept - 1];
    if (rows[kept - 1] <= others / ratio) break;
  }
  if (kept < 2) return {};
  if (kept <= batch_size) return {{0, kept}};

  std::vector<FileGroup> groups;
  for (size_t first = 0; first < kept;) {
    const size_t count = std::min(batch_size, kept - first);
    if (MeetsSizeRatio(rows.subspan(first, count), ratio)) {
      groups.push_back({first, count});
      first += count;
    } else {
      ++first;
    }
  }
  return groups;
}

}  // namespace sleeper::compact
