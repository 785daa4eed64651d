#include "sleeper/file/choose_split_points.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::file {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<model::Field> kNumber = {{"number", model::TypeKind::kLong}};
const std::vector<model::Field> kOriginAndDay = {{"origin", model::TypeKind::kString}, {"day", model::TypeKind::kInt}};

model::NormalisedKey Key(std::vector<model::KeyValue> values) { return model::EncodeKey(values); }

KeySample Sample(int64_t number, int64_t rows) { return {Key({number}), rows}; }

/// Samples of 100 rows at 0, 1, 2, … 9.
std::vector<KeySample> TenSamples() {
  std::vector<KeySample> samples;
  for (int64_t i = 0; i < 10; ++i) samples.push_back(Sample(i, 100));
  return samples;
}

TEST(ChooseSplitPoints, CutsInTheMiddle) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(), TenSamples(), 2), ElementsAre(Key({int64_t{5}})));
}

TEST(ChooseSplitPoints, CutsIntoManyPartsAtOnce) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(), TenSamples(), 5),
              ElementsAre(Key({int64_t{2}}), Key({int64_t{4}}), Key({int64_t{6}}), Key({int64_t{8}})));
}

TEST(ChooseSplitPoints, CutsNowhereForOnePart) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(), TenSamples(), 1), IsEmpty());
}

TEST(ChooseSplitPoints, WeighsSamplesByTheirRowsWhateverTheirOrder) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(),
                                {Sample(9, 1'000), Sample(1, 10), Sample(7, 900), Sample(3, 10)}, 2),
              ElementsAre(Key({int64_t{9}})));
}

TEST(ChooseSplitPoints, CutsNowhereIfAllRowsHaveOneKey) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(), {Sample(4, 100), Sample(4, 100), Sample(4, 1)}, 4),
              IsEmpty());
}

TEST(ChooseSplitPoints, CutsBesideAKeyThatHoldsMostRows) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(),
                                {Sample(1, 10), Sample(2, 1'000), Sample(2, 1'000), Sample(3, 10)}, 2),
              ElementsAre(Key({int64_t{2}})));
  EXPECT_THAT(
      ChooseSplitPoints(kNumber, model::KeyInterval::All(), {Sample(2, 1'000), Sample(2, 1'000), Sample(3, 10)}, 2),
      ElementsAre(Key({int64_t{3}})));
}

TEST(ChooseSplitPoints, CutsNowhereWithoutSamples) {
  EXPECT_THAT(ChooseSplitPoints(kNumber, model::KeyInterval::All(), {}, 2), IsEmpty());
}

TEST(ChooseSplitPoints, NeverCutsAtTheEndsOfTheInterval) {
  const model::KeyInterval interval{Key({int64_t{3}}), Key({int64_t{5}})};
  EXPECT_THAT(ChooseSplitPoints(kNumber, interval, {Sample(3, 100), Sample(4, 100), Sample(5, 900)}, 3),
              ElementsAre(Key({int64_t{4}})));
  EXPECT_THAT(ChooseSplitPoints(kNumber, interval, {Sample(3, 100), Sample(5, 900)}, 3), IsEmpty());
}

TEST(ChooseSplitPoints, PrefersALeadingPartThatDividesAsWell) {
  std::vector<KeySample> samples;
  for (const char* origin : {"ATL", "SEA"}) {
    for (int32_t day = 1; day <= 10; ++day) samples.push_back({Key({std::string(origin), day}), 100});
  }
  EXPECT_THAT(ChooseSplitPoints(kOriginAndDay, model::KeyInterval::All(), samples, 2),
              ElementsAre(Key({std::string("SEA")})));
}

TEST(ChooseSplitPoints, CutsALaterFieldIfTheFirstIsConstant) {
  std::vector<KeySample> samples;
  for (int32_t day = 0; day < 10; ++day) samples.push_back({Key({std::string("ATL"), day}), 100});
  EXPECT_THAT(ChooseSplitPoints(kOriginAndDay, model::KeyInterval::All(), samples, 2),
              ElementsAre(Key({std::string("ATL"), int32_t{5}})));
}

TEST(ChooseSplitPoints, AlwaysAscendsStrictlyInsideTheIntervalWithRowsOnBothSides) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    std::vector<KeySample> samples;
    const uint64_t count = random.Below(40);
    for (uint64_t i = 0; i < count; ++i) {
      samples.push_back(Sample(static_cast<int64_t>(random.Below(20)), static_cast<int64_t>(random.Below(1'000))));
    }
    const model::KeyInterval interval{Key({int64_t{2}}), Key({int64_t{15}})};
    const auto points = ChooseSplitPoints(kNumber, interval, samples, 1 + static_cast<int64_t>(random.Below(12)));
    EXPECT_EQ(std::adjacent_find(points.begin(), points.end(), std::greater_equal<>()), points.end());
    for (const model::NormalisedKey& point : points) {
      EXPECT_GT(point, interval.lower);
      EXPECT_LT(point, *interval.upper);
      const auto below = [&](const KeySample& s) { return s.rows > 0 && s.key < point; };
      const auto above = [&](const KeySample& s) { return s.rows > 0 && s.key >= point; };
      EXPECT_TRUE(std::any_of(samples.begin(), samples.end(), below));
      EXPECT_TRUE(std::any_of(samples.begin(), samples.end(), above));
    }
  }
}

}  // namespace
}  // namespace sleeper::file
