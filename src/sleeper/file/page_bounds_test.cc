#include "sleeper/file/page_bounds.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper::file {
namespace {

using testing::Pair;

constexpr BoundShape kWhole{.bytes_max = 1000};

PageRows TextRows(const std::vector<std::optional<std::string>>& values) {
  PageRows rows({.type = PhysicalType::kByteArray, .max_definition = 1});
  for (const std::optional<std::string>& value : values) {
    const std::string text = value.value_or("");
    rows.valid.Append(std::vector<uint8_t>{static_cast<uint8_t>(value ? 1 : 0)});
    rows.sizes.Append(std::vector<int32_t>{static_cast<int32_t>(text.size())});
    rows.bytes.Append({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  rows.rows = rows.slots = static_cast<int64_t>(values.size());
  return rows;
}

template <typename T>
PageRows FixedRows(PhysicalType type, const std::vector<T>& values) {
  PageRows rows({.type = type});
  rows.fixed.Append({reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)});
  rows.rows = rows.slots = static_cast<int64_t>(values.size());
  return rows;
}

template <typename T>
std::pair<T, T> ValuesOf(const PageBounds& bounds) {
  std::pair<T, T> values;
  EXPECT_EQ(bounds.min.value.size(), sizeof(T));
  std::memcpy(&values.first, bounds.min.value.data(), sizeof(T));
  std::memcpy(&values.second, bounds.max.value.data(), sizeof(T));
  return values;
}

std::pair<std::string, std::string> TextsOf(const PageBounds& bounds) { return {bounds.min.value, bounds.max.value}; }

std::string Down(const std::string& value, size_t bytes_max, bool is_text = true) {
  const Bound bound = CutDown(Bound{value}, {.bytes_max = bytes_max, .is_text = is_text});
  EXPECT_EQ(bound.exact, bound.value == value);
  return bound.value;
}

std::optional<std::string> Up(const std::string& value, size_t bytes_max, bool is_text = true) {
  const std::optional<Bound> bound = CutUp(Bound{value}, {.bytes_max = bytes_max, .is_text = is_text});
  if (!bound) return std::nullopt;
  EXPECT_EQ(bound->exact, bound->value == value);
  return bound->value;
}

TEST(PageBoundsTest, NullsAreLeftOut) {
  EXPECT_THAT(TextsOf(*BoundsOf(TextRows({std::nullopt, "b", std::nullopt, "a", "c", std::nullopt}), false, kWhole)),
              Pair("a", "c"));
  PageRows rows = FixedRows<int32_t>(PhysicalType::kInt32, {-100, 3, 100, 2});
  rows.shape.max_definition = 1;
  rows.valid.Append(std::vector<uint8_t>{0, 1, 0, 1});
  EXPECT_THAT(ValuesOf<int32_t>(*BoundsOf(rows, false, kWhole)), Pair(2, 3));
}

TEST(PageBoundsTest, IntegersAreSignedAndBytesAreNot) {
  EXPECT_THAT(ValuesOf<int64_t>(*BoundsOf(FixedRows<int64_t>(PhysicalType::kInt64, {1, -1, 0}), false, kWhole)),
              Pair(-1, 1));
  EXPECT_THAT(TextsOf(*BoundsOf(TextRows({"\xFF", "a", "aa", ""}), false, kWhole)), Pair("", "\xFF"));
}

TEST(PageBoundsTest, ValuesThatShareTheirFirstBytesAreToldApart) {
  const std::string zero("\0", 1);
  EXPECT_THAT(TextsOf(*BoundsOf(TextRows({"12345678b", "12345678", "12345678a"}), false, kWhole)),
              Pair("12345678", "12345678b"));
  EXPECT_THAT(TextsOf(*BoundsOf(TextRows({"a" + zero, "a", "a" + zero + zero}), false, kWhole)),
              Pair("a", "a" + zero + zero));
}

TEST(PageBoundsTest, ByRandomTextsTheyAreTheLeastAndTheGreatest) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<std::optional<std::string>> values;
    std::vector<std::string> texts;
    // They are looked at in blocks.
    const uint64_t count = 1 + random.Below(seed % 4 == 0 ? 300 : 20);
    const bool nullable = seed % 2 == 0;
    for (uint64_t i = 0; i < count; ++i) {
      if (nullable && random.Below(3) == 0) values.emplace_back(std::nullopt);
      std::string text(random.Below(12), 'a');
      for (char& byte : text) byte = static_cast<char>("ab\0\xFF"[random.Below(4)]);
      texts.push_back(text);
      values.emplace_back(text);
    }
    const auto [min, max] = std::ranges::minmax_element(texts);
    EXPECT_THAT(TextsOf(*BoundsOf(TextRows(values), false, kWhole)), Pair(*min, *max));
  }
}

TEST(PageBoundsTest, FloatsThatAreNoNumbersHaveNoBounds) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ValuesOf<double>(*BoundsOf(FixedRows<double>(PhysicalType::kDouble, {2, -1.5}), false, kWhole)),
              Pair(-1.5, 2));
  EXPECT_EQ(BoundsOf(FixedRows<double>(PhysicalType::kDouble, {1, nan, 2}), false, kWhole), std::nullopt);
  EXPECT_EQ(BoundsOf(FixedRows<double>(PhysicalType::kDouble, {nan}), false, kWhole), std::nullopt);
  PageRows null = FixedRows<double>(PhysicalType::kDouble, {nan, 1});
  null.shape.max_definition = 1;
  null.valid.Append(std::vector<uint8_t>{0, 1});
  EXPECT_THAT(ValuesOf<double>(*BoundsOf(null, false, kWhole)), Pair(1, 1));
}

