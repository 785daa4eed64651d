#include "sleeper/file/slack_array.h"

#include <array>
#include <cstdint>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::file {
namespace {

using testing::ElementsAre;

TEST(SlackArrayTest, KeepsItsElementsWhenItGrowsAndWhenItIsCut) {
  SlackArray<int32_t> array;
  for (int32_t i = 0; i < 1000; ++i) array.Append(std::array{i});
  EXPECT_EQ(array.size(), 1000u);
  EXPECT_EQ(array[999], 999);
  array.Truncate(3);
  EXPECT_THAT(array.span(), ElementsAre(0, 1, 2));
  *array.Reserve(10) = 7;
  array.Advance(1);
  EXPECT_THAT(array.span(), ElementsAre(0, 1, 2, 7));
}

TEST(SlackArrayTest, AnArrayThatWasMovedFromCanBeUsedAgain) {
  SlackArray<uint8_t> array;
  array.Append(std::array<uint8_t, 2>{1, 2});
  const SlackArray<uint8_t> taken = std::move(array);
  array.Clear();
  array.Append(std::array<uint8_t, 1>{3});
  EXPECT_THAT(taken.span(), ElementsAre(1, 2));
  EXPECT_THAT(array.span(), ElementsAre(3));
}

#if defined(SLEEPER_ADDRESS_SANITIZER)

/// The bytes behind the last element that may be touched, of the `count` bytes there.
size_t BytesWithinBounds(SlackArray<uint8_t>& array, size_t count) {
  size_t bytes = 0;
  while (bytes < count && __asan_address_is_poisoned(array.end() + bytes) == 0) ++bytes;
  return bytes;
}

constexpr size_t kSize = 4096;
constexpr size_t kSlack = SlackArray<uint8_t>::kSlack;

TEST(SlackArrayTest, WhatWasThereBeforeIsOutOfBoundsButForTheSlack) {
  SlackArray<uint8_t> array;
  array.Resize(kSize);
  array.Truncate(1000);
  EXPECT_EQ(BytesWithinBounds(array, kSize - 1000), kSlack);
  array.Clear();
  EXPECT_EQ(BytesWithinBounds(array, kSize), kSlack);
}

TEST(SlackArrayTest, WhatWasReservedAndNotCountedIsOutOfBoundsButForTheSlack) {
  SlackArray<uint8_t> array;
  array.Reserve(kSize);
  EXPECT_EQ(BytesWithinBounds(array, kSize), kSize);
  array.Advance(8);
  EXPECT_EQ(BytesWithinBounds(array, kSize - 8), kSlack);
}

#endif

}  // namespace
}  // namespace sleeper::file
