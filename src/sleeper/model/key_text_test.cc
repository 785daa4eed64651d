#include "sleeper/model/key_text.h"

#include <limits>
#include <optional>
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
using testing::ElementsAre;
using testing::HasSubstr;

const Schema& Flights() {
  static const Schema schema = ValueOf(
      Schema::Make({.row_keys = {{"origin", TypeKind::kString}, {"day", TypeKind::kDate}, {"number", TypeKind::kInt}},
                    .values = {{"delay", TypeKind::kLong}}}));
  return schema;
}

std::string Key(std::string_view text) { return ValueOf(ParseKeyText(Flights(), text)).ToString(); }
Status KeyFault(std::string_view text) { return ParseKeyText(Flights(), text).status(); }

Range Ranged(std::string_view text) { return ValueOf(ParseRangeText(Flights(), text)); }
Status RangeFault(std::string_view text) { return ParseRangeText(Flights(), text).status(); }

Range Texts(std::string min, std::optional<KeyValue> max) {
  return ValueOf(Range::Make(Flights().field(0), {.min = std::move(min), .max = std::move(max)}));
}

/// What the regions say, in their order.
std::vector<std::string> Regions(std::vector<std::string> keys, std::vector<std::string> ranges) {
  std::vector<std::string> texts;
  for (const Region& region : ValueOf(RegionsFromText(Flights(), keys, ranges))) texts.push_back(region.ToString());
  return texts;
}

TEST(KeyText, SeparatesAtTheFirstEqualsSignOnly) {
  EXPECT_EQ(Key("origin=SEA"), "origin=SEA");
  EXPECT_EQ(Key("origin=a=b, [c)"), "origin=a=b, [c)");
  EXPECT_EQ(Key("origin="), "origin=");
  EXPECT_EQ(Key("day=2001-01-31"), "day=2001-01-31");
  EXPECT_EQ(Key("number=-5"), "number=-5");
}

TEST(KeyText, NamesWhatIsWrong) {
  EXPECT_THAT(KeyFault("origin"), Fails(ErrorKind::kInvalid, "there is no '=' between field and value: 'origin'"));
  EXPECT_THAT(KeyFault("delay=5"), Fails(ErrorKind::kInvalid, "'delay' is not a row key field of the table"));
  EXPECT_EQ(HintOf(KeyFault("delay=5")), "the row key fields are: origin, day, number");
  EXPECT_THAT(KeyFault("number=five"), Fails(ErrorKind::kInvalid, "field 'number': not a decimal integer: 'five'"));
}

TEST(RangeText, ReadsAllBrackets) {
  EXPECT_EQ(Ranged("number=[5,9)").ToString(), "number=[5,9)");
  EXPECT_EQ(Ranged("number=(5,9)").ToString(), "number=[6,9)");
  EXPECT_EQ(Ranged("number=[5,9]").ToString(), "number=[5,10)");
  EXPECT_EQ(Ranged("number=(5,9]").ToString(), "number=[6,10)");
  EXPECT_EQ(Ranged("number=[ 5, 9 )").ToString(), "number=[5,9)");
  EXPECT_EQ(Ranged("day=[2001-01-01,2001-02-01)").ToString(), "day=[2001-01-01,2001-02-01)");
}

TEST(RangeText, LeavesAnEmptySideOpen) {
  EXPECT_EQ(Ranged("number=(,9)").ToString(), "number=[,9)");
  EXPECT_EQ(Ranged("number=[5,]").ToString(), "number=[5,)");
  EXPECT_EQ(Ranged("number=(,)").ToString(), "number=[,)");
  EXPECT_TRUE(Ranged("number=(,)").Contains(std::numeric_limits<int32_t>::min()));
  EXPECT_TRUE(Ranged("origin=(,)").Contains(""s));
}

TEST(RangeText, KeepsSpacesAndBracketsInStrings) {
  EXPECT_EQ(Ranged("origin=[ a,b )"), Texts(" a", "b "s));
  EXPECT_EQ(Ranged("origin=[(x),[y])"), Texts("(x)", "[y]"s));
  EXPECT_EQ(Ranged("origin=[a=1,a=2)"), Texts("a=1", "a=2"s));
}

TEST(RangeText, FindsTheOnlyCommaThatCanSeparateStrings) {
  // "Smith" is above "J,Smith, K" and "Smith, J,Smith" is above " K": only the middle one makes a range.
  EXPECT_EQ(Ranged("origin=[Smith, J,Smith, K)"), Texts("Smith, J", "Smith, K"s));
  const Status ambiguous = RangeFault("origin=[a,b,c)");
  EXPECT_THAT(ambiguous,
              Fails(ErrorKind::kInvalid, "field 'origin': more than one comma could separate the bounds: 'a,b,c'"));
  EXPECT_THAT(HintOf(ambiguous), HasSubstr("--region"));
  EXPECT_THAT(RangeFault("origin=[a,b,)"), Fails(ErrorKind::kInvalid, HasSubstr("more than one comma")));
  EXPECT_THAT(RangeFault("origin=[z,b,a)"), Fails(ErrorKind::kInvalid, HasSubstr("no comma separates a minimum")));
  EXPECT_THAT(RangeFault("number=[1,2,3)"), Fails(ErrorKind::kInvalid, HasSubstr("a range has one comma")));
}

