#include "sleeper/file/rle_hybrid.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/file/testing/slack_copy.h"

namespace sleeper::file {
namespace {

using testing::ElementsAre;

TEST(RleHybridTest, ValuesOfEveryWidthComeBack) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto width = static_cast<int>(random.Below(33));
    std::vector<uint32_t> values;
    while (values.size() < random.Below(500)) {
      const auto value = static_cast<uint32_t>(random.Next() & MaskOf(width));
      values.insert(values.end(), random.Below(4) == 0 ? random.Below(100) : 1, value);
    }
    SlackArray<uint8_t> out;
    AppendRle<uint32_t>(values, width, out);
    const SlackArray<uint8_t> bytes = SlackCopy(out.span());
    SlackArray<uint32_t> decoded;
    decoded.Resize(values.size());
    ASSERT_TRUE(DecodeRle(bytes.span(), width, values.size(), decoded.data()));
    EXPECT_EQ(std::vector<uint32_t>(decoded.span().begin(), decoded.span().end()), values);
    // One byte less is seen, unless nothing was written at all.
    if (bytes.size() > 0) {
      const SlackArray<uint8_t> cut = SlackCopy(bytes.span().first(bytes.size() - 1));
      SlackArray<uint32_t> again;
      again.Resize(values.size());
      // The bits that fill the last group may be what is missing.
      if (DecodeRle(cut.span(), width, values.size(), again.data())) {
        EXPECT_TRUE(std::equal(values.begin(), values.end(), again.data()));
      }
    }
  }
}

TEST(RleHybridTest, LevelsThatAreAllEqualTakeThreeBytes) {
  const std::vector<uint8_t> levels(2048, 1);
  SlackArray<uint8_t> out;
  AppendRle<uint8_t>(levels, 1, out);
  EXPECT_THAT(out.span(), ElementsAre(0x80, 0x20, 1));
}

TEST(RleHybridTest, FlagsOfOneBitArePackedFromTheLowest) {
  const std::vector<uint8_t> levels = {1, 0, 0, 1, 1, 0, 0, 0, 1, 1};
  SlackArray<uint8_t> out;
  AppendRle<uint8_t>(levels, 1, out);
  EXPECT_THAT(out.span(), ElementsAre(2 << 1 | 1, 0b00011001, 0b11));
}

TEST(RleHybridTest, RunsThatAreEmptyOrTooWideAreRefused) {
  uint8_t out[80];
  // A run of no values; one whose value has two bits instead of one; groups that are not there; nothing.
  for (const std::vector<uint8_t>& bytes :
       {std::vector<uint8_t>{0, 1}, {16, 2}, {3}, {}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}}) {
    const SlackArray<uint8_t> array = SlackCopy(bytes);
    EXPECT_FALSE(DecodeRle(array.span(), 1, 8, out));
  }
}

}  // namespace
}  // namespace sleeper::file
