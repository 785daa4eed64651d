#include "sleeper/model/key_query.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/key_codec.h"
#include "sleeper/model/key_text.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::model {

static void PrintTo(const KeyInterval& interval, std::ostream* out) {
  *out << "[" << testing::PrintToString(interval.lower) << ","
       << (interval.upper ? testing::PrintToString(*interval.upper) : "…") << ")";
}

namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;

constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

KeyInterval Between(const KeyTuple& lower, const KeyTuple& upper) { return {EncodeKey(lower), EncodeKey(upper)}; }

Region RegionFrom(const Schema& schema, const std::vector<std::string>& texts) {
  std::vector<Range> ranges;
  for (const std::string& text : texts) ranges.push_back(ValueOf(ParseRangeText(schema, text)));
  return ValueOf(Region::Make(schema, std::move(ranges)));
}

TEST(IntervalsOf, TakesAnExactPrefixAndThenOneRange) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt, TypeKind::kInt});
  const Region region = RegionFrom(schema, {"k0=[SEA,SEA]", "k1=[5,9)"});
  EXPECT_THAT(IntervalsOf(region), ElementsAre(Between({"SEA"s, 5}, {"SEA"s, 9})));
  EXPECT_FALSE(NeedsResidual(region));
}

TEST(IntervalsOf, IsOnePrefixForAWholeKey) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  const Region region = RegionFrom(schema, {"k0=[SEA,SEA]", "k1=[5,5]"});
  EXPECT_THAT(IntervalsOf(region), ElementsAre(Between({"SEA"s, 5}, {"SEA"s, 6})));
  EXPECT_FALSE(NeedsResidual(region));
  EXPECT_THAT(IntervalsOf(RegionFrom(schema, {"k0=[SEA,SEA]"})), ElementsAre(Between({"SEA"s}, {"SEA\0"s})));
}

TEST(IntervalsOf, IsEverythingWithoutRestrictions) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  EXPECT_THAT(IntervalsOf(Region::All(schema)), ElementsAre(KeyInterval::All()));
  EXPECT_THAT(IntervalsOf(RegionFrom(schema, {"k0=[,)"})), ElementsAre(KeyInterval::All()));
  EXPECT_FALSE(NeedsResidual(Region::All(schema)));
}

TEST(IntervalsOf, IsNothingForAnEmptyRegion) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  EXPECT_THAT(IntervalsOf(RegionFrom(schema, {"k0=[a,b)", "k1=[5,5)"})), ElementsAre());
}

TEST(IntervalsOf, WritesOutAFewValuesInFrontOfARestrictedField) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kString});
  const Region region = RegionFrom(schema, {"k0=[7,9]", "k1=[a,b)"});
  EXPECT_THAT(IntervalsOf(region),
              ElementsAre(Between({7, "a"s}, {7, "b"s}), Between({8, "a"s}, {8, "b"s}), Between({9, "a"s}, {9, "b"s})));
  EXPECT_FALSE(NeedsResidual(region));
}

TEST(IntervalsOf, WritesOutUpToTheGreatestInteger) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kString});
  const Region region = RegionFrom(schema, {"k0=[2147483646,)", "k1=[a,)"});
  const KeyInterval last{EncodeKey(KeyTuple{kMax, "a"s}), std::nullopt};
  EXPECT_THAT(IntervalsOf(region), ElementsAre(Between({kMax - 1, "a"s}, {kMax}), last));
}

TEST(IntervalsOf, TightensOneIntervalWhereThereAreManyValues) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kInt});
  const Region region = RegionFrom(schema, {"k0=[0,1000)", "k1=[5,9)"});
  EXPECT_THAT(IntervalsOf(region), ElementsAre(Between({0, 5}, {999, 9})));
  EXPECT_TRUE(NeedsResidual(region));
}

TEST(IntervalsOf, KeepsToItsBound) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kInt, TypeKind::kInt, TypeKind::kInt});
  const Region region = RegionFrom(schema, {"k0=[0,8)", "k1=[0,8)", "k2=[0,8)", "k3=[0,8)"});
  EXPECT_EQ(IntervalsOf(region).size(), 64U);
  EXPECT_TRUE(NeedsResidual(region));
}

