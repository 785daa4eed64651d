#include "sleeper/exchange/cast.h"

#include <memory>
#include <string>

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/arrow_types.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::Type;
using model::TypeKind;
using model::ValueOf;
using testing::HasSubstr;

using ArrayPointer = std::shared_ptr<arrow::Array>;

ArrayPointer Array(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return ValueOf(arrow::json::ArrayFromJSONString(type, json));
}

Result<ArrayPointer> Cast(const ArrayPointer& values, const Type& to) {
  const model::Field field{.name = "v", .type = to, .nullable = true};
  SLEEPER_CHECK(CanCast(*values->type(), to), "cannot cast ", values->type()->ToString());
  return CastColumn(values, field, {.input = "input", .row = 11, .column = "v"});
}

// Casts whole, and as a slice, which must not see its neighbours.
void ExpectCast(const std::shared_ptr<arrow::DataType>& from, const std::string& json, const Type& to,
                const std::string& expected) {
  const ArrayPointer values = Array(from, json);
  const ArrayPointer target = Array(columnar::ToArrow(to), expected);
  const auto same = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  for (int64_t offset = 0; offset < values->length(); ++offset) {
    const ArrayPointer cast = ValueOf(Cast(values->Slice(offset), to));
    EXPECT_TRUE(cast->ValidateFull().ok()) << cast->ValidateFull().ToString();
    EXPECT_TRUE(cast->Equals(*target->Slice(offset), same))
        << from->ToString() << " from " << offset << ": " << cast->ToString();
  }
}

void ExpectRefused(const std::shared_ptr<arrow::DataType>& from, const std::string& json, const Type& to,
                   const std::string& message) {
  EXPECT_THAT(Cast(Array(from, json), to).status(), Fails(ErrorKind::kInvalid, "input: " + message))
      << from->ToString();
}

TEST(CastTest, IntegersBecomeIntegersIfTheyFit) {
  for (const auto& type : {arrow::int8(), arrow::int16(), arrow::int32(), arrow::int64()}) {
    ExpectCast(type, "[-128, null, 127]", TypeKind::kInt, "[-128, null, 127]");
    ExpectCast(type, "[-128, null, 127]", TypeKind::kLong, "[-128, null, 127]");
  }
  for (const auto& type : {arrow::uint8(), arrow::uint16(), arrow::uint32(), arrow::uint64()}) {
    ExpectCast(type, "[0, null, 255]", TypeKind::kInt, "[0, null, 255]");
    ExpectCast(type, "[0, null, 255]", TypeKind::kLong, "[0, null, 255]");
  }
  ExpectCast(arrow::int64(), "[-2147483648, 2147483647]", TypeKind::kInt, "[-2147483648, 2147483647]");
  ExpectRefused(arrow::int64(), "[0, null, 2147483648]", TypeKind::kInt,
                "row 13, column v: does not fit IntType: 2147483648");
  ExpectRefused(arrow::int64(), "[-2147483649]", TypeKind::kInt, "row 11, column v: does not fit IntType: -2147483649");
  ExpectRefused(arrow::uint64(), "[9223372036854775808]", TypeKind::kLong,
                "row 11, column v: does not fit LongType: 9223372036854775808");
}

TEST(CastTest, RealNumbersBecomeIntegersIfTheyAreWhole) {
  ExpectCast(arrow::float64(), "[5.0, null, -9223372036854775808.0, -0.0]", TypeKind::kLong,
             "[5, null, -9223372036854775808, 0]");
  ExpectCast(arrow::float32(), "[5.0, -2147483648.0]", TypeKind::kInt, "[5, -2147483648]");
  ExpectCast(arrow::float16(), "[5.0, -7.0]", TypeKind::kInt, "[5, -7]");
  ExpectRefused(arrow::float64(), "[5.5]", TypeKind::kLong, "row 11, column v: does not fit LongType: 5.5");
  ExpectRefused(arrow::float64(), "[9223372036854775808.0]", TypeKind::kLong,
                "row 11, column v: does not fit LongType: 9.223372036854776e+18");
  for (const std::string value : {"NaN", "Inf", "-Inf"}) {
    EXPECT_FALSE(Cast(Array(arrow::float64(), "[" + value + "]"), TypeKind::kInt).ok()) << value;
  }
}

