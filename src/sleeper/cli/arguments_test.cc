#include "sleeper/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Command kCopy = {.path = "copy",
                       .positionals = {{"TABLE"}, {"PATH", ValueKind::kFile, "", true, true}},
                       .options = {{"key", ValueKind::kText, "F=V", "", true},
                                   {"null-value", ValueKind::kText, "TEXT", "", true},
                                   {"limit", ValueKind::kText, "N"},
                                   {"kind", ValueKind::kChoice, "KIND", "", false, {"big", "small"}},
                                   {"all"}}};

Result<Arguments> Parse(const std::vector<std::string>& words) { return ParseArguments(kCopy, GlobalOptions(), words); }

std::vector<std::string> Values(std::string_view name, const std::vector<std::string>& words) {
  const auto arguments = Parse(words);
  EXPECT_TRUE(arguments.ok()) << arguments.status().ToString();
  return arguments.ok() ? arguments->Texts(name) : std::vector<std::string>();
}

std::string Fault(const std::vector<std::string>& words) {
  const Status status = Parse(words).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid)) << status.ToString();
  return status.message() + " | " + HintOf(status);
}

TEST(Arguments, ValuesStandBehindABlankOrAnEqualsSign) {
  EXPECT_THAT(Values("limit", {"t", "p", "--limit", "5"}), ElementsAre("5"));
  EXPECT_THAT(Values("limit", {"t", "p", "--limit=5"}), ElementsAre("5"));
}

TEST(Arguments, OnlyTheFirstEqualsSignSeparates) {
  EXPECT_THAT(Values("key", {"t", "p", "--key=a=b=c", "--key", "d=e=f"}), ElementsAre("a=b=c", "d=e=f"));
}

TEST(Arguments, AnEmptyValueIsAValue) {
  EXPECT_THAT(Values("null-value", {"t", "--null-value=", "p"}), ElementsAre(""));
  EXPECT_THAT(Values("null-value", {"t", "--null-value", "", "p"}), ElementsAre(""));
  EXPECT_THAT(Values("PATH", {"t", "--null-value=", "p", "q"}), ElementsAre("p", "q"));
}

TEST(Arguments, BracketsAndCommasStayWhatTheyAre) {
  EXPECT_THAT(Values("key", {"t", "p", "--key", "[a,b]", "--key=[0-9]", "--key", "a,b"}),
              ElementsAre("[a,b]", "[0-9]", "a,b"));
  EXPECT_THAT(Values("PATH", {"t", "[0-9]", "[a,b]", "{}", "%%"}), ElementsAre("[0-9]", "[a,b]", "{}", "%%"));
}

TEST(Arguments, JsonStaysWhatItIs) {
  const std::string json = R"({"k":{"min":"a\"b","max":null},"list":[1,2]})";
  EXPECT_THAT(Values("key", {"t", "p", "--key", json, "--key=" + json}), ElementsAre(json, json));
}

TEST(Arguments, BlanksAndQuotesStayWhatTheyAre) {
  EXPECT_THAT(Values("key", {"t", "p", "--key", " x ", "--key", "\"y\"", "--key", "'z'", "--key", "a\nb"}),
              ElementsAre(" x ", "\"y\"", "'z'", "a\nb"));
}

TEST(Arguments, AValueMayBeginWithADash) {
  EXPECT_THAT(Values("key", {"t", "p", "--key", "n=-5", "--key", "-5", "--key", "--all", "--key=-"}),
              ElementsAre("n=-5", "-5", "--all", "-"));
}

TEST(Arguments, ANegativeNumberIsNoOption) { EXPECT_THAT(Values("PATH", {"t", "-5"}), ElementsAre("-5")); }

TEST(Arguments, ADashAloneIsAPositional) { EXPECT_THAT(Values("PATH", {"t", "-"}), ElementsAre("-")); }

