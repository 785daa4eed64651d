#include "sleeper/base/random.h"

#include <array>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper {
namespace {

TEST(SeededRandom, IsTheSameSequenceOnEveryPlatform) {
  // Published test values of splitmix64 for the seed 1234567.
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(SeededRandom, AnotherSeedIsAnotherSequence) { EXPECT_NE(SeededRandom(1).Next(), SeededRandom(2).Next()); }

TEST(Random, BelowIsUniform) {
  SeededRandom random(42);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts.at(random.Below(10));
  for (int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

TEST(Random, BelowHandlesTheExtremes) {
  SeededRandom random(42);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random.Below(1), 0u);
    EXPECT_LT(random.Below(UINT64_MAX), UINT64_MAX);
    EXPECT_LT(random.Below((uint64_t{1} << 63) + 1), (uint64_t{1} << 63) + 1);
  }
}

TEST(Random, FractionIsInTheUnitInterval) {
  SeededRandom random(42);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    double fraction = random.Fraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
    sum += fraction;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, HexHasTheDigitsAskedFor) {
  SeededRandom random(42);
  for (int digits : {0, 1, 15, 16, 17, 40}) {
    EXPECT_THAT(random.Hex(digits), testing::MatchesRegex("[0-9a-f]{" + std::to_string(digits) + "}"));
  }
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<uint64_t> values;
  for (int i = 0; i < 100; ++i) values.insert(random.Next());
  EXPECT_EQ(values.size(), 100u);
}

TEST(RandomDeathTest, NothingIsBelowZero) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(SeededRandom(1).Below(0), "a random number below zero");
}

}  // namespace
}  // namespace sleeper
