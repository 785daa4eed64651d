#include "sleeper/base/check.h"

#include <gtest/gtest.h>

namespace sleeper {
namespace {

TEST(CheckDeathTest, PrintsPlaceConditionAndValues) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  int rows = 3;
  EXPECT_DEATH(SLEEPER_CHECK(rows == 4, "rows were lost: ", rows, " of ", 4),
               "check_test.cc:[0-9]+: broken invariant rows == 4: rows were lost: 3 of 4");
}

TEST(Check, EvaluatesTheConditionOnceAndTheMessageOnlyOnFailure) {
  int conditions = 0;
  int messages = 0;
  SLEEPER_CHECK(++conditions == 1, ++messages);
  EXPECT_EQ(conditions, 1);
  EXPECT_EQ(messages, 0);
}

#ifdef NDEBUG
TEST(DebugCheck, CostsNothingInAnOptimisedBuild) {
  int conditions = 0;
  SLEEPER_DCHECK(++conditions == 0, "not evaluated");
  EXPECT_EQ(conditions, 0);
}
#else
TEST(DebugCheckDeathTest, IsACheckInADebugBuild) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(SLEEPER_DCHECK(1 + 1 == 3, "arithmetic"), "broken invariant");
}
#endif

}  // namespace
}  // namespace sleeper
