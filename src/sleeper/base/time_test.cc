#include "sleeper/base/time.h"

#include <string>

#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper {
namespace {

using std::chrono::microseconds;

WallTime Micros(int64_t count) { return WallTime(microseconds(count)); }

TEST(WallTime, IsWrittenInTheIsoForm) {
  EXPECT_EQ(FormatWallTime(Micros(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatWallTime(Micros(1'582'934'399'000'001)), "2020-02-28T23:59:59.000001Z");
  EXPECT_EQ(FormatWallTime(Micros(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(WallTime, ReadsBackWhatItWrites) {
  constexpr uint64_t kSeed = 7;
  SeededRandom random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    // The years 1 to 9999.
    WallTime time = Micros(-62'135'596'800'000'000 + static_cast<int64_t>(random.Below(315'537'897'600'000'000)));
    ASSERT_EQ(ParseWallTime(FormatWallTime(time)).ValueOrDie(), time) << FormatWallTime(time) << " seed " << kSeed;
  }
}

TEST(WallTime, TheFractionMayBeShort) {
  EXPECT_EQ(ParseWallTime("1970-01-01T00:00:01Z").ValueOrDie(), Micros(1'000'000));
  EXPECT_EQ(ParseWallTime("1970-01-01T00:00:01.5Z").ValueOrDie(), Micros(1'500'000));
  EXPECT_EQ(ParseWallTime("1970-01-01T00:00:01.000250Z").ValueOrDie(), Micros(1'000'250));
}

TEST(WallTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "now", "2020-02-30T00:00:00Z", "2020-13-01T00:00:00Z", "2020-00-01T00:00:00Z", "2020-01-01T24:00:00Z",
        "2020-01-01T00:60:00Z", "2020-01-01T00:00:60Z", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z",
        "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00.1234567Z", "2020-01-01T00:00:00Zx", "20-01-01T00:00:00Z",
        "2020-1-01T00:00:00Z", "-020-01-01T00:00:00Z", "2020-01-01T00:00:00+01:00"}) {
    Result<WallTime> time = ParseWallTime(text);
    EXPECT_TRUE(!time.ok() && IsKind(time.status(), ErrorKind::kInvalid)) << text;
  }
  EXPECT_EQ(HintOf(ParseWallTime("yesterday").status()), "write it as 2001-01-31T12:00:00Z");
}

TEST(SystemClock, NeverGoesBack) {
  SystemClock clock;
  Instant last = clock.MonotonicNow();
  for (int i = 0; i < 1000; ++i) {
    Instant now = clock.MonotonicNow();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, KnowsTheCalendar) { EXPECT_GT(FormatWallTime(SystemClock().Now()), "2020-01-01"); }

}  // namespace
}  // namespace sleeper
