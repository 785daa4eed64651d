#include "sleeper/file/scan_plan.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/file/key_pages.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

model::NormalisedKey Key(const std::string& text) { return model::EncodeKey(model::KeyTuple{text}); }

model::KeyInterval Between(const std::string& lower, const std::string& upper) { return {Key(lower), Key(upper)}; }

/// Pages of ten rows: a–c, c–e, e–g, g–i.
RowGroupIndex FourPages() {
  const KeyColumnPages column{.type = model::TypeKind::kString,
                              .first_rows = {0, 10, 20, 30},
                              .min_values = {"a", "c", "e", "g"},
                              .max_values = {"c", "e", "g", "i"}};
  return {.rows = 40, .key_pages = ValueOf(KeyPagesOf({&column, 1}, 40))};
}

std::vector<Stretch> Plan(const std::vector<model::KeyInterval>& intervals) {
  return PlanStretches(FourPages(), intervals);
}

TEST(PlanStretches, TakesPagesThatMayHoldKeysOfTheInterval) {
  EXPECT_THAT(Plan({model::KeyInterval::All()}), ElementsAre(Stretch{0, 40, true}));
  EXPECT_THAT(Plan({Between("d", "d2")}), ElementsAre(Stretch{10, 20, false}));
  EXPECT_THAT(Plan({Between("c", "c2")}), ElementsAre(Stretch{0, 20, false}));
  EXPECT_THAT(Plan({Between("A", "B")}), IsEmpty());
  EXPECT_THAT(Plan({Between("x", "y")}), IsEmpty());
  EXPECT_THAT(Plan({}), IsEmpty());
}

TEST(PlanStretches, TellsWhereEveryRowIsWanted) {
  EXPECT_THAT(Plan({Between("b", "h")}),
              ElementsAre(Stretch{0, 10, false}, Stretch{10, 30, true}, Stretch{30, 40, false}));
  EXPECT_THAT(Plan({{Key("c"), std::nullopt}}), ElementsAre(Stretch{0, 10, false}, Stretch{10, 40, true}));
}

TEST(PlanStretches, TakesAPageOfSeveralIntervalsOnce) {
  EXPECT_THAT(Plan({Between("a", "b"), Between("b5", "b6"), Between("h", "z")}),
              ElementsAre(Stretch{0, 10, false}, Stretch{30, 40, false}));
}

TEST(PlanStretches, TakesAllRowsWhereNothingIsKnownOfTheKeys) {
  const KeyColumnPages column{.type = model::TypeKind::kString, .first_rows = {0, 10}};
  const RowGroupIndex row_group{.rows = 20, .key_pages = ValueOf(KeyPagesOf({&column, 1}, 20))};
  const std::vector<model::KeyInterval> intervals = {Between("d", "e")};
  EXPECT_THAT(PlanStretches(row_group, intervals), ElementsAre(Stretch{0, 20, false}));
}

TEST(PlanPages, TakesThePagesThatHoldTheRowsEachOnce) {
  const LeafIndex leaf{
      .codec = Codec::kZstd, .pages = {{100, 7, 0}, {107, 8, 15}, {115, 9, 30}}, .dictionary = {90, 10}};
  const auto rows = [&](const std::vector<Stretch>& stretches) {
    std::vector<std::pair<int64_t, int64_t>> taken;
    for (const auto& page : PlanPages(leaf, 40, stretches).pages) taken.emplace_back(page.first_row, page.rows);
    return taken;
  };
  using Rows = std::pair<int64_t, int64_t>;
  EXPECT_THAT(rows({{0, 40}}), ElementsAre(Rows{0, 15}, Rows{15, 15}, Rows{30, 10}));
  EXPECT_THAT(rows({{16, 17}, {18, 20}}), ElementsAre(Rows{15, 15}));
  EXPECT_THAT(rows({{14, 15}, {39, 40}}), ElementsAre(Rows{0, 15}, Rows{30, 10}));
  EXPECT_THAT(rows({}), IsEmpty());
  EXPECT_EQ(PlanPages(leaf, 40, std::vector<Stretch>{{16, 17}}).bytes(), 8 + 10);
  EXPECT_EQ(PlanPages(leaf, 40, {}).bytes(), 0);
}

TEST(KeyPages, NarrowABoundByTheNextFieldWhereAPageHoldsOneValue) {
  const std::string one("\1\0\0\0", 4), five("\5\0\0\0", 4), nine("\11\0\0\0", 4);
  const std::vector<KeyColumnPages> columns = {
      {.type = model::TypeKind::kString, .first_rows = {0, 10}, .min_values = {"a", "a"}, .max_values = {"a", "b"}},
      // Its pages end elsewhere.
      {.type = model::TypeKind::kInt, .first_rows = {0, 6}, .min_values = {one, five}, .max_values = {five, nine}}};
  const std::vector<KeyPage> pages = ValueOf(KeyPagesOf(columns, 20));
  ASSERT_EQ(pages.size(), 2);
  EXPECT_EQ(pages[0].lower, model::EncodeKey(model::KeyTuple{std::string("a"), 1}));
  EXPECT_EQ(pages[0].last_prefix, model::EncodeKey(model::KeyTuple{std::string("a"), 9}));
  // Not below the page before, although the second field is not known here.
  EXPECT_EQ(pages[1].lower, pages[0].lower);
  EXPECT_EQ(pages[1].last_prefix, Key("b"));
}

TEST(KeyPages, AValueOfTheWrongLengthIsCorrupt) {
  const KeyColumnPages column{
      .type = model::TypeKind::kLong, .first_rows = {0}, .min_values = {"1234"}, .max_values = {"5678"}};
  EXPECT_THAT(KeyPagesOf({&column, 1}, 5).status(), Fails(ErrorKind::kCorrupt, HasSubstr("4 bytes")));
}

}  // namespace
}  // namespace sleeper::file
