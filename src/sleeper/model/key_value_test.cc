#include "sleeper/model/key_value.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();
constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();

KeyValue Parsed(TypeKind kind, std::string_view text) { return ValueOf(ParseKeyValue(kind, text)); }

Status FaultOf(TypeKind kind, std::string_view text) { return ParseKeyValue(kind, text).status(); }

TEST(KeyValue, KnowsItsType) {
  EXPECT_EQ(KindOfValue(int32_t{1}), TypeKind::kInt);
  EXPECT_EQ(KindOfValue(int64_t{1}), TypeKind::kLong);
  EXPECT_EQ(KindOfValue("x"s), TypeKind::kString);
  EXPECT_EQ(KindOfValue(Bytes{"x"}), TypeKind::kBytes);
  EXPECT_EQ(KindOfValue(Date{1}), TypeKind::kDate);
  EXPECT_EQ(KindOfValue(Timestamp{1}), TypeKind::kTimestamp);
}

TEST(KeyValue, OrdersStringsAndBytesByUnsignedBytes) {
  const std::vector<KeyValue> texts = {
      ""s, "\0"s, "\0\0"s, "\x01"s, "a"s, "a\0"s, "ab"s, "b"s, "\xC3\xA9"s, "\xEF\xBF\xBF"s, "\xF0\x9F\x98\x80"s};
  EXPECT_TRUE(std::ranges::is_sorted(texts));
  const std::vector<KeyValue> bytes = {Bytes{""},     Bytes{"\0"s},  Bytes{"\x7F"},   Bytes{"\x7F\xFF"},
                                       Bytes{"\x80"}, Bytes{"\xFF"}, Bytes{"\xFF\0"s}};
  EXPECT_TRUE(std::ranges::is_sorted(bytes));
}

TEST(KeyValue, OrdersIntegersWithTheirSign) {
  const std::vector<KeyValue> integers = {kInt32Min, -1, 0, 1, kInt32Max};
  EXPECT_TRUE(std::ranges::is_sorted(integers));
  const std::vector<KeyValue> timestamps = {Timestamp{kInt64Min}, Timestamp{-1}, Timestamp{0}, Timestamp{kInt64Max}};
  EXPECT_TRUE(std::ranges::is_sorted(timestamps));
}

TEST(KeyValue, ReadsIntegers) {
  EXPECT_EQ(Parsed(TypeKind::kInt, "-2147483648"), KeyValue(kInt32Min));
  EXPECT_EQ(Parsed(TypeKind::kInt, "2147483647"), KeyValue(kInt32Max));
  EXPECT_EQ(Parsed(TypeKind::kLong, "-9223372036854775808"), KeyValue(kInt64Min));
  EXPECT_EQ(Parsed(TypeKind::kLong, "0042"), KeyValue(int64_t{42}));
  EXPECT_THAT(
      FaultOf(TypeKind::kInt, "2147483648"),
      Fails(ErrorKind::kInvalid, "does not fit IntType, which goes from -2147483648 to 2147483647: '2147483648'"));
  EXPECT_THAT(FaultOf(TypeKind::kLong, "9223372036854775808"),
              Fails(ErrorKind::kInvalid, HasSubstr("does not fit LongType")));
  for (const char* text : {"", "x", "1x", " 1", "1 ", "+1", "1.0", "0x10", "--1", "99999999999x"}) {
    EXPECT_THAT(FaultOf(TypeKind::kInt, text), Fails(ErrorKind::kInvalid, HasSubstr("not a decimal integer: '")))
        << text;
  }
}

TEST(KeyValue, ReadsStringsAsTheyAre) {
  EXPECT_EQ(Parsed(TypeKind::kString, " [a,b)=\t"), KeyValue(" [a,b)=\t"s));
  EXPECT_EQ(Parsed(TypeKind::kString, ""), KeyValue(""s));
  EXPECT_THAT(FaultOf(TypeKind::kString, "a\xFF"), Fails(ErrorKind::kInvalid, "not UTF-8: 'a\\xff'"));
}