TEST(UnionOf, JoinsWhatOverlapsOrTouches) {
  EXPECT_THAT(UnionOf({{"e", "f"}, {"a", "b"}, {"b", "c"}, {"x", "x"}, {"aa", "bb"}, {"k", "z"}, {"l", "m"}}),
              ElementsAre(KeyInterval{"a", "c"}, KeyInterval{"e", "f"}, KeyInterval{"k", "z"}));
  EXPECT_THAT(UnionOf({{"b", std::nullopt}, {"a", "c"}, {"d", "e"}}), ElementsAre(KeyInterval{"a", std::nullopt}));
  EXPECT_THAT(UnionOf({}), ElementsAre());
}

TEST(CoverOf, ChecksOnlyWhereNoRegionHoldsEverything) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  // The first needs a check; the second holds the whole of its interval, which lies inside.
  const std::vector<Region> regions = {RegionFrom(schema, {"k0=[a,z)", "k1=[5,9)"}), RegionFrom(schema, {"k0=[c,d)"})};
  const Cover cover = CoverOf(regions);
  EXPECT_THAT(cover.parts, ElementsAre(CoverPart{Between({"a"s, 5}, {"c"s}), 0},
                                       CoverPart{Between({"c"s}, {"d"s}), CoverPart::kEveryRow},
                                       CoverPart{Between({"d"s}, {"z"s}), 0}));
  EXPECT_THAT(cover.residuals, ElementsAre(ElementsAre(0)));
}

TEST(CoverOf, ListsAllRegionsOfAPart) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  const std::vector<Region> regions = {RegionFrom(schema, {"k0=[c,)", "k1=[5,9)"}),
                                       RegionFrom(schema, {"k0=[a,d)", "k1=[2,3)"})};
  const Cover cover = CoverOf(regions);
  EXPECT_THAT(cover.residuals, ElementsAre(ElementsAre(1), ElementsAre(0, 1), ElementsAre(0)));
  EXPECT_THAT(cover.parts,
              ElementsAre(CoverPart{Between({"a"s, 2}, {"c"s, 5}), 0}, CoverPart{Between({"c"s, 5}, {"d"s}), 1},
                          CoverPart{KeyInterval{EncodeKey(KeyTuple{"d"s}), std::nullopt}, 2}));
}

TEST(CoverOf, StaysSmallWhenManyRegionsOverlap) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  std::vector<Region> regions;
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = std::to_string(10'000 + i);
    regions.push_back(RegionFrom(schema, {"k0=[a" + number + ",z" + number + ")", "k1=[5,9)"}));
  }
  const Cover cover = CoverOf(regions, {Between({"k"s}, {"l"s})});
  size_t indexes = 0;
  for (const std::vector<uint32_t>& residual : cover.residuals) indexes += residual.size();
  EXPECT_LE(indexes, kCoverIndexesMax + regions.size());
  ASSERT_EQ(cover.parts.size(), 3U);
  EXPECT_EQ(cover.parts[1], (CoverPart{Between({"k"s}, {"l"s}), CoverPart::kEveryRow}));
}

/// A few values of each type, so that random ranges meet them.
KeyValue SmallValue(Random& random, TypeKind kind) {
  const auto number = static_cast<int32_t>(random.Below(6));
  const std::string texts[] = {"", "\0"s, "a", "a\0"s, "ab", "b"};
  switch (kind) {
    case TypeKind::kInt:
      return number == 5 ? kMax : number;
    case TypeKind::kLong:
      return number == 5 ? std::numeric_limits<int64_t>::max() : int64_t{number};
    case TypeKind::kDate:
      return Date{number == 5 ? kMax : number};
    case TypeKind::kTimestamp:
      return Timestamp{number == 5 ? std::numeric_limits<int64_t>::min() : number};
    case TypeKind::kString:
      return texts[number];
    default:
      return Bytes{texts[number]};
  }
}

Region SmallRegion(Random& random, const Schema& schema) {
  std::vector<Range> ranges;
  for (const Field& field : schema.row_key_fields()) {
    if (random.Below(3) == 0) continue;
    KeyValue min = SmallValue(random, field.type.kind());
    KeyValue max = random.Below(2) == 0 ? min : SmallValue(random, field.type.kind());
    if (max < min) std::swap(min, max);
    RangeBounds bounds{
        .min = min, .min_inclusive = random.Below(4) != 0, .max = max, .max_inclusive = random.Below(3) != 0};
    if (random.Below(5) == 0) bounds.max = std::nullopt;
    if (random.Below(5) == 0) bounds.min = LeastValue(field.type.kind());
    ranges.push_back(ValueOf(Range::Make(field, bounds)));
  }
  return ValueOf(Region::Make(schema, std::move(ranges)));
}

