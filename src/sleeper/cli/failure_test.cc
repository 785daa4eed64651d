#include "sleeper/cli/failure.h"

#include <gtest/gtest.h>

namespace sleeper::cli {
namespace {

TEST(Failure, IsOneLineAndAHint) {
  const Status plain = Error(ErrorKind::kNotFound, "table flights: there is none");
  EXPECT_EQ(DescribeFailure(plain, Format::kText, false), "error: table flights: there is none");
  EXPECT_EQ(DescribeFailure(WithHint(plain, "list them"), Format::kText, false),
            "error: table flights: there is none\nhint: list them");
}

TEST(Failure, StaysOneLineWhateverItQuotes) {
  EXPECT_EQ(DescribeFailure(WithHint(Error(ErrorKind::kInvalid, "a\nb\tc\033[1m"), "\u009b2J"), Format::kText, false),
            "error: a\\nb\\tc\\x1b[1m\nhint: \\xc2\\x9b2J");
}

TEST(Failure, IsAnObjectForScripts) {
  EXPECT_EQ(DescribeFailure(WithHint(Error(ErrorKind::kInvalid, "a \"b\"\n"), "c"), Format::kJson, true),
            R"({"error":{"kind":"invalid","message":"a \"b\"\n","hint":"c"}})");
}

TEST(Failure, WithBytesThatAreNoTextIsStillAnObject) {
  EXPECT_EQ(DescribeFailure(Error(ErrorKind::kInvalid, "\xff"), Format::kJson, false),
            "{\"error\":{\"kind\":\"invalid\",\"message\":\"\xEF\xBF\xBD\",\"hint\":\"\"}}");
}

TEST(ExitCode, SaysWhatToDoAboutIt) {
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kInvalid, ""))), 2);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kNotFound, ""))), 3);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kConflict, ""))), 4);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kUnavailable, ""))), 5);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kThrottled, ""))), 5);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kDenied, ""))), 5);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(ErrorKind::kCorrupt, ""))), 6);
  for (const ErrorKind kind :
       {ErrorKind::kOutcomeUnknown, ErrorKind::kExhausted, ErrorKind::kCancelled, ErrorKind::kInternal}) {
    EXPECT_EQ(static_cast<int>(ExitCodeOf(Error(kind, ""))), 1);
  }
}

}  // namespace
}  // namespace sleeper::cli