TEST(CastTest, NumbersBecomeRealNumbersIfTheyAreExact) {
  ExpectCast(arrow::float32(), "[0.1, null, -0.0, NaN, -Inf]", TypeKind::kFloat, "[0.1, null, -0.0, NaN, -Inf]");
  ExpectCast(arrow::float32(), "[0.5, null, -0.0, NaN, -Inf]", TypeKind::kDouble, "[0.5, null, -0.0, NaN, -Inf]");
  ExpectCast(arrow::float64(), "[0.5, null, -0.0, NaN, Inf]", TypeKind::kFloat, "[0.5, null, -0.0, NaN, Inf]");
  ExpectCast(arrow::int64(), "[0, 9007199254740992, -9223372036854775808]", TypeKind::kDouble,
             "[0.0, 9007199254740992.0, -9223372036854775808.0]");
  ExpectCast(arrow::int32(), "[16777216, -2147483648]", TypeKind::kFloat, "[16777216.0, -2147483648.0]");
  ExpectRefused(arrow::float64(), "[0.1]", TypeKind::kFloat,
                "row 11, column v: does not fit FloatType without being rounded: 0.1");
  ExpectRefused(arrow::float64(), "[1e300]", TypeKind::kFloat,
                "row 11, column v: does not fit FloatType without being rounded: 1e+300");
  ExpectRefused(arrow::int64(), "[1, 9007199254740993]", TypeKind::kDouble,
                "row 12, column v: does not fit DoubleType without being rounded: 9007199254740993");
  ExpectRefused(arrow::int32(), "[16777217]", TypeKind::kFloat,
                "row 11, column v: does not fit FloatType without being rounded: 16777217");
}

TEST(CastTest, DecimalsBecomeNumbersIfTheyAreExact) {
  for (const auto& type :
       {arrow::decimal32(9, 2), arrow::decimal64(9, 2), arrow::decimal128(9, 2), arrow::decimal256(9, 2)}) {
    ExpectCast(type, R"(["12.00", null, "-3.00"])", TypeKind::kInt, "[12, null, -3]");
    ExpectCast(type, R"(["1.25", null, "-0.50"])", TypeKind::kDouble, "[1.25, null, -0.5]");
    ExpectRefused(type, R"(["12.01"])", TypeKind::kLong, "row 11, column v: does not fit LongType: 12.01");
    ExpectRefused(type, R"(["0.10"])", TypeKind::kDouble,
                  "row 11, column v: does not fit DoubleType without being rounded: 0.10");
  }
  ExpectCast(arrow::decimal128(38, 0), R"(["9223372036854775807", "-9223372036854775808"])", TypeKind::kLong,
             "[9223372036854775807, -9223372036854775808]");
  ExpectRefused(arrow::decimal128(38, 0), R"(["9223372036854775808"])", TypeKind::kLong,
                "row 11, column v: does not fit LongType: 9223372036854775808");
  ExpectRefused(arrow::decimal256(76, 0),
                R"(["-9999999999999999999999999999999999999999999999999999999999999999999999"])", TypeKind::kLong,
                "row 11, column v: does not fit LongType: "
                "-9999999999999999999999999999999999999999999999999999999999999999999999");
}

TEST(CastTest, TextsAndBytesBecomeOneAnother) {
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(), arrow::binary(),
                           arrow::large_binary(), arrow::binary_view()}) {
    ExpectCast(type, R"(["a", null, "", "a text that is longer than a view holds", "ü"])", TypeKind::kString,
               R"(["a", null, "", "a text that is longer than a view holds", "ü"])");
    ExpectCast(type, R"(["a", null, "", "a text that is longer than a view holds", "ü"])", TypeKind::kBytes,
               R"(["a", null, "", "a text that is longer than a view holds", "ü"])");
  }
  ExpectCast(arrow::fixed_size_binary(3), R"(["abc", null, "xyz"])", TypeKind::kBytes, R"(["abc", null, "xyz"])");
  ExpectCast(arrow::fixed_size_binary(3), R"(["abc", null, "xyz"])", TypeKind::kString, R"(["abc", null, "xyz"])");
}

TEST(CastTest, BytesThatAreNotUtf8CannotBecomeText) {
  arrow::BinaryBuilder builder;
  ASSERT_TRUE(builder.Append("fine").ok());
  ASSERT_TRUE(builder.Append("\xff").ok());
  EXPECT_THAT(Cast(ValueOf(builder.Finish()), TypeKind::kString).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("input: row 12, column v: is not valid UTF-8: ")));
  // Together the two values are UTF-8, but neither is.
  ASSERT_TRUE(builder.Append("\xc3").ok());
  ASSERT_TRUE(builder.Append("\xbc").ok());
  EXPECT_THAT(Cast(ValueOf(builder.Finish()), TypeKind::kString).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("row 11, column v: is not valid UTF-8")));
}