std::vector<KeyTuple> SmallKeys(Random& random, const Schema& schema, int count) {
  std::vector<KeyTuple> keys;
  for (int i = 0; i < count; ++i) {
    KeyTuple key;
    for (const Field& field : schema.row_key_fields()) key.push_back(SmallValue(random, field.type.kind()));
    keys.push_back(std::move(key));
  }
  return keys;
}

Schema SmallSchema(Random& random) {
  std::vector<TypeKind> kinds;
  for (uint64_t count = 1 + random.Below(3); kinds.size() < count;)
    kinds.push_back(KeyKinds()[random.Below(KeyKinds().size())]);
  return SchemaOfRowKeys(kinds);
}

void ExpectSortedAndDisjoint(std::span<const KeyInterval> intervals) {
  for (size_t i = 0; i < intervals.size(); ++i) {
    EXPECT_FALSE(intervals[i].empty());
    if (i > 0) {
      EXPECT_TRUE(intervals[i - 1].upper && *intervals[i - 1].upper <= intervals[i].lower) << i;
    }
  }
}

TEST(IntervalsOf, AgreesWithTheRegionOnEveryKey) {
  const uint64_t seed = 51;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int round = 0; round < 150; ++round) {
    const Schema schema = SmallSchema(random);
    const Region region = SmallRegion(random, schema);
    SCOPED_TRACE(region.ToString());
    const std::vector<KeyInterval> intervals = IntervalsOf(region);
    ExpectSortedAndDisjoint(intervals);
    const bool residual = NeedsResidual(region);
    for (const KeyTuple& key : SmallKeys(random, schema, 25)) {
      const std::string bytes = EncodeKey(key);
      const bool found = std::ranges::any_of(intervals, [&](const KeyInterval& each) { return each.Contains(bytes); });
      const bool wanted = region.Contains(key);
      if (wanted) {
        ASSERT_TRUE(found) << FormatKey(schema.row_key_fields(), bytes);
      }
      if (!residual) {
        ASSERT_EQ(found, wanted) << FormatKey(schema.row_key_fields(), bytes);
      }
    }
  }
}

TEST(CoverOf, FindsEachWantedKeyInExactlyOnePart) {
  const uint64_t seed = 52;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int round = 0; round < 150; ++round) {
    const Schema schema = SmallSchema(random);
    std::vector<Region> regions;
    for (uint64_t count = random.Below(6); regions.size() < count;) regions.push_back(SmallRegion(random, schema));
    std::vector<KeyInterval> whole;
    for (KeyTuple& key : SmallKeys(random, schema, static_cast<int>(random.Below(4)))) {
      key.resize(1 + random.Below(key.size()));
      whole.push_back(IntervalOfPrefix(key));
    }
    const Cover cover = CoverOf(regions, whole);
    std::vector<KeyInterval> intervals;
    for (const CoverPart& part : cover.parts) intervals.push_back(part.interval);
    ExpectSortedAndDisjoint(intervals);
    for (const KeyTuple& key : SmallKeys(random, schema, 25)) {
      const std::string bytes = EncodeKey(key);
      bool wanted = std::ranges::any_of(whole, [&](const KeyInterval& each) { return each.Contains(bytes); });
      for (const Region& region : regions) wanted = wanted || region.Contains(key);
      int found = 0;
      for (const CoverPart& part : cover.parts) {
        if (!part.interval.Contains(bytes)) continue;
        const bool passes = part.residual == CoverPart::kEveryRow ||
                            std::ranges::any_of(cover.residuals[static_cast<size_t>(part.residual)],
                                                [&](uint32_t index) { return regions[index].Contains(key); });
        found += passes ? 1 : 0;
      }
      ASSERT_EQ(found, wanted ? 1 : 0) << FormatKey(schema.row_key_fields(), bytes);
    }
  }
}

}  // namespace
}  // namespace sleeper::model
