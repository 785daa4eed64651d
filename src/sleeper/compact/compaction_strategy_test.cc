#include "sleeper/compact/compaction_strategy.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper::compact {

void PrintTo(const FileGroup& group, std::ostream* out) { *out << group.first << "+" << group.count; }

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Rows = std::vector<int64_t>;

TEST(GroupByCount, LeavesFewerFilesThanABatchAlone) {
  EXPECT_THAT(GroupByCount(0, 12), IsEmpty());
  EXPECT_THAT(GroupByCount(11, 12), IsEmpty());
}

TEST(GroupByCount, MakesFullBatchesAndLeavesTheRest) {
  EXPECT_THAT(GroupByCount(26, 12), ElementsAre(FileGroup{0, 12}, FileGroup{12, 12}));
  EXPECT_THAT(GroupByCount(24, 12), ElementsAre(FileGroup{0, 12}, FileGroup{12, 12}));
}

TEST(GroupBySizeRatio, MergesEqualFilesWhenTheOthersAreTheRatioTimesTheLargest) {
  EXPECT_THAT(GroupBySizeRatio(Rows{9, 9, 9, 9}, 12, 3), ElementsAre(FileGroup{0, 4}));
  EXPECT_THAT(GroupBySizeRatio(Rows{9, 9, 9}, 12, 3), IsEmpty());
  EXPECT_THAT(GroupBySizeRatio(Rows{8, 9, 9, 9}, 12, 3), IsEmpty());
}

TEST(GroupBySizeRatio, DropsTheLargestUntilTheRestMeetsTheRatio) {
  EXPECT_THAT(GroupBySizeRatio(Rows{1, 2, 100}, 12, 3), IsEmpty());
  EXPECT_THAT(GroupBySizeRatio(Rows{9, 9, 9, 9, 100}, 12, 3), ElementsAre(FileGroup{0, 4}));
  EXPECT_THAT(GroupBySizeRatio(Rows{9, 9, 9, 9, 10'000, 100'000}, 12, 3), ElementsAre(FileGroup{0, 4}));
}

TEST(GroupBySizeRatio, HasNothingToMergeInOneFileOrNone) {
  EXPECT_THAT(GroupBySizeRatio(Rows{}, 12, 3), IsEmpty());
  EXPECT_THAT(GroupBySizeRatio(Rows{5}, 12, 3), IsEmpty());
}

TEST(GroupBySizeRatio, TakesFullBatchesAndAShortOneAtTheEnd) {
  EXPECT_THAT(GroupBySizeRatio(Rows(10, 9), 5, 3), ElementsAre(FileGroup{0, 5}, FileGroup{5, 5}));
  EXPECT_THAT(GroupBySizeRatio(Rows(9, 9), 5, 3), ElementsAre(FileGroup{0, 5}, FileGroup{5, 4}));
  // Three equal files at the end do not meet a ratio of 3.
  EXPECT_THAT(GroupBySizeRatio(Rows(8, 9), 5, 3), ElementsAre(FileGroup{0, 5}));
}

TEST(GroupBySizeRatio, SlidesTheWindowByOneFilePastOneThatDoesNotFit) {
  // Together: 3 * 40 <= 141. The first windows are spoilt by 20 and 40 at their ends.
  const Rows rows = {1, 1, 1, 20, 20, 20, 20, 20, 20, 40};
  EXPECT_THAT(GroupBySizeRatio(rows, 4, 3), ElementsAre(FileGroup{3, 4}));
}

TEST(GroupBySizeRatio, TreatsFilesWithoutRowsAsMergeable) {
  EXPECT_THAT(GroupBySizeRatio(Rows{0, 0, 0}, 12, 3), ElementsAre(FileGroup{0, 3}));
}

TEST(GroupBySizeRatio, DoesNotOverflowOnHugeFiles) {
  const int64_t huge = int64_t{1} << 60;
  EXPECT_THAT(GroupBySizeRatio(Rows{huge, huge, huge}, 12, 1'000'000), IsEmpty());
  EXPECT_THAT(GroupBySizeRatio(Rows{huge, huge, huge}, 12, 2), ElementsAre(FileGroup{0, 3}));
}

TEST(GroupBySizeRatio, NeverOverlapsGroupsAndEveryGroupMeetsTheRatio) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int trial = 0; trial < 500; ++trial) {
    Rows rows(random.Below(40));
    for (int64_t& count : rows) count = static_cast<int64_t>(random.Below(uint64_t{1} << (1 + random.Below(20))));
    std::ranges::sort(rows);
    const size_t batch_size = 2 + random.Below(12);
    const int64_t ratio = 1 + static_cast<int64_t>(random.Below(4));
    size_t end = 0;
    for (const FileGroup& group : GroupBySizeRatio(rows, batch_size, ratio)) {
      ASSERT_GE(group.first, end);
      ASSERT_LE(group.count, batch_size);
      end = group.first + group.count;
      ASSERT_LE(end, rows.size());
      const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(group.first);
      const int64_t sum = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(group.count), int64_t{0});
      const int64_t largest = rows[end - 1];
      ASSERT_GE(group.count, 2U);
      ASSERT_LE(ratio * largest, sum - largest);
    }
  }
}

}  // namespace
}  // namespace sleeper::compact
