#include "sleeper/file/delta_binary_packed.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/file/testing/slack_copy.h"

namespace sleeper::file {
namespace {

template <typename T>
std::vector<T> DecodedDelta(const SlackArray<uint8_t>& bytes, size_t count) {
  SlackArray<T> out;
  out.Resize(count);
  const uint8_t* const end = DecodeDelta(bytes.span(), count, out.data());
  EXPECT_EQ(end, bytes.data() + bytes.size());
  return {out.span().begin(), out.span().end()};
}

template <typename T>
SlackArray<uint8_t> EncodedDelta(const std::vector<T>& values) {
  SlackArray<uint8_t> out;
  AppendDelta<T>(values, out);
  return SlackCopy(out.span());
}

TEST(DeltaBinaryPackedTest, ExtremesAndOddCountsComeBack) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const std::vector<int64_t>& values :
       {std::vector<int64_t>{}, {kMin}, {kMin, kMax, kMin, 0, -1, kMax}, std::vector<int64_t>(129, -5)}) {
    EXPECT_EQ(DecodedDelta<int64_t>(EncodedDelta(values), values.size()), values);
  }
}

template <typename T>
void RandomIntegersComeBack() {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<T> values(random.Below(600));
    const auto width = static_cast<int>(random.Below(sizeof(T) * 8 + 1));
    T value = static_cast<T>(random.Next());
    for (T& place : values) {
      value = static_cast<T>(static_cast<uint64_t>(value) + (random.Next() & MaskOf(width)));
      place = value;
    }
    const SlackArray<uint8_t> bytes = EncodedDelta(values);
    EXPECT_EQ(DecodedDelta<T>(bytes, values.size()), values);
    SlackArray<T> out;
    out.Resize(values.size() + 1);
    EXPECT_EQ(DecodeDelta(bytes.span(), values.size() + 1, out.data()), nullptr);
    const SlackArray<uint8_t> cut = SlackCopy(bytes.span().first(bytes.size() - 1));
    EXPECT_EQ(DecodeDelta(cut.span(), values.size(), out.data()), nullptr);
  }
}

TEST(DeltaBinaryPackedTest, RandomIntegersOfEveryWidthComeBack) {
  RandomIntegersComeBack<int32_t>();
  RandomIntegersComeBack<int64_t>();
}

TEST(DeltaBinaryPackedTest, HostileHeadersAreRefused) {
  int32_t out[8];
  // Blocks of no values, of a million, of 100; no miniblocks, too many; a width of 33 bits.
  for (const std::vector<uint8_t>& bytes : {std::vector<uint8_t>{0, 4, 2, 0},
                                            {0x80, 0x80, 0x40, 4, 2, 0},
                                            {100, 4, 2, 0},
                                            {0x80, 1, 0, 2, 0},
                                            {0x80, 1, 8, 2, 0},
                                            {0x80, 1, 4, 2, 0, 0, 33, 0, 0, 0}}) {
    const SlackArray<uint8_t> array = SlackCopy(bytes);
    EXPECT_EQ(DecodeDelta(array.span(), 2, out), nullptr);
  }
}

}  // namespace
}  // namespace sleeper::file