TEST(CastTest, TimestampsOfEveryUnitBecomeMicrosecondsIfTheyAreExact) {
  const Type to = TypeKind::kTimestamp;
  ExpectCast(arrow::timestamp(arrow::TimeUnit::SECOND), R"(["2001-01-31 12:00:00", null])", to,
             R"(["2001-01-31 12:00:00", null])");
  ExpectCast(arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), "[980942400123, null]", to, "[980942400123000, null]");
  ExpectCast(arrow::timestamp(arrow::TimeUnit::MICRO), "[-1, null]", to, "[-1, null]");
  ExpectCast(arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Oslo"), "[-1, null]", to, "[-1, null]");
  ExpectCast(arrow::timestamp(arrow::TimeUnit::NANO), "[-1000, null]", to, "[-1, null]");
  ExpectCast(arrow::date32(), "[-1, null, 11353]", to, R"(["1969-12-31", null, "2001-01-31"])");
  ExpectCast(arrow::date64(), "[86400000, null]", to, R"(["1970-01-02", null])");
  ExpectRefused(arrow::timestamp(arrow::TimeUnit::NANO), "[1001]", to,
                "row 11, column v: does not fit TimestampType: finer than a microsecond, or too far away: "
                "1970-01-01 00:00:00.000001001");
  EXPECT_FALSE(Cast(Array(arrow::timestamp(arrow::TimeUnit::SECOND), "[9223372036854775]"), to).ok());
  EXPECT_FALSE(Cast(Array(arrow::date32(), "[2147483647]"), to).ok());
}

TEST(CastTest, TimesOfMidnightBecomeDates) {
  ExpectCast(arrow::date32(), "[-1, null]", TypeKind::kDate, "[-1, null]");
  ExpectCast(arrow::date64(), "[-86400000, null]", TypeKind::kDate, "[-1, null]");
  ExpectCast(arrow::timestamp(arrow::TimeUnit::NANO), R"(["2001-01-31", null])", TypeKind::kDate, "[11353, null]");
  ExpectRefused(
      arrow::timestamp(arrow::TimeUnit::SECOND), R"(["2001-01-31 00:00:01"])", TypeKind::kDate,
      "row 11, column v: does not fit DateType: not the midnight of a day, or too far away: 2001-01-31 00:00:01");
}

TEST(CastTest, DictionariesAreDecoded) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::large_utf8());
  const ArrayPointer values =
      ValueOf(arrow::json::DictArrayFromJSONString(type, "[1, null, 0, 1, 2]", R"(["a", "b", null])"));
  const ArrayPointer cast = ValueOf(Cast(values, TypeKind::kString));
  EXPECT_TRUE(cast->Equals(*Array(arrow::utf8(), R"(["b", null, "a", "b", null])"))) << cast->ToString();
}

TEST(CastTest, AColumnOfNullsBecomesAnyType) {
  ExpectCast(arrow::null(), "[null, null]", TypeKind::kInt, "[null, null]");
  ExpectCast(arrow::null(), "[null, null]", Type::List(TypeKind::kString), "[null, null]");
}

TEST(CastTest, ListsAreCastElementByElement) {
  for (const auto& type : {arrow::list(arrow::int16()), arrow::large_list(arrow::int16())}) {
    ExpectCast(type, "[[1, null], null, [], [3]]", Type::List(TypeKind::kLong), "[[1, null], null, [], [3]]");
  }
  ExpectCast(arrow::fixed_size_list(arrow::uint8(), 2), "[[1, 2], null, [3, null]]", Type::List(TypeKind::kInt),
             "[[1, 2], null, [3, null]]");
  ExpectRefused(arrow::list(arrow::int64()), "[[1, 2], [], [3, 2147483648]]", Type::List(TypeKind::kInt),
                "row 13, column v: does not fit IntType: 2147483648");
}

TEST(CastTest, MapsAreCastEntryByEntry) {
  ExpectCast(arrow::map(arrow::large_utf8(), arrow::int32()), R"([[["a", 1], ["b", null]], null, []])",
             Type::Map(TypeKind::kString, TypeKind::kLong), R"([[["a", 1], ["b", null]], null, []])");
  ExpectRefused(arrow::map(arrow::utf8(), arrow::float64()), R"([[], [["a", 1.5]]])",
                Type::Map(TypeKind::kString, TypeKind::kInt), "row 12, column v: does not fit IntType: 1.5");
}

// The same lists or maps, where those whose bit is not set in `valid` are null, whatever they hold.
ArrayPointer WithNulls(const ArrayPointer& values, uint8_t valid) {
  std::shared_ptr<arrow::ArrayData> data = values->data()->Copy();
  data->buffers[0] = arrow::Buffer::FromString(std::string(1, static_cast<char>(valid)));
  data->null_count = arrow::kUnknownNullCount;
  return arrow::MakeArray(std::move(data));
}

