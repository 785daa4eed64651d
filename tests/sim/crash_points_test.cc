#include "tests/sim/crash_points.h"

#include <cctype>
#include <string>

#include <gtest/gtest.h>

namespace sleeper::sim {
namespace {

class CrashPointTest : public ::testing::TestWithParam<CrashStory> {};

TEST_P(CrashPointTest, WhereverAProcessDiesNothingIsLostAndNothingIsLeft) {
  const CrashReport report = PlayCrashes(GetParam());
  for (const std::string& violation : report.violations) ADD_FAILURE() << violation;
  EXPECT_GT(report.calls, 0);
  RecordProperty("calls", static_cast<int>(report.calls));
  RecordProperty("crashes", static_cast<int>(report.crashes));
  // An operation that readers can see has a call before which it is not done, and one after which it is.
  if (GetParam().before == GetParam().after) return;
  EXPECT_GT(report.found_done, 0);
  EXPECT_GT(report.found_undone, 0);
}

std::string NameOf(const testing::TestParamInfo<CrashStory>& info) {
  std::string name;
  bool upper = true;
  for (char letter : info.param.operation) {
    if (letter == ' ') {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(letter))) : letter;
    upper = false;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, CrashPointTest, testing::ValuesIn(CrashStories()), NameOf);

}  // namespace
}  // namespace sleeper::sim