TEST(RangeText, TakesTheSameCommaAsTryingEach) {
  // All texts of up to seven of these letters.
  const std::string_view letters = "ab,";
  for (int length = 0; length <= 7; ++length) {
    std::vector<std::string> texts = {""};
    for (int i = 0; i < length; ++i) {
      std::vector<std::string> longer;
      for (const std::string& text : texts) {
        for (const char letter : letters) longer.push_back(text + letter);
      }
      texts = std::move(longer);
    }
    for (const std::string& text : texts) {
      int fitting = 0;
      for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', comma + 1)) {
        const std::string max = text.substr(comma + 1);
        if (max.empty() || text.substr(0, comma) <= max) ++fitting;
      }
      EXPECT_EQ(ParseRangeText(Flights(), "origin=[" + text + "]").ok(), fitting == 1) << text;
    }
  }
}

TEST(RangeText, AnswersSoonHoweverManyCommasThereAre) {
  // Every comma has the greater text before it. Making the bounds that each would separate would copy 5 GB.
  std::string commas = "c";
  for (int i = 0; i < 50'000; ++i) commas += ",b";
  EXPECT_THAT(RangeFault("origin=[" + commas + ",a)"), Fails(ErrorKind::kInvalid, HasSubstr("no comma separates")));
  EXPECT_THAT(RangeFault("origin=[" + commas + ",\xff)"), Fails(ErrorKind::kInvalid, HasSubstr("UTF-8")));
}

TEST(RangeText, RefusesOtherForms) {
  for (const char* text :
       {"number=5", "number=", "number=[", "number=[5", "number=5,6)", "number={5,6}", "number=[5,6) "}) {
    EXPECT_THAT(RangeFault(text), Fails(ErrorKind::kInvalid, HasSubstr("a range is written like [A,B)"))) << text;
  }
  EXPECT_THAT(RangeFault("number=[5)"), Fails(ErrorKind::kInvalid, HasSubstr("no comma")));
  EXPECT_THAT(RangeFault("number=[9,5)"), Fails(ErrorKind::kInvalid, HasSubstr("inverted")));
  EXPECT_THAT(RangeFault("number=[a,b)"), Fails(ErrorKind::kInvalid, "field 'number': not a decimal integer: 'a'"));
  EXPECT_THAT(RangeFault("delay=[1,2)"), Fails(ErrorKind::kInvalid, HasSubstr("not a row key field")));
}

TEST(RegionsFromText, AreEverythingWhenNothingIsAsked) { EXPECT_THAT(Regions({}, {}), ElementsAre("everything")); }

TEST(RegionsFromText, TakesValuesOfAFieldAsAlternativesAndFieldsTogether) {
  EXPECT_THAT(Regions({"origin=SEA", "day=2001-01-31", "origin=SFO", "origin=SEA"}, {}),
              ElementsAre("origin=SEA and day=2001-01-31", "origin=SFO and day=2001-01-31"));
}

TEST(RegionsFromText, MakesOneRegionOfAllRanges) {
  EXPECT_THAT(Regions({}, {"number=[1,5)", "origin=[A,B)"}), ElementsAre("origin=[A,B) and number=[1,5)"));
}

TEST(RegionsFromText, RestrictsEveryKeyByTheRanges) {
  EXPECT_THAT(Regions({"origin=SEA", "origin=SFO"}, {"number=[1,5)"}),
              ElementsAre("origin=SEA and number=[1,5)", "origin=SFO and number=[1,5)"));
  EXPECT_THAT(Regions({"origin=SEA", "origin=SFO"}, {"origin=[SF,T)"}), ElementsAre("origin=SFO"));
  EXPECT_THAT(Regions({"origin=SEA"}, {"origin=[T,U)"}), ElementsAre());
}

TEST(RegionsFromText, ReportsAllFaultsAtOnce) {
  const std::vector<std::string> keys = {"origin", "number=x"};
  const std::vector<std::string> ranges = {"day=[x,)", "number=[1,2)", "number=[3,4)"};
  EXPECT_THAT(RegionsFromText(Flights(), keys, ranges).status(),
              Fails(ErrorKind::kInvalid,
                    AllOf(HasSubstr("4 faults"), HasSubstr("no '='"), HasSubstr("not a decimal integer: 'x'"),
                          HasSubstr("not a date"), HasSubstr("more than one range for field 'number'"))));
}

TEST(RegionsFromText, RefusesProductsBeyondItsBound) {
  std::vector<std::string> keys;
  for (int i = 0; i < 320; ++i) {
    keys.push_back("origin=" + std::to_string(i));
    keys.push_back("number=" + std::to_string(i));
  }
  EXPECT_THAT(RegionsFromText(Flights(), keys, {}).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("more keys than 100000")));
}

TEST(KeyLine, SeparatesValuesByTabs) {
  EXPECT_EQ(ValueOf(ParseKeyLine(Flights(), "SEA\t2001-01-31\t5")), (KeyTuple{"SEA"s, Date{11'353}, 5}));
  EXPECT_EQ(ValueOf(ParseKeyLine(Flights(), "S E,A")), (KeyTuple{"S E,A"s}));
  EXPECT_EQ(ValueOf(ParseKeyLine(Flights(), "\t2001-01-31")), (KeyTuple{""s, Date{11'353}}));
  EXPECT_THAT(ParseKeyLine(Flights(), "SEA\tx").status(),
              Fails(ErrorKind::kInvalid, "field 'day': not a date like 2001-01-31: 'x'"));
  EXPECT_THAT(ParseKeyLine(Flights(), "SEA\t2001-01-31\t5\t").status(),
              Fails(ErrorKind::kInvalid, HasSubstr("more values than the 3 row key fields")));
}

TEST(KeyLine, IsTheValueOfASingleStringKey) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString});
  EXPECT_EQ(ValueOf(ParseKeyLine(schema, "a\tb")), (KeyTuple{"a\tb"s}));
  EXPECT_EQ(ValueOf(ParseKeyLine(schema, "")), (KeyTuple{""s}));
}

}  // namespace
}  // namespace sleeper::model
