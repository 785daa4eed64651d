#include "sleeper/exchange/text_value.h"

#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr ErrorKind kInvalid = ErrorKind::kInvalid;

TEST(TextValueTest, WholeNumbersInAllTheirForms) {
  EXPECT_EQ(ValueOf(ParseInt("-2147483648")), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(ValueOf(ParseInt(" +7 ")), 7);
  EXPECT_EQ(ValueOf(ParseInt("007")), 7);
  EXPECT_EQ(ValueOf(ParseInt("5.")), 5);
  EXPECT_EQ(ValueOf(ParseInt("5.000")), 5);
  EXPECT_EQ(ValueOf(ParseInt("-0")), 0);
  EXPECT_EQ(ValueOf(ParseInt("2e9")), 2'000'000'000);
  EXPECT_EQ(ValueOf(ParseLong("9223372036854775807")), std::numeric_limits<int64_t>::max());
}

TEST(TextValueTest, WhatIsNoWholeNumberIsRefused) {
  for (const std::string text : {"", " ", "x", "1x", "1 2", "1,000", "0x10", "--1", "+-1", "+", "1.5", "1e-1", "nan",
                                 "inf", ".", "1e", "1_000"}) {
    EXPECT_THAT(ParseInt(text).status(), Fails(kInvalid, StartsWith("is not a whole number: "))) << text;
  }
}

TEST(TextValueTest, WholeNumbersOutOfRangeAreRefused) {
  EXPECT_THAT(ParseInt("2147483648").status(), Fails(kInvalid, HasSubstr("does not fit IntType")));
  EXPECT_THAT(ParseInt("3e9").status(), Fails(kInvalid, HasSubstr("does not fit IntType")));
  EXPECT_THAT(ParseLong("9223372036854775808").status(), Fails(kInvalid, HasSubstr("does not fit LongType")));
  EXPECT_THAT(ParseLong("-9223372036854775809.0").status(), Fails(kInvalid, HasSubstr("does not fit LongType")));
  EXPECT_THAT(ParseLong("1e19").status(), Fails(kInvalid, HasSubstr("does not fit LongType")));
  EXPECT_THAT(ParseLong("-1e999999999999999999999").status(), Fails(kInvalid, HasSubstr("does not fit LongType")));
  EXPECT_THAT(ParseLong(std::string(10'000, '9')).status(), Fails(kInvalid, HasSubstr("(10000 bytes)")));
}

TEST(TextValueTest, ANumberThatIsOnlyNearlyWholeIsRefused) {
  for (const std::string text :
       {"123456789012345.001", "0.99999999999999999999", "4503599627370497.25", "1.0000000000000000001",
        "-0.00000000000000000000000000001", "10e-2", "123e-999999999999999999999", "9007199254740993.5"}) {
    EXPECT_THAT(ParseLong(text).status(), Fails(kInvalid, "is not a whole number: " + text));
  }
}

TEST(TextValueTest, WholeNumbersWithFractionOrExponentAreExact) {
  EXPECT_EQ(ValueOf(ParseLong("1e17")), 100'000'000'000'000'000);
  EXPECT_EQ(ValueOf(ParseLong("9007199254740993e0")), 9'007'199'254'740'993);
  EXPECT_EQ(ValueOf(ParseLong("9.223372036854775807E+18")), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ValueOf(ParseLong("-9223372036854775808.000")), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ValueOf(ParseLong("1.50e1")), 15);
  EXPECT_EQ(ValueOf(ParseLong("1500e-2")), 15);
  EXPECT_EQ(ValueOf(ParseLong("0e999999999999999999999")), 0);
  EXPECT_EQ(ValueOf(ParseLong("-0.0e-999999999999999999999")), 0);
}

TEST(TextValueTest, RealNumbersAreTheNearestToTheirText) {
  EXPECT_EQ(ValueOf(ParseDouble("0.1")), 0.1);
  EXPECT_EQ(ValueOf(ParseFloat("0.1")), 0.1f);
  EXPECT_EQ(ValueOf(ParseDouble(" +1e-3\t")), 0.001);
  EXPECT_EQ(ValueOf(ParseDouble("-.5")), -0.5);
  EXPECT_TRUE(std::signbit(ValueOf(ParseDouble("-0"))));
  EXPECT_TRUE(std::isnan(ValueOf(ParseDouble("NaN"))));
  EXPECT_EQ(ValueOf(ParseFloat("-Infinity")), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(ValueOf(ParseDouble("inf")), std::numeric_limits<double>::infinity());
}

TEST(TextValueTest, RealNumbersTooLargeOrNoneAreRefused) {
  EXPECT_THAT(ParseFloat("1e39").status(), Fails(kInvalid, "does not fit FloatType: 1e39"));
  EXPECT_THAT(ParseDouble("1e309").status(), Fails(kInvalid, "does not fit DoubleType: 1e309"));
  for (const std::string text : {"", "x", "1,5", "1.5.5", "0x1p3", "+-1"}) {
    EXPECT_THAT(ParseDouble(text).status(), Fails(kInvalid, StartsWith("is not a number: "))) << text;
  }
}

TEST(TextValueTest, BooleansAreWords) {
  EXPECT_TRUE(ValueOf(ParseBoolean("true")));
  EXPECT_FALSE(ValueOf(ParseBoolean(" FALSE ")));
  for (const std::string text : {"", "1", "0", "yes", "t", "truee"}) {
    EXPECT_THAT(ParseBoolean(text).status(), Fails(kInvalid, StartsWith("is neither true nor false: "))) << text;
  }
}

TEST(TextValueTest, BytesAreBase64) {
  EXPECT_EQ(ValueOf(ParseBase64("")), "");
  EXPECT_EQ(ValueOf(ParseBase64("AP8=")), std::string("\0\xff", 2));
  EXPECT_EQ(ValueOf(ParseBase64("base64:AP8=")), std::string("\0\xff", 2));
  for (const std::string text : {"A", "AP8", "AP8*", "A===", "AP9="}) {
    EXPECT_THAT(ParseBase64(text).status(), Fails(kInvalid, StartsWith("is not base64: "))) << text;
  }
}

}  // namespace
}  // namespace sleeper::exchange
