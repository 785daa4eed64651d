#include "sleeper/model/key_interval.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sleeper::model {

static void PrintTo(const KeyInterval& interval, std::ostream* out) {
  *out << "[" << interval.lower << "," << interval.upper.value_or("…") << ")";
}

namespace {

/// Every interval whose bounds are among these keys, and every key: enough to try all cases.
const std::vector<std::string> kKeys = {"", "a", "b", "c", "d"};

std::vector<KeyInterval> AllIntervals() {
  std::vector<KeyInterval> intervals;
  for (const std::string& lower : kKeys) {
    intervals.push_back({lower, std::nullopt});
    for (const std::string& upper : kKeys) intervals.push_back({lower, upper});
  }
  return intervals;
}

std::vector<std::string> KeysIn(const KeyInterval& interval) {
  std::vector<std::string> keys;
  for (const std::string& key : kKeys) {
    if (interval.Contains(key)) keys.push_back(key);
  }
  return keys;
}

TEST(KeyInterval, AgreesWithTheKeysInside) {
  for (const KeyInterval& a : AllIntervals()) {
    EXPECT_EQ(a.empty(), KeysIn(a).empty()) << testing::PrintToString(a);
    for (const KeyInterval& b : AllIntervals()) {
      SCOPED_TRACE(testing::PrintToString(a) + " and " + testing::PrintToString(b));
      std::vector<std::string> both;
      bool contains = true;
      for (const std::string& key : KeysIn(b)) {
        if (a.Contains(key)) both.push_back(key);
        contains = contains && a.Contains(key);
      }
      EXPECT_EQ(a.Overlaps(b), !both.empty());
      const std::optional<KeyInterval> shared = a.Intersect(b);
      ASSERT_EQ(shared.has_value(), !both.empty());
      if (shared) {
        EXPECT_EQ(KeysIn(*shared), both);
      }
      // No bound is beyond the last of the keys, so it makes a difference that they do not show.
      const bool beyond = !b.empty() && !b.upper && a.upper;
      EXPECT_EQ(a.Contains(b), contains && !beyond);
    }
  }
}

TEST(KeyInterval, OfEverythingContainsEverything) {
  EXPECT_TRUE(KeyInterval::All().Contains(""));
  EXPECT_TRUE(KeyInterval::All().Contains("\xFF\xFF"));
  EXPECT_TRUE(KeyInterval::All().Contains(KeyInterval::All()));
  EXPECT_FALSE((KeyInterval{"a", std::nullopt}).Contains(KeyInterval::All()));
}

TEST(KeyBounds, IncludeBothEnds) {
  const KeyBounds bounds{"b", "c"};
  EXPECT_TRUE(bounds.Overlaps({"c", "d"}));
  EXPECT_FALSE(bounds.Overlaps({"a", "b"}));
  EXPECT_TRUE(bounds.Overlaps({"a", "bb"}));
  EXPECT_FALSE(bounds.Overlaps({"cc", std::nullopt}));
  EXPECT_FALSE(bounds.Overlaps({"bb", "bb"}));
  EXPECT_TRUE(bounds.IsWithin({"b", "cc"}));
  EXPECT_FALSE(bounds.IsWithin({"b", "c"}));
  EXPECT_FALSE(bounds.IsWithin({"bb", std::nullopt}));
  EXPECT_TRUE(bounds.IsWithin(KeyInterval::All()));
}

}  // namespace
}  // namespace sleeper::model
