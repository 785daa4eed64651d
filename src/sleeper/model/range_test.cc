#include "sleeper/model/range.h"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;

constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
constexpr int32_t kMin = std::numeric_limits<int32_t>::min();

const Field kInt{"i", TypeKind::kInt};
const Field kString{"s", TypeKind::kString};

Range Make(const Field& field, RangeBounds bounds) { return ValueOf(Range::Make(field, std::move(bounds))); }

/// (min, max)
Range Open(const Field& field, KeyValue min, KeyValue max) {
  return Make(field, {.min = std::move(min), .min_inclusive = false, .max = std::move(max)});
}

/// [min, max)
Range HalfOpen(const Field& field, KeyValue min, KeyValue max) {
  return Make(field, {.min = std::move(min), .max = std::move(max)});
}

TEST(Range, HasACanonicalForm) {
  const Range range = Make(kInt, {.min = 1, .min_inclusive = false, .max = 4, .max_inclusive = true});
  EXPECT_EQ(range.lower(), KeyValue(2));
  EXPECT_EQ(range.upper(), KeyValue(5));
  EXPECT_EQ(range, HalfOpen(kInt, 2, 5));
  const Range texts = Make(kString, {.min = "a"s, .min_inclusive = false, .max = "c"s, .max_inclusive = true});
  EXPECT_EQ(texts.lower(), KeyValue("a\0"s));
  EXPECT_EQ(texts.upper(), KeyValue("c\0"s));
}

TEST(Range, OfIntegersThatOnlySeemToMeetDoesNotOverlap) {
  EXPECT_FALSE(Open(kInt, 1, 5).Overlaps(Open(kInt, 4, 6)));
  EXPECT_TRUE(Open(kString, "1"s, "5"s).Overlaps(Open(kString, "4"s, "6"s)));
}

TEST(Range, ThatTouchesAnotherDoesNotOverlapIt) {
  EXPECT_FALSE(HalfOpen(kInt, 1, 3).Overlaps(HalfOpen(kInt, 3, 5)));
  EXPECT_TRUE(Make(kInt, {.min = 1, .max = 3, .max_inclusive = true}).Overlaps(HalfOpen(kInt, 3, 5)));
}

TEST(Range, UpToTheGreatestIntegerIsUnbounded) {
  const Range range = Make(kInt, {.min = 1, .max = kMax, .max_inclusive = true});
  EXPECT_EQ(range.upper(), std::nullopt);
  EXPECT_EQ(range, Make(kInt, {.min = 1}));
  EXPECT_TRUE(range.Contains(kMax));
}

TEST(Range, WithoutMaximumIgnoresWhetherItIsIncluded) {
  EXPECT_EQ(Make(kInt, {.min = 1, .max_inclusive = true}), Make(kInt, {.min = 1}));
}

TEST(Range, AboveTheGreatestIntegerIsEmpty) {
  const Range range = Make(kInt, {.min = kMax, .min_inclusive = false});
  EXPECT_TRUE(range.empty());
  EXPECT_FALSE(range.Contains(kMax));
  EXPECT_FALSE(range.Overlaps(Make(kInt, {.min = kMin})));
}

TEST(Range, MayBeEmptyInSeveralWaysThatAreEqual) {
  EXPECT_TRUE(HalfOpen(kInt, 5, 5).empty());
  EXPECT_TRUE(Open(kInt, 5, 5).empty());
  EXPECT_TRUE(Open(kInt, 5, 6).empty());
  EXPECT_EQ(Open(kInt, 5, 5), HalfOpen(kInt, 5, 5));
  EXPECT_FALSE(Open(kString, "a"s, "a\0\0"s).empty());
  EXPECT_TRUE(Open(kString, "a"s, "a\0"s).empty());
}

TEST(Range, IsRefusedWhenInverted) {
  EXPECT_THAT(Range::Make(kInt, {.min = 5, .max = 4}).status(),
              Fails(ErrorKind::kInvalid, "field 'i': the range is inverted: its minimum '5' is above its maximum '4'"));
}

TEST(Range, IsRefusedWhenABoundIsOfAnotherType) {
  EXPECT_THAT(Range::Make(kInt, {.min = int64_t{5}}).status(),
              Fails(ErrorKind::kInvalid, "field 'i' is of type IntType, but the value is of type LongType: '5'"));
  EXPECT_THAT(
      Range::Make(kString, {.min = "a"s, .max = Bytes{"b"}}).status(),
      Fails(ErrorKind::kInvalid, "field 's' is of type StringType, but the value is of type ByteArrayType: '0x62'"));
  EXPECT_THAT(Range::Make({"f", TypeKind::kDouble}, {.min = 1}).status(),
              Fails(ErrorKind::kInvalid, "field 'f' is of type DoubleType, which has no ranges"));
}

