#include "sleeper/store/joined_ranges.h"

#include <gmock/gmock.h>

#include "sleeper/base/random.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;

std::vector<ByteRange> Joined(const std::vector<ByteRange>& asked, const JoinLimits& limits) {
  return JoinedRanges(asked, limits).ranges();
}

TEST(JoinedRangesTest, WhatLiesCloseTogetherIsOneRange) {
  const JoinLimits limits{.hole_bytes_max = 10, .range_bytes_max = 1000};
  EXPECT_THAT(Joined({{0, 5}, {15, 5}, {31, 5}}, limits), ElementsAre(ByteRange{0, 20}, ByteRange{31, 5}));
  EXPECT_THAT(Joined({{31, 5}, {15, 5}, {0, 5}}, limits), ElementsAre(ByteRange{0, 20}, ByteRange{31, 5}));
  EXPECT_THAT(Joined({{0, 5}, {2, 10}, {3, 1}, {0, 5}}, limits), ElementsAre(ByteRange{0, 12}));
}

TEST(JoinedRangesTest, NoJoinedRangeIsLargerThanItsBound) {
  const JoinLimits limits{.hole_bytes_max = 10, .range_bytes_max = 20};
  EXPECT_THAT(Joined({{0, 10}, {10, 10}, {20, 10}, {30, 50}}, limits),
              ElementsAre(ByteRange{0, 20}, ByteRange{20, 10}, ByteRange{30, 50}));
  EXPECT_THAT(Joined({{0, 50}, {10, 10}}, limits), ElementsAre(ByteRange{0, 50})) << "it is there already";
}

TEST(JoinedRangesTest, WhatAStoreRefusesIsPassedOnAsItIs) {
  const JoinLimits limits{.hole_bytes_max = 10, .range_bytes_max = 1000};
  EXPECT_THAT(Joined({{0, 5}, {-1, 5}, {3, 0}, {7, INT64_MAX}}, limits),
              ElementsAre(ByteRange{-1, 5}, ByteRange{0, 5}, ByteRange{3, 0}, ByteRange{7, INT64_MAX}));
}

TEST(JoinedRangesTest, TheLimitsFollowFromLatencyAndBandwidth) {
  const JoinLimits limits = JoinLimits::For(std::chrono::milliseconds(20), 50'000'000);
  EXPECT_EQ(limits.hole_bytes_max, 125'000);
  EXPECT_EQ(limits.range_bytes_max, 8'000'000);
}

TEST(JoinedRangesTest, RandomRangesGetTheirBytes) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  std::string object;
  for (int i = 0; i < 2000; ++i) object += static_cast<char>(random.Below(256));
  const Buffer bytes = Buffer::CopyOf(object);
  for (int round = 0; round < 200; ++round) {
    std::vector<ByteRange> asked;
    for (uint64_t i = 0; i <= random.Below(12); ++i) {
      const auto offset = static_cast<int64_t>(random.Below(1900));
      asked.push_back({offset, static_cast<int64_t>(random.Below(100))});
    }
    const JoinedRanges joined(asked, {.hole_bytes_max = static_cast<int64_t>(random.Below(300)),
                                      .range_bytes_max = static_cast<int64_t>(random.Below(2000))});
    std::vector<Buffer> read;
    for (const ByteRange range : joined.ranges()) read.push_back(bytes.Slice(range));
    const std::vector<Buffer> buffers = joined.Distribute(read);
    ASSERT_EQ(buffers.size(), asked.size());
    for (size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(buffers[i], bytes.Slice(asked[i]));
    EXPECT_LE(read.size(), asked.size());
  }
}

TEST(JoinedRangesTest, ASmallPartOfALargeReadDoesNotHoldTheWholeInMemory) {
  const std::vector<ByteRange> asked = {{0, 10}, {90, 10}};
  const JoinedRanges joined(asked, {.hole_bytes_max = 100, .range_bytes_max = 1000});
  const Buffer whole = Buffer::FromString(std::string(100, 'x'));
  for (const Buffer& buffer : joined.Distribute({whole})) EXPECT_NE(buffer.owner(), whole.owner());
  const std::vector<ByteRange> close = {{0, 45}, {55, 45}};
  for (const Buffer& buffer : JoinedRanges(close, {.hole_bytes_max = 100, .range_bytes_max = 1000}).Distribute({whole}))
    EXPECT_EQ(buffer.owner(), whole.owner()) << "most of it is wanted";
}

}  // namespace
}  // namespace sleeper::store