void ExpectCastOfEverySlice(const ArrayPointer& values, const Type& to, const std::string& expected) {
  const ArrayPointer target = Array(columnar::ToArrow(to), expected);
  for (int64_t offset = 0; offset < values->length(); ++offset) {
    const ArrayPointer cast = ValueOf(Cast(values->Slice(offset), to));
    EXPECT_TRUE(cast->ValidateFull().ok()) << cast->ValidateFull().ToString();
    EXPECT_TRUE(cast->Equals(*target->Slice(offset))) << "from " << offset << ": " << cast->ToString();
  }
}

TEST(CastTest, WhatLiesUnderANullListIsNotLookedAt) {
  const Type ints = Type::List(TypeKind::kInt);
  for (const auto& type :
       {arrow::list(arrow::int64()), arrow::large_list(arrow::int64()), arrow::fixed_size_list(arrow::int64(), 2)}) {
    const ArrayPointer lists = Array(type, "[[1, 2], [3000000000, 0], [3, null], [0, -3000000000]]");
    ExpectCastOfEverySlice(WithNulls(lists, 0b0101), ints, "[[1, 2], null, [3, null], null]");
    ExpectCastOfEverySlice(WithNulls(lists, 0b0000), ints, "[null, null, null, null]");
    // The row of a value that does not fit is still the list's own.
    EXPECT_THAT(Cast(WithNulls(lists, 0b1101), ints).status(),
                Fails(ErrorKind::kInvalid, "input: row 14, column v: does not fit IntType: -3000000000"));
  }
  const ArrayPointer views = Array(arrow::list(arrow::binary_view()), R"([["a"], ["b", "c"], ["d"]])");
  ExpectCastOfEverySlice(WithNulls(views, 0b101), Type::List(TypeKind::kString), R"([["a"], null, ["d"]])");
}

TEST(CastTest, WhatLiesUnderANullMapIsNotLookedAt) {
  const ArrayPointer maps =
      Array(arrow::map(arrow::utf8(), arrow::int64()), R"([[["a", 1]], [["b", 3000000000]], [["c", 2]]])");
  const Type to = Type::Map(TypeKind::kString, TypeKind::kInt);
  ExpectCastOfEverySlice(WithNulls(maps, 0b101), to, R"([[["a", 1]], null, [["c", 2]]])");
}

TEST(CastTest, TypesThatMeanSomethingElseAreNoCasts) {
  EXPECT_FALSE(CanCast(*arrow::utf8(), TypeKind::kInt));
  EXPECT_FALSE(CanCast(*arrow::utf8(), TypeKind::kTimestamp));
  EXPECT_FALSE(CanCast(*arrow::int64(), TypeKind::kTimestamp));
  EXPECT_FALSE(CanCast(*arrow::int32(), TypeKind::kDate));
  EXPECT_FALSE(CanCast(*arrow::int32(), TypeKind::kString));
  EXPECT_FALSE(CanCast(*arrow::boolean(), TypeKind::kInt));
  EXPECT_FALSE(CanCast(*arrow::int8(), TypeKind::kBoolean));
  EXPECT_FALSE(CanCast(*arrow::time64(arrow::TimeUnit::MICRO), TypeKind::kTimestamp));
  EXPECT_FALSE(CanCast(*arrow::duration(arrow::TimeUnit::MICRO), TypeKind::kLong));
  EXPECT_FALSE(CanCast(*arrow::list(arrow::utf8()), Type::List(TypeKind::kInt)));
  EXPECT_FALSE(CanCast(*arrow::list(arrow::list(arrow::int32())), Type::List(TypeKind::kInt)));
  EXPECT_FALSE(CanCast(*arrow::struct_({arrow::field("a", arrow::int32())}), TypeKind::kInt));
  EXPECT_FALSE(CanCast(*arrow::dictionary(arrow::int8(), arrow::utf8()), TypeKind::kInt));
}

TEST(CastTest, ANullWhereTheFieldAllowsNoneIsNamedWithItsRow) {
  const model::Field field{.name = "k", .type = TypeKind::kInt};
  EXPECT_THAT(
      CastColumn(Array(arrow::int32(), "[1, 2, null]"), field, {.input = "input", .row = 11, .column = "k"}).status(),
      Fails(ErrorKind::kInvalid, "input: row 13, column k: null in a field that is not nullable"));
}

}  // namespace
}  // namespace sleeper::exchange
