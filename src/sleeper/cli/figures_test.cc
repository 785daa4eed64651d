#include "sleeper/cli/figures.h"

#include <gtest/gtest.h>

#include "sleeper/cli/progress_bar.h"

namespace sleeper::cli {
namespace {

TEST(Figures, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'000), "1,000");
  EXPECT_EQ(Grouped(-123'456), "-123,456");
  EXPECT_EQ(Grouped(3'000'000), "3,000,000");
  EXPECT_EQ(Grouped(INT64_MIN), "-9,223,372,036,854,775,808");
}

TEST(Figures, OneIsSingular) {
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(0, "row"), "0 rows");
  EXPECT_EQ(Counted(2'000, "file"), "2,000 files");
}

TEST(Figures, SizesHaveTheLargestUnitThatFits) {
  EXPECT_EQ(ByteSize(0), "0 B");
  EXPECT_EQ(ByteSize(1023), "1023 B");
  EXPECT_EQ(ByteSize(1024), "1.0 KiB");
  EXPECT_EQ(ByteSize(int64_t{5} << 40), "5.0 TiB");
}

TEST(Figures, TimesAreReadable) {
  EXPECT_EQ(Seconds(std::chrono::milliseconds(42)), "0.042 s");
  EXPECT_EQ(Seconds(std::chrono::milliseconds(12'340)), "12.3 s");
  EXPECT_EQ(Seconds(std::chrono::seconds(245)), "4 min 05 s");
}

TEST(Figures, RatesNeedRowsAndTime) {
  EXPECT_EQ(RowRate(3'000'000, std::chrono::seconds(2)), "1,500,000 rows/s");
  EXPECT_EQ(RowRate(0, std::chrono::seconds(2)), "");
  EXPECT_EQ(RowRate(5, Duration::zero()), "");
}

TEST(Figures, ColumnsAreAlignedByCharactersNotBytes) {
  EXPECT_EQ(AlignedTable({{"key", "rows"}, {"é", "5"}, {"long", "1,000"}}, {false, true}),
            "key    rows\n"
            "----  -----\n"
            "é         5\n"
            "long  1,000\n");
}

TEST(Figures, ACellStaysOnItsLineAndDoesNotSpeakToTheTerminal) {
  EXPECT_EQ(AlignedTable({{"field", "type"}, {"v\nw", "x"}, {"\x1b]0;p\x07\u009bm", "y"}}, {false, false}),
            "field                  type\n"
            "---------------------  ----\n"
            "v\\nw                   x\n"
            "\\x1b]0;p\\x07\\xc2\\x9bm  y\n");
}

TEST(ProgressLine, ShowsTheShareOrTheCount) {
  EXPECT_EQ(ProgressLine("merging", 15, 30), "merging  [###############...............]   50%  15 of 30");
  EXPECT_EQ(ProgressLine("rows", 1'234, 0), "rows  1,234");
  EXPECT_EQ(ProgressLine("merging", 31, 30), "merging  [##############################]  100%  31 of 30");
}

}  // namespace
}  // namespace sleeper::cli