TEST(PageBoundsTest, BothZerosAreWithinTheBoundsOfOne) {
  for (const float zero : {0.0F, -0.0F}) {
    const auto [min, max] = ValuesOf<float>(*BoundsOf(FixedRows<float>(PhysicalType::kFloat, {zero}), false, kWhole));
    EXPECT_TRUE(std::signbit(min));
    EXPECT_FALSE(std::signbit(max));
  }
}

TEST(PageBoundsTest, TextsAreCutAtCharacters) {
  EXPECT_EQ(Down("abc", 3), "abc");
  EXPECT_EQ(Down("abcd", 3), "abc");
  EXPECT_EQ(Up("abc", 3), "abc");
  EXPECT_EQ(Up("abcd", 3), "abd");
  // Two bytes: U+00E9, then U+00EA.
  EXPECT_EQ(Down("a\xC3\xA9x", 2), "a");
  EXPECT_EQ(Up("a\xC3\xA9x", 2), "b");
  EXPECT_EQ(Up("a\xC3\xA9x", 3), "a\xC3\xAA");
  // The last ones of one, two, three and four bytes; and over the surrogates.
  EXPECT_EQ(Up("a\x7Fx", 2), "b");
  EXPECT_EQ(Up("a\xDF\xBFx", 3), "b");
  EXPECT_EQ(Up("a\xEF\xBF\xBFx", 4), "b");
  EXPECT_EQ(Up("a\xED\x9F\xBFx", 4), "a\xEE\x80\x80");
  EXPECT_EQ(Up("a\xF4\x8F\xBF\xBFx", 5), "b");
  EXPECT_EQ(Up("a\xF0\x9F\x98\x80x", 5), "a\xF0\x9F\x98\x81");
}

TEST(PageBoundsTest, WhatHasNothingAboveItAtItsLengthStaysWhole) {
  EXPECT_EQ(Up("\xF4\x8F\xBF\xBFx", 4), "\xF4\x8F\xBF\xBFx");
  EXPECT_EQ(Up("\xFF\xFFx", 2, false), "\xFF\xFFx");
  EXPECT_EQ(Up("\xC3\xA9", 1), "\xC3\xA9");
  EXPECT_EQ(Down("\xC3\xA9", 1), "");
}

TEST(PageBoundsTest, WhatWasCutBeforeIsNoValueThoughItStaysWhole) {
  const BoundShape shape{.bytes_max = 2};
  EXPECT_FALSE(CutUp({.value = "a", .exact = false}, shape)->exact);
  EXPECT_FALSE(CutUp({.value = "\xFF\xFF\x01", .exact = false}, shape)->exact);
  EXPECT_TRUE(CutUp({.value = "\xFF\xFF\x01", .exact = true}, shape)->exact);
}

TEST(PageBoundsTest, WhatIsTooLongAndCannotBeCutHasNoUpperBound) {
  const std::string longest(kBoundBytesMax, '\xFF');
  EXPECT_EQ(Up(longest, 2, false), longest);
  EXPECT_EQ(Up(longest + "x", 2, false), std::nullopt);
  EXPECT_EQ(BoundsOf(TextRows({longest + "x"}), false, {.bytes_max = 2}), std::nullopt);
}

TEST(PageBoundsTest, BytesAreCutAnywhere) {
  EXPECT_EQ(Down("\xC3\xA9", 1, false), "\xC3");
  EXPECT_EQ(Up("\xC3\xA9", 1, false), "\xC4");
  EXPECT_EQ(Up("a\xFF\xFFx", 3, false), "b");
}

TEST(PageBoundsTest, CutBoundsAreWidenedByThoseThatGoBeyondThem) {
  const BoundShape shape{.bytes_max = 3, .is_text = true};
  PageBounds bounds = *BoundsOf(TextRows({"bbbb"}), false, shape);
  EXPECT_THAT(TextsOf(bounds), Pair("bbb", "bbc"));
  Widen(bounds, *BoundsOf(TextRows({"bbb"}), false, shape), PhysicalType::kByteArray);
  EXPECT_THAT(TextsOf(bounds), Pair("bbb", "bbc"));
  Widen(bounds, *BoundsOf(TextRows({"a", "c"}), false, shape), PhysicalType::kByteArray);
  EXPECT_THAT(TextsOf(bounds), Pair("a", "c"));
  EXPECT_TRUE(bounds.min.exact && bounds.max.exact);
}

}  // namespace
}  // namespace sleeper::file
