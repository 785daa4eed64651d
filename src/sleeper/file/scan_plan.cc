#include "sleeper/file/scan_plan.h"

#include <algorithm>
#include <string_view>

namespace sleeper::file {
namespace {

/// Adds rows behind all that are there, joining them to the last stretch if they touch it and are of its kind.
void Append(std::vector<Stretch>& stretches, Stretch added) {
  if (!stretches.empty() && stretches.back().end == added.begin && stretches.back().whole == added.whole) {
    stretches.back().end = added.end;
  } else {
    stretches.push_back(added);
  }
}

}  // namespace

std::vector<Stretch> PlanStretches(const RowGroupIndex& row_group, std::span<const model::KeyInterval> intervals) {
  std::vector<Stretch> stretches;
  // Pages and intervals both ascend: for each page, those intervals are passed that end below it.
  auto interval = intervals.begin();
  for (const KeyPage& page : row_group.key_pages) {
    while (interval != intervals.end() && interval->upper && *interval->upper <= page.lower) ++interval;
    if (interval == intervals.end()) break;
    if (!page.Overlaps(*interval)) continue;
    Append(stretches, {page.first_row, page.first_row + page.rows, page.IsWithin(*interval)});
  }
  return stretches;
}

int64_t LeafPages::bytes() const {
  int64_t total = dictionary.size;
  for (const Page& page : pages) total += page.bytes.size;
  return total;
}

LeafPages PlanPages(const LeafIndex& leaf, int64_t rows, std::span<const Stretch> stretches) {
  LeafPages plan;
  plan.encodings = leaf.encodings;
  size_t next = 0;
  for (const Stretch& stretch : stretches) {
    // The page that holds the stretch's first row, unless the stretch before has it already.
    const auto after = std::upper_bound(leaf.pages.begin(), leaf.pages.end(), stretch.begin,
                                        [](int64_t row, const auto& page) { return row < page.first_row; });
    next = std::max(next, static_cast<size_t>(after - leaf.pages.begin()) - 1);
    for (; next < leaf.pages.size() && leaf.pages[next].first_row < stretch.end; ++next) {
      const PageLocation& page = leaf.pages[next];
      const int64_t end = next + 1 < leaf.pages.size() ? leaf.pages[next + 1].first_row : rows;
      plan.pages.push_back(
          {.first_row = page.first_row, .rows = end - page.first_row, .bytes = {page.offset, page.bytes}});
    }
  }
  if (!plan.pages.empty()) plan.dictionary = leaf.dictionary;
  return plan;
}

}  // namespace sleeper::file