TEST(Arguments, BehindTwoDashesEverythingIsPositional) {
  EXPECT_THAT(Values("PATH", {"--limit", "1", "--", "t", "--limit=", "-x"}), ElementsAre("--limit=", "-x"));
}

TEST(Arguments, PositionalsMayBeNamedLikeCommands) {
  EXPECT_THAT(Values("TABLE", {"status", "query"}), ElementsAre("status"));
}

TEST(Arguments, OptionsMayStandAnywhere) {
  EXPECT_THAT(Values("PATH", {"--all", "t", "--format", "json", "p", "--quiet", "q"}), ElementsAre("p", "q"));
}

TEST(Arguments, AnUnknownOptionIsRefusedWithTheNearestOne) {
  EXPECT_THAT(Fault({"t", "p", "--limt", "5"}), HasSubstr("unknown option '--limt' | did you mean --limit?"));
  EXPECT_THAT(Fault({"t", "p", "-x"}), HasSubstr("unknown option '-x'"));
}

TEST(Arguments, AnOptionWithoutItsValueIsRefused) { EXPECT_THAT(Fault({"t", "p", "--limit"}), HasSubstr("--limit")); }

TEST(Arguments, AFlagWithAValueIsRefused) {
  EXPECT_THAT(Fault({"t", "p", "--all=maybe"}), HasSubstr("all"));
  EXPECT_THAT(Fault({"t", "p", "--all="}), HasSubstr("--all takes no value"));
}

TEST(Arguments, WhatDoesNotRepeatIsRefusedTheSecondTime) {
  EXPECT_THAT(Fault({"t", "p", "--limit", "5", "--limit", "6"}), HasSubstr("--limit may be given only once"));
}

TEST(Arguments, AChoiceIsOneOfTheChoices) {
  EXPECT_THAT(Values("kind", {"t", "p", "--kind", "small"}), ElementsAre("small"));
  EXPECT_THAT(Fault({"t", "p", "--kind", "huge"}), HasSubstr("there is no 'huge' | one of big, small"));
}

TEST(Arguments, AMissingPositionalIsNamed) { EXPECT_THAT(Fault({"t"}), HasSubstr("copy: PATH is missing")); }

TEST(Arguments, HelpNeedsNoPositionals) {
  EXPECT_TRUE(Parse({"--help"}).ok());
  EXPECT_TRUE(Parse({"-h"}).ok());
  EXPECT_FALSE(Values("null-value", {"t", "p", "--null-value", "-h"}).empty());
}

TEST(Arguments, NothingIsGluedToTheShortFormOfHelp) {
  EXPECT_TRUE(Parse({"t", "p", "--limit", "5", "-h"})->Has("help"));
  EXPECT_THAT(Fault({"t", "p", "-h--limit"}), HasSubstr("unknown option '-h--limit'"));
  EXPECT_THAT(Fault({"t", "p", "-hx"}), HasSubstr("unknown option '-hx'"));
}

TEST(Arguments, AWordTooManyIsRefused) {
  const Command one = {.path = "one", .positionals = {{"TABLE"}}};
  const std::vector<std::string> words = {"t", "u"};
  const Status status = ParseArguments(one, GlobalOptions(), words).status();
  EXPECT_THAT(status.message(), HasSubstr("one: unexpected argument 'u'"));
}

TEST(Arguments, ACountIsAWholeNumberFromZeroOn) {
  for (const std::string text : {"-1", "1.5", "", "x", "5 ", "99999999999999999999"}) {
    const auto arguments = Parse({"t", "p", "--limit=" + text});
    ASSERT_TRUE(arguments.ok()) << text;
    EXPECT_TRUE(IsKind(arguments->Count("limit").status(), ErrorKind::kInvalid)) << "'" << text << "'";
  }
  EXPECT_EQ(*Parse({"t", "p", "--limit", "0"})->Count("limit"), std::optional<int64_t>(0));
  EXPECT_EQ(*Parse({"t", "p"})->Count("limit"), std::nullopt);
}

}  // namespace
}  // namespace sleeper::cli
