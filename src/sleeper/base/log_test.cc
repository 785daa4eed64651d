#include "sleeper/base/log.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/strong_id.h"

namespace sleeper {
namespace {

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { SetLogThreshold(LogLevel::kSilent); }

  template <typename Write>
  std::string Written(const Write& write) {
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, SaysNothingUnlessAMainAsksForIt) {
  EXPECT_EQ(Written([] { Log(LogLevel::kError, "lost"); }), "");
  EXPECT_FALSE(LogEnabled(LogLevel::kError));
}

TEST_F(LogTest, ALineHasTimeLevelMessageAndFields) {
  SetLogThreshold(LogLevel::kInfo);
  StrongId<"job"> job("j-17");
  EXPECT_THAT(Written([&] {
                Log(LogLevel::kInfo, "compaction ended", {{"job", job}, {"rows", 1000}});
              }),
              testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z info compaction "
                                    "ended job=j-17 rows=1000\n"));
}

TEST_F(LogTest, LevelsBelowTheThresholdAreLeftOut) {
  SetLogThreshold(LogLevel::kWarning);
  std::string written = Written([] {
    Log(LogLevel::kDebug, "one");
    Log(LogLevel::kInfo, "two");
    Log(LogLevel::kWarning, "three");
    Log(LogLevel::kError, "four");
  });
  EXPECT_THAT(written, testing::AllOf(testing::Not(testing::HasSubstr("one")), testing::Not(testing::HasSubstr("two")),
                                      testing::HasSubstr(" warning three\n"), testing::HasSubstr(" error four\n")));
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  EXPECT_TRUE(LogEnabled(LogLevel::kWarning));
  EXPECT_FALSE(LogEnabled(LogLevel::kSilent));
}

TEST_F(LogTest, ValuesThatCouldBeMisreadAreQuoted) {
  EXPECT_EQ(FormatLogMessage("m", {{"a", "plain/value-1.5"}}), "m a=plain/value-1.5");
  EXPECT_EQ(FormatLogMessage("m", {{"a", ""}}), "m a=\"\"");
  EXPECT_EQ(FormatLogMessage("m", {{"a", "two words"}}), "m a=\"two words\"");
  EXPECT_EQ(FormatLogMessage("m", {{"a", "x=y"}, {"b", 2}}), "m a=\"x=y\" b=2");
  EXPECT_EQ(FormatLogMessage("m", {{"a", "say \"no\"\\"}}), "m a=\"say \\\"no\\\"\\\\\"");
  EXPECT_EQ(FormatLogMessage("m", {{"a", "line\nbreak\x01"}}), "m a=\"line\\nbreak\\x01\"");
  EXPECT_EQ(FormatLogMessage("m", {{"a", "{} %s"}}), "m a=\"{} %s\"");
}

TEST_F(LogTest, AMessageIsNotAFormat) {
  SetLogThreshold(LogLevel::kInfo);
  EXPECT_THAT(Written([] { Log(LogLevel::kInfo, "{} %d {0"); }), testing::EndsWith(" info {} %d {0\n"));
}

}  // namespace
}  // namespace sleeper
