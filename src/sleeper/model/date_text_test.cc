#include "sleeper/model/date_text.h"

#include <algorithm>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::HasSubstr;

constexpr int64_t kDay = 86'400'000'000;

int32_t DaysOf(std::string_view text) { return ValueOf(ParseDate(text)).days; }
int64_t MicrosecondsOf(std::string_view text) { return ValueOf(ParseTimestamp(text)).microseconds; }

TEST(DateText, CountsDaysFrom1970) {
  EXPECT_EQ(DaysOf("1970-01-01"), 0);
  EXPECT_EQ(DaysOf("1969-12-31"), -1);
  EXPECT_EQ(DaysOf("2001-01-31"), 11'353);
  EXPECT_EQ(DaysOf("2000-02-29"), 11'016);
  EXPECT_EQ(DaysOf("0000-01-01"), -719'528);
  EXPECT_EQ(DaysOf("9999-12-31"), 2'932'896);
  EXPECT_EQ(DaysOf("+10000-01-01"), 2'932'897);
  EXPECT_EQ(DaysOf("-0001-12-31"), -719'529);
}

TEST(DateText, WritesSignsOnlyOutsideOfFourDigits) {
  EXPECT_EQ(FormatDate({11'353}), "2001-01-31");
  EXPECT_EQ(FormatDate({-719'528}), "0000-01-01");
  EXPECT_EQ(FormatDate({-719'529}), "-0001-12-31");
  EXPECT_EQ(FormatDate({2'932'897}), "+10000-01-01");
  EXPECT_EQ(FormatDate({std::numeric_limits<int32_t>::max()}), "+5881580-07-11");
  EXPECT_EQ(FormatDate({std::numeric_limits<int32_t>::min()}), "-5877641-06-23");
}

TEST(DateText, RefusesOtherTexts) {
  for (const char* text : {"",
                           "2001",
                           "2001-01",
                           "2001-1-31",
                           "2001-01-32",
                           "2001-02-29",
                           "1900-02-29",
                           "2001-00-01",
                           "2001-13-01",
                           "2001-01-00",
                           "20010131",
                           "2001/01/31",
                           " 2001-01-31",
                           "2001-01-31 ",
                           "2001-01-311",
                           "02001-01-31",
                           "+201-01-01",
                           "-",
                           "+",
                           "2001-01-31T00:00:00",
                           "+12345678-01-01",
                           "two"}) {
    EXPECT_THAT(ParseDate(text).status(), Fails(ErrorKind::kInvalid, HasSubstr("not a date like 2001-01-31"))) << text;
  }
  EXPECT_THAT(ParseDate("+5881580-07-12").status(),
              Fails(ErrorKind::kInvalid,
                    "does not fit DateType, which goes from -5877641-06-23 to +5881580-07-11: '+5881580-07-12'"));
  EXPECT_THAT(ParseDate("-5877641-06-22").status(), Fails(ErrorKind::kInvalid, HasSubstr("does not fit")));
}

TEST(TimestampText, ReadsEachOfItsForms) {
  const int64_t noon = 11'353 * kDay + kDay / 2;
  for (const char* text :
       {"2001-01-31T12:00:00", "2001-01-31T12:00:00Z", "2001-01-31 12:00:00", "2001-01-31 12:00:00.000000Z",
        "2001-01-31T12:00", "2001-01-31T12:00Z", "2001-01-31T13:00:00+01:00", "2001-01-31T13:00:00+0100",
        "2001-01-31T13:00:00+01", "2001-01-31T06:30:00-05:30", "2001-02-01T11:59:00.0+23:59",
        "2001-01-31T12:00:00.000000000"}) {
    EXPECT_EQ(MicrosecondsOf(text), noon) << text;
  }
  EXPECT_EQ(MicrosecondsOf("2001-01-31T12:00:00.5"), noon + 500'000);
  EXPECT_EQ(MicrosecondsOf("2001-01-31T12:00:00.000001Z"), noon + 1);
  EXPECT_EQ(MicrosecondsOf("2001-01-31T12:00:00.1234560"), noon + 123'456);
  EXPECT_EQ(MicrosecondsOf("2001-01-31"), 11'353 * kDay);
  EXPECT_EQ(MicrosecondsOf("1969-12-31T23:59:59.999999Z"), -1);
}

TEST(TimestampText, WritesUtcAndAFractionOnlyIfThereIsOne) {
  EXPECT_EQ(FormatTimestamp({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTimestamp({-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTimestamp({11'353 * kDay + 43'200'000'000 + 50}), "2001-01-31T12:00:00.000050Z");
  EXPECT_EQ(FormatTimestamp({std::numeric_limits<int64_t>::max()}), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(FormatTimestamp({std::numeric_limits<int64_t>::min()}), "-290308-12-21T19:59:05.224192Z");
}

TEST(TimestampText, RefusesOtherTexts) {
  for (const char* text :
       {"", "2001-01-31T", "2001-01-31t12:00:00", "2001-01-31T12", "2001-01-31T24:00:00", "2001-01-31T12:60:00",
        "2001-01-31T23:59:60", "2001-01-31T12:00:00.", "2001-01-31T12:00:00.1234567", "2001-01-31T12:00:00z",
        "2001-01-31T12:00:00+1", "2001-01-31T12:00:00+24:00", "2001-01-31T12:00:00+01:60", "2001-01-31T12:00:00Z+01:00",
        "2001-01-31T12:00:00 Z", "2001-01-31T12:00:00+01:", "2001-02-30T12:00:00", "2001-01-31Z", "12:00:00"}) {
    EXPECT_THAT(ParseTimestamp(text).status(), Fails(ErrorKind::kInvalid, HasSubstr("not a timestamp like"))) << text;
  }
  for (const char* text : {"+294247-01-10T04:00:54.775808Z", "-290308-12-21T19:59:05.224191Z",
                           "+294247-01-10T04:00:54-00:01", "+9999999-01-01T00:00:00Z", "-9999999-01-01T00:00:00Z"}) {
    EXPECT_THAT(ParseTimestamp(text).status(), Fails(ErrorKind::kInvalid, HasSubstr("does not fit TimestampType")))
        << text;
  }
}

TEST(TimestampText, StaysQuickOnManyDigits) {
  const std::string zeros(200'000, '0');
  EXPECT_EQ(MicrosecondsOf("1970-01-01T00:00:00." + zeros), 0);
}

TEST(DateText, ReadsWhatItWrites) {
  const uint64_t seed = 21;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 1'000; ++i) {
    const auto shift = random.Below(33);
    const Date date{static_cast<int32_t>(random.Next()) >> std::min<uint64_t>(shift, 31)};
    EXPECT_EQ(DaysOf(FormatDate(date)), date.days) << FormatDate(date);
    const Timestamp timestamp{static_cast<int64_t>(random.Next()) >> shift};
    EXPECT_EQ(MicrosecondsOf(FormatTimestamp(timestamp)), timestamp.microseconds) << FormatTimestamp(timestamp);
  }
}

}  // namespace
}  // namespace sleeper::model