TEST(Range, KnowsItsOnlyAndItsLastValue) {
  EXPECT_EQ(ValueOf(Range::Exact(kInt, 5)).Single(), KeyValue(5));
  EXPECT_EQ(ValueOf(Range::Exact(kInt, kMax)).Single(), KeyValue(kMax));
  EXPECT_EQ(ValueOf(Range::Exact(kString, "a"s)).Single(), KeyValue("a"s));
  EXPECT_EQ(HalfOpen(kInt, 5, 7).Single(), std::nullopt);
  EXPECT_EQ(Make(kInt, {.min = 5}).Single(), std::nullopt);
  EXPECT_EQ(Make(kString, {.min = ""s}).Single(), std::nullopt);
  EXPECT_EQ(HalfOpen(kInt, 5, 7).Last(), KeyValue(6));
  EXPECT_EQ(Make(kInt, {.min = 5}).Last(), KeyValue(kMax));
  EXPECT_EQ(HalfOpen(kString, "a"s, "c"s).Last(), std::nullopt);
  EXPECT_EQ(Make(kString, {.min = "a"s, .max = "c"s, .max_inclusive = true}).Last(), KeyValue("c"s));
  EXPECT_EQ(Make(kString, {.min = "a"s}).Last(), std::nullopt);
  EXPECT_EQ(HalfOpen(kInt, 5, 5).Last(), std::nullopt);
}

/// A few values of a type, at its edges, in order.
struct Domain {
  Field field;
  std::vector<KeyValue> values;
};

std::vector<Domain> Domains() {
  return {{kInt, {kMin, kMin + 1, 0, 1, kMax - 1, kMax}},
          {{"d", TypeKind::kDate}, {Date{kMin}, Date{-1}, Date{0}, Date{kMax - 1}, Date{kMax}}},
          {kString, {""s, "\0"s, "a"s, "a\0"s, "a\0\0"s, "b"s}},
          {{"b", TypeKind::kBytes},
           {Bytes{""}, Bytes{"\0"s}, Bytes{"\x7F"}, Bytes{"\x80"}, Bytes{"\xFF"}, Bytes{"\xFF\0"s}}}};
}

/// All ranges over a domain with what they mean, by their definition.
struct Case {
  Range range;
  std::vector<bool> contains;
};

std::vector<Case> CasesOf(const Domain& domain) {
  std::vector<Case> cases;
  std::vector<std::optional<KeyValue>> maxima(domain.values.begin(), domain.values.end());
  maxima.push_back(std::nullopt);
  for (const KeyValue& min : domain.values) {
    for (const std::optional<KeyValue>& max : maxima) {
      if (max && *max < min) continue;
      for (int flags = 0; flags < 4; ++flags) {
        const RangeBounds bounds{
            .min = min, .min_inclusive = (flags & 1) != 0, .max = max, .max_inclusive = (flags & 2) != 0};
        std::vector<bool> contains;
        for (const KeyValue& value : domain.values) {
          const bool above = min < value || (bounds.min_inclusive && min == value);
          const bool below = !max || value < *max || (bounds.max_inclusive && value == *max);
          contains.push_back(above && below);
        }
        cases.push_back({Make(domain.field, bounds), contains});
      }
    }
  }
  return cases;
}

TEST(Range, ContainsWhatItsBoundsSay) {
  for (const Domain& domain : Domains()) {
    for (const Case& each : CasesOf(domain)) {
      for (size_t i = 0; i < domain.values.size(); ++i) {
        EXPECT_EQ(each.range.Contains(domain.values[i]), each.contains[i])
            << each.range.ToString() << " and " << FormatKeyValue(domain.values[i]);
        if (each.contains[i]) {
          EXPECT_FALSE(each.range.empty()) << each.range.ToString();
        }
      }
    }
  }
}

TEST(Range, OverlapsWhereASharedValueIs) {
  for (const Domain& domain : Domains()) {
    const std::vector<Case> cases = CasesOf(domain);
    for (const Case& a : cases) {
      for (const Case& b : cases) {
        bool shared = false;
        for (size_t i = 0; i < domain.values.size(); ++i) shared = shared || (a.contains[i] && b.contains[i]);
        if (shared) {
          ASSERT_TRUE(a.range.Overlaps(b.range)) << a.range.ToString() << " and " << b.range.ToString();
        }
        ASSERT_EQ(a.range.Overlaps(b.range), b.range.Overlaps(a.range));
        if (a.range == b.range) {
          ASSERT_EQ(a.contains, b.contains);
        }
      }
    }
  }
}

TEST(Range, ShowsItself) {
  EXPECT_EQ(ValueOf(Range::Exact(kInt, 5)).ToString(), "i=5");
  EXPECT_EQ(HalfOpen(kInt, 5, 7).ToString(), "i=[5,7)");
  EXPECT_EQ(Make(kInt, {.min = kMin}).ToString(), "i=[,)");
}

}  // namespace
}  // namespace sleeper::model