TEST(KeyValue, ReadsBytesInBothForms) {
  EXPECT_EQ(Parsed(TypeKind::kBytes, "0x"), KeyValue(Bytes{""}));
  EXPECT_EQ(Parsed(TypeKind::kBytes, "0x00fFA0"), KeyValue(Bytes{"\x00\xFF\xA0"s}));
  EXPECT_EQ(Parsed(TypeKind::kBytes, "base64:AP+g"), KeyValue(Bytes{"\x00\xFF\xA0"s}));
  EXPECT_EQ(Parsed(TypeKind::kBytes, "base64:"), KeyValue(Bytes{""}));
  EXPECT_THAT(FaultOf(TypeKind::kBytes, "abc"), Fails(ErrorKind::kInvalid, HasSubstr("0x… or base64:…")));
  EXPECT_THAT(FaultOf(TypeKind::kBytes, "0xabc"), Fails(ErrorKind::kInvalid, HasSubstr("odd number")));
  EXPECT_THAT(FaultOf(TypeKind::kBytes, "0xzz"), Fails(ErrorKind::kInvalid, HasSubstr("not hexadecimal digits: 'zz'")));
  EXPECT_THAT(FaultOf(TypeKind::kBytes, "base64:A"), Fails(ErrorKind::kInvalid, HasSubstr("base64")));
}

TEST(KeyValue, WritesWhatItReads) {
  const uint64_t seed = 11;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 2'000; ++i) {
    const TypeKind kind = KeyKinds()[random.Below(KeyKinds().size())];
    const KeyValue value = RandomKeyValue(random, kind);
    const std::string text = FormatKeyValue(value);
    EXPECT_EQ(Parsed(kind, text), value) << text;
  }
}

TEST(KeyValue, HasNothingBetweenItAndTheNext) {
  EXPECT_EQ(NextValue(int32_t{-1}), KeyValue(int32_t{0}));
  EXPECT_EQ(NextValue(kInt32Max), std::nullopt);
  EXPECT_EQ(NextValue(kInt64Max), std::nullopt);
  EXPECT_EQ(NextValue(Date{kInt32Max}), std::nullopt);
  EXPECT_EQ(NextValue(Timestamp{kInt64Max}), std::nullopt);
  EXPECT_EQ(NextValue(""s), KeyValue("\0"s));
  EXPECT_EQ(NextValue("a"s), KeyValue("a\0"s));
  EXPECT_EQ(NextValue(Bytes{"\xFF"}), KeyValue(Bytes{"\xFF\0"s}));
}

TEST(KeyValue, HasPreviousOnlyWhereNextLeadsBack) {
  EXPECT_EQ(PreviousValue(kInt32Min), std::nullopt);
  EXPECT_EQ(PreviousValue(""s), std::nullopt);
  EXPECT_EQ(PreviousValue("a"s), std::nullopt);
  EXPECT_EQ(PreviousValue("a\0\0"s), KeyValue("a\0"s));
  const uint64_t seed = 12;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 500; ++i) {
    const KeyValue value = RandomKeyValue(random, KeyKinds()[random.Below(KeyKinds().size())]);
    const std::optional<KeyValue> next = NextValue(value);
    if (next) {
      EXPECT_LT(value, *next);
      EXPECT_EQ(PreviousValue(*next), value);
    } else {
      EXPECT_EQ(GreatestValue(KindOfValue(value)), value);
    }
  }
}

TEST(KeyValue, NamesTheFieldWhoseTypeItIsNot) {
  EXPECT_THAT(CheckKeyValue({"day", TypeKind::kDate}, int32_t{5}),
              Fails(ErrorKind::kInvalid, "field 'day' is of type DateType, but the value is of type IntType: '5'"));
  EXPECT_THAT(CheckKeyValue({"s", TypeKind::kString}, "\xC0"s),
              Fails(ErrorKind::kInvalid, "field 's': the value is not UTF-8: '\\xc0'"));
  EXPECT_TRUE(CheckKeyValue({"b", TypeKind::kBytes}, Bytes{"\xC0"}).ok());
}

}  // namespace
}  // namespace sleeper::model
