#include "sleeper/model/region.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;
using testing::AllOf;
using testing::HasSubstr;

const Schema& TwoKeys() {
  static const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kInt});
  return schema;
}

Range K0(std::string min, std::string max) {
  return ValueOf(Range::Make(TwoKeys().field(0), {.min = std::move(min), .max = std::move(max)}));
}

Range K1(int32_t min, int32_t max) { return ValueOf(Range::Make(TwoKeys().field(1), {.min = min, .max = max})); }

Region RegionOf(std::vector<Range> ranges) { return ValueOf(Region::Make(TwoKeys(), std::move(ranges))); }

TEST(Region, LeavesFieldsWithoutRangeUnrestricted) {
  const Region region = RegionOf({K1(5, 9)});
  EXPECT_EQ(region.RangeOf(0), nullptr);
  EXPECT_EQ(*region.RangeOf(1), K1(5, 9));
  EXPECT_TRUE(region.Contains(KeyTuple{"anything"s, 5}));
  EXPECT_FALSE(region.Contains(KeyTuple{"anything"s, 9}));
  EXPECT_TRUE(Region::All(TwoKeys()).Contains(KeyTuple{""s, -1}));
}

TEST(Region, NeedsEveryRangeToHold) {
  const Region region = RegionOf({K1(5, 9), K0("a", "c")});
  EXPECT_TRUE(region.Contains(KeyTuple{"b"s, 5}));
  EXPECT_FALSE(region.Contains(KeyTuple{"c"s, 5}));
  EXPECT_FALSE(region.Contains(KeyTuple{"b"s, 4}));
  // What follows the row keys is not looked at.
  EXPECT_TRUE(region.Contains(KeyTuple{"b"s, 5, "sort key"s}));
}

TEST(Region, OverlapsIfItDoesInEverySharedField) {
  EXPECT_TRUE(RegionOf({K0("a", "c"), K1(1, 5)}).Overlaps(RegionOf({K0("b", "d"), K1(4, 6)})));
  EXPECT_FALSE(RegionOf({K0("a", "c"), K1(1, 5)}).Overlaps(RegionOf({K0("b", "d"), K1(5, 6)})));
  EXPECT_TRUE(RegionOf({K0("a", "c")}).Overlaps(RegionOf({K1(5, 6)})));
  EXPECT_FALSE(RegionOf({K0("a", "a")}).Overlaps(Region::All(TwoKeys())));
}

TEST(Region, IsEmptyIfOneRangeIs) {
  EXPECT_TRUE(RegionOf({K0("a", "c"), K1(5, 5)}).empty());
  EXPECT_FALSE(RegionOf({K0("a", "c")}).empty());
  EXPECT_FALSE(Region::All(TwoKeys()).empty());
}

TEST(Region, ReportsAllFaultsAtOnce) {
  const Range value = ValueOf(Range::Make({"v", TypeKind::kLong}, {.min = int64_t{1}}));
  const Range unknown = ValueOf(Range::Make({"x", TypeKind::kInt}, {.min = 1}));
  const Range other_type = ValueOf(Range::Make({"k1", TypeKind::kLong}, {.min = int64_t{1}}));
  EXPECT_THAT(
      Region::Make(TwoKeys(), {value, K0("a", "b"), unknown, K0("c", "d"), other_type}).status(),
      Fails(ErrorKind::kInvalid, AllOf(HasSubstr("'v' is not a row key field"), HasSubstr("'x' is not a row key field"),
                                       HasSubstr("more than one range for field 'k0'"),
                                       HasSubstr("field 'k1' is of type IntType, but the range is of type LongType"))));
}

TEST(Region, ShowsItself) {
  EXPECT_EQ(RegionOf({K1(5, 9), K0("a", "c")}).ToString(), "k0=[a,c) and k1=[5,9)");
  EXPECT_EQ(Region::All(TwoKeys()).ToString(), "everything");
}

}  // namespace
}  // namespace sleeper::model
