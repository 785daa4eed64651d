#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;

constexpr std::string_view kEveryType =
    "ki IntType key, kl LongType key, ks StringType key, kb ByteArrayType key, kd DateType key, kt TimestampType key, "
    "i IntType nullable, l LongType nullable, s StringType nullable, b ByteArrayType nullable, d DateType nullable, "
    "t TimestampType nullable, o BooleanType nullable, f FloatType nullable, g DoubleType nullable, "
    "li List(LongType) nullable, ls List(StringType) nullable, lb List(ByteArrayType), lf List(FloatType), "
    "ms Map(StringType LongType) nullable, mt Map(TimestampType ByteArrayType), mo Map(IntType BooleanType), "
    "md Map(DoubleType DateType)";

// Extreme values of every type, and nulls wherever they may stand.
constexpr std::string_view kEveryValue =
    R"({"ki":-2147483648,"kl":-9223372036854775808,"ks":"","kb":"","kd":"1970-01-01",)"
    R"("kt":"1970-01-01T00:00:00Z","i":null,"l":null,"s":null,"b":null,"d":null,"t":null,"o":null,)"
    R"("f":null,"g":null,"li":null,"ls":null,"lb":[],"lf":[],"ms":null,"mt":{},"mo":{},"md":{}})"
    "\n"
    R"({"ki":2147483647,"kl":9223372036854775807,"ks":"a,b \"c\"\nd\re\tf\\g\u0000h","kb":"AAH/",)"
    R"("kd":"9999-12-31","kt":"9999-12-31T23:59:59.999999Z","i":2147483647,"l":9223372036854775807,)"
    R"("s":"","b":"","d":"0000-01-01","t":"2001-01-31T12:00:00.500000Z","o":true,"f":3.4028235e+38,)"
    R"("g":1.7976931348623157e+308,"li":[],"ls":[],"lb":["","AA==",null],)"
    R"("lf":[0.1,-0.0,"NaN","Infinity","-Infinity",null],"ms":{},)"
    R"("mt":{"2001-01-31T12:00:00Z":"/w==","1969-12-31T23:59:59.000001Z":null},)"
    R"("mo":{"-1":true,"1":false,"2":null},"md":{"0.1":"2001-01-31","NaN":null}})"
    "\n"
    R"({"ki":0,"kl":0,"ks":"😀￿","kb":"/////w==","kd":"-0001-12-31","kt":"-290307-01-01T00:00:00Z",)"
    R"("i":-2147483648,"l":-9223372036854775808,"s":"null","b":"////","d":"+10000-01-01",)"
    R"("t":"+294247-01-01T00:00:00Z","o":false,"f":1e-45,"g":5e-324,)"
    R"("li":[1,null,-9223372036854775808],"ls":["","null",null,"a,\"b\""],"lb":[null],)"
    R"("lf":[16777216.0],"ms":{"":1,"a\"b":null,"ü":-1},"mt":{},"mo":{},)"
    R"("md":{"-Infinity":"1969-12-31"}})"
    "\n";

struct Pair {
  OutputFormat out;
  InputFormat in;
};

class RoundTripTest : public testing::TestWithParam<Pair> {};

std::vector<columnar::Batch> EveryValue(const std::shared_ptr<const columnar::Layout>& layout) {
  return ValueOf(ReadBatches(std::string(kEveryValue), {.format = InputFormat::kJsonLines}, layout));
}

TEST_P(RoundTripTest, WhatIsWrittenIsReadAsTheSameRowsForEveryTypeAndItsExtremes) {
  const auto layout = LayoutOf(kEveryType);
  const std::vector<columnar::Batch> rows = EveryValue(layout);
  const std::string bytes = ValueOf(WriteBatches(rows, {.format = GetParam().out}, layout));
  const std::vector<columnar::Batch> again = ValueOf(ReadBatches(bytes, {.format = GetParam().in}, layout));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(ToJsonLines(again, layout), kEveryValue);
  EXPECT_TRUE(again[0].arrow()->ValidateFull().ok());
  EXPECT_TRUE(again[0].arrow()->Equals(*rows[0].arrow(), /*check_metadata=*/true,
                                       arrow::EqualOptions::Defaults().nans_equal(true)))
      << again[0].arrow()->ToString();
  EXPECT_TRUE(again[0].arrow()->schema()->Equals(*layout->arrow_schema(), true));
}

TEST_P(RoundTripTest, NullsOfTheOnlyColumnAreRows) {
  for (const std::string type : {"StringType", "IntType", "ByteArrayType", "List(IntType)"}) {
    const auto layout = LayoutOfOne("v " + type + " nullable");
    const std::string rows = "{\"v\":null}\n{\"v\":null}\n";
    const std::string bytes = ValueOf(WriteBatches(
        ValueOf(ReadBatches(rows, {.format = InputFormat::kJsonLines}, layout)), {.format = GetParam().out}, layout));
    EXPECT_EQ(ValueOf(ReadRows(bytes, {.format = GetParam().in}, layout)), rows) << type;
  }
}

TEST_P(RoundTripTest, NoRowsAreWrittenAndReadAsNone) {
  const auto layout = LayoutOf("k StringType key, l List(IntType)");
  const std::string bytes = ValueOf(WriteBatches({}, {.format = GetParam().out}, layout));
  // A file of JSON lines without rows is an empty file, which is refused.
  if (GetParam().out == OutputFormat::kJsonLines) {
    EXPECT_EQ(bytes, "");
    return;
  }
  EXPECT_EQ(ValueOf(ReadRows(bytes, {.format = GetParam().in}, layout)), "");
}

TEST_P(RoundTripTest, BatchesStayWithinTheirBounds) {
  const auto layout = LayoutOf("k LongType key, v StringType");
  std::string text;
  for (int i = 0; i < 1000; ++i) text += R"({"k":)" + std::to_string(i) + R"(,"v":"0123456789"})" + "\n";
  const auto rows = ValueOf(ReadBatches(text, {.format = InputFormat::kJsonLines}, layout));
  const std::string bytes = ValueOf(WriteBatches(rows, {.format = GetParam().out}, layout));

  const auto by_rows = ValueOf(ReadBatches(bytes, {.format = GetParam().in, .batch_rows_max = 300}, layout));
  EXPECT_EQ(ToJsonLines(by_rows, layout), text);
  for (const columnar::Batch& batch : by_rows) EXPECT_LE(batch.rows(), 300);

  const auto by_bytes = ValueOf(ReadBatches(bytes, {.format = GetParam().in, .batch_bytes_max = 4096}, layout));
  EXPECT_EQ(ToJsonLines(by_bytes, layout), text);
  EXPECT_GE(by_bytes.size(), 5u);
  for (const columnar::Batch& batch : by_bytes) EXPECT_LE(batch.bytes(), 4200);
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTripTest,
                         testing::Values(Pair{OutputFormat::kCsv, InputFormat::kCsv},
                                         Pair{OutputFormat::kJsonLines, InputFormat::kJsonLines},
                                         Pair{OutputFormat::kParquet, InputFormat::kParquet},
                                         Pair{OutputFormat::kArrow, InputFormat::kArrow}),
                         [](const auto& pair) { return std::string(FormatName(pair.param.in)); });

}  // namespace
}  // namespace sleeper::exchange
