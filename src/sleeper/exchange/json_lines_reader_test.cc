#include "sleeper/exchange/json_lines_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/json_events.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/exchange/testing/trickling_source.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr ErrorKind kInvalid = ErrorKind::kInvalid;

class JsonLinesReaderTest : public testing::Test {
 protected:
  Result<std::string> Read(std::string text) const {
    return ReadRows(std::move(text), {.format = InputFormat::kJsonLines}, layout_);
  }
  Status ReadFailure(std::string text) const { return Read(std::move(text)).status(); }

  std::shared_ptr<const columnar::Layout> layout_ = LayoutOf("k StringType key, v LongType nullable");
};

TEST_F(JsonLinesReaderTest, MembersAreMatchedByNameAndOthersAreIgnoredWithAllThatTheyHold) {
  const CallContext call;
  const std::string text = R"({"x":{"k":"no","deep":[[{"v":9}]]},"v":1,"k":"a"})"
                           "\n"
                           R"({"k":"b","v":2,"y":null,"x":"again"})"
                           "\n";
  auto reader = ValueOf(
      OpenInput(MakeBufferSource(Buffer::CopyOf(text), "input"), {.format = InputFormat::kJsonLines}, layout_, call));
  EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_), "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
  EXPECT_EQ(reader->ignored().count, 2);
  EXPECT_THAT(reader->ignored().names, ElementsAre("x", "y"));
}

TEST_F(JsonLinesReaderTest, AMemberMayBeAbsentIfItsFieldIsNullable) {
  EXPECT_EQ(ValueOf(Read("{\"k\":\"a\"}\n")), "{\"k\":\"a\",\"v\":null}\n");
  EXPECT_THAT(ReadFailure("{\"k\":\"a\"}\n{\"v\":1}\n"),
              Fails(kInvalid, "input: row 2 (line 2), column k: the member is missing, and the field is not nullable"));
}

TEST_F(JsonLinesReaderTest, NullInAKeyIsRefused) {
  EXPECT_THAT(ReadFailure("{\"k\":null}"),
              Fails(kInvalid, "input: row 1 (line 1), column k: null in a field that is not nullable"));
}

TEST_F(JsonLinesReaderTest, EmptyLinesAreNoRowsAndTheLastLineNeedsNoEnd) {
  EXPECT_EQ(ValueOf(Read("\r\n{\"k\":\"a\"}\r\n \t\n\n{\"k\":\"b\"}")),
            "{\"k\":\"a\",\"v\":null}\n{\"k\":\"b\",\"v\":null}\n");
}

TEST_F(JsonLinesReaderTest, TheSameRowsComeHoweverTheBytesArrive) {
  const std::string text = "\xEF\xBB\xBF{\"k\":\"ü😀\",\"v\":1}\r\n\r\n{\"k\":\"b\"}";
  const CallContext call;
  for (int64_t step = 1; step <= static_cast<int64_t>(text.size()); ++step) {
    auto reader = ValueOf(
        OpenInput(std::make_unique<TricklingSource>(text, step), {.format = InputFormat::kJsonLines}, layout_, call));
    EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_),
              "{\"k\":\"ü😀\",\"v\":1}\n{\"k\":\"b\",\"v\":null}\n")
        << "step " << step;
  }
}

TEST_F(JsonLinesReaderTest, NumbersAreTakenIfTheyAreExact) {
  EXPECT_EQ(ValueOf(Read(R"({"k":"a","v":1.0})")), "{\"k\":\"a\",\"v\":1}\n");
  EXPECT_EQ(ValueOf(Read(R"({"k":"a","v":1e3})")), "{\"k\":\"a\",\"v\":1000}\n");
  EXPECT_EQ(ValueOf(Read(R"({"k":"a","v":"9223372036854775807"})")), "{\"k\":\"a\",\"v\":9223372036854775807}\n");
  EXPECT_THAT(ReadFailure(R"({"k":"a","v":1.5})"),
              Fails(kInvalid, "input: row 1 (line 1), column v: is not a whole number: 1.5"));
  for (const std::string number : {"9223372036854775808", "-9223372036854775809", "18446744073709551616"}) {
    EXPECT_THAT(ReadFailure("{\"k\":\"a\",\"v\":" + number + "}"), Fails(kInvalid, HasSubstr("does not fit LongType")));
  }
}

TEST_F(JsonLinesReaderTest, HugeNumbersAreRefusedAndNotRounded) {
  layout_ = LayoutOf("k IntType key, f FloatType, g DoubleType");
  EXPECT_EQ(ValueOf(Read(R"({"k":1,"f":12345678901234567890123,"g":"-inf"})")),
            "{\"k\":1,\"f\":1.2345679e+22,\"g\":\"-Infinity\"}\n");
  EXPECT_THAT(ReadFailure(R"({"k":1,"f":1e39,"g":0})"), Fails(kInvalid, HasSubstr("column f: does not fit FloatType")));
  EXPECT_THAT(ReadFailure(R"({"k":1,"f":1,"g":1e999})"),
              Fails(kInvalid, "input: row 1 (line 1), column g: does not fit DoubleType: 1e999"));
  EXPECT_THAT(ReadFailure("{\"k\":1,\"f\":1,\"g\":1" + std::string(5000, '0') + "}"),
              Fails(kInvalid, HasSubstr("input: row 1 (line 1)")));
}

TEST_F(JsonLinesReaderTest, HugeNumbersOfMembersThatTheTableLacksAreIgnored) {
  EXPECT_EQ(ValueOf(Read("{\"zzz\":1e400,\"k\":\"a\",\"y\":[-1e999,{\"v\":1" + std::string(5000, '0') + "}]}\n")),
            "{\"k\":\"a\",\"v\":null}\n");
}

TEST_F(JsonLinesReaderTest, ZeroKeepsItsSignWhereItsTypeHasOne) {
  layout_ = LayoutOf("k IntType key, f FloatType, g DoubleType, l List(DoubleType), n LongType");
  EXPECT_EQ(ValueOf(Read(R"({"k":-0,"f":-0,"g":-0,"l":[0,-0],"n":-0})")),
            "{\"k\":0,\"f\":-0.0,\"g\":-0.0,\"l\":[0.0,-0.0],\"n\":0}\n");
}

TEST_F(JsonLinesReaderTest, AMessageShowsTheBeginningOfALongTokenOnly) {
  const std::string long_text(100'000, 'x');
  for (const std::string& line :
       {"{\"k\":\"" + long_text, "{\"k\":\"" + long_text + "\x01\"}", "{\"k\":\"a\",\"" + long_text,
        "{\"k\":\"a\",\"v\":1" + std::string(100'000, '0') + "."}) {
    const Status status = ReadFailure(line);
    EXPECT_THAT(status, Fails(kInvalid, HasSubstr("not JSON at byte 1000")));
    EXPECT_LT(status.message().size(), 300u);
  }
}

TEST_F(JsonLinesReaderTest, TextThatIsNotJsonIsRefusedWherever) {
  for (const std::string text : {"{",
                                 "{\"x\"",
                                 "{\"x\":",
                                 "{\"x\":1",
                                 "{\"x\":1,",
                                 "{\"x\":1,}",
                                 "{,}",
                                 "{\"x\" 1}",
                                 "{\"x\":}",
                                 "{1:2}",
                                 "{\"x\":1 \"y\":2}",
                                 "{\"x\":[}",
                                 "{\"x\":[1}",
                                 "{\"x\":[1,]}",
                                 "{\"x\":[,]}",
                                 "{\"x\":[1 2]}",
                                 "{\"x\":{]}",
                                 "{\"x\":1]",
                                 "{}}",
                                 "{}{}",
                                 "{},",
                                 "{\"x\":01}",
                                 "{\"x\":1.}",
                                 "{\"x\":-}",
                                 "{\"x\":+1}",
                                 "{\"x\":1e}",
                                 "{\"x\":nul}",
                                 "{\"x\":'a'}",
                                 "}",
                                 ":"}) {
    EXPECT_THAT(ReadFailure(text), Fails(kInvalid, HasSubstr("not JSON at byte"))) << text;
  }
  for (const std::string text : {" { } ", "{\"x\":[],\"y\":{}}", "{\"x\":[[],{},[1,[2]]],\"y\":{\"z\":{\"k\":[null]}}}",
                                 "{\"x\":true,\"y\":false,\"z\":-1.5e-3}"}) {
    EXPECT_THAT(ReadFailure(text), Fails(kInvalid, HasSubstr("column k: the member is missing"))) << text;
  }
}

TEST_F(JsonLinesReaderTest, ValuesOfAnotherTypeAreRefused) {
  EXPECT_THAT(ReadFailure(R"({"k":5})"),
              Fails(kInvalid, "input: row 1 (line 1), column k: cannot become StringType: 5"));
  EXPECT_THAT(ReadFailure(R"({"k":"a","v":true})"),
              Fails(kInvalid, HasSubstr("column v: cannot become LongType: true")));
  EXPECT_THAT(ReadFailure(R"({"k":["a"]})"), Fails(kInvalid, HasSubstr("column k: cannot become StringType: a list")));
  EXPECT_THAT(ReadFailure(R"({"k":{}})"), Fails(kInvalid, HasSubstr("column k: cannot become StringType: an object")));
  layout_ = LayoutOf("k DateType key, t TimestampType, b ByteArrayType");
  EXPECT_THAT(ReadFailure(R"({"k":11000,"t":"2001-01-31","b":""})"),
              Fails(kInvalid, HasSubstr("column k: cannot become DateType: 11000")));
  EXPECT_THAT(ReadFailure(R"({"k":"2001-02-29","t":"2001-01-31","b":""})"), Fails(kInvalid, HasSubstr("column k: ")));
  EXPECT_THAT(ReadFailure(R"({"k":"2001-02-28","t":"noon","b":""})"), Fails(kInvalid, HasSubstr("column t: ")));
  EXPECT_THAT(ReadFailure(R"({"k":"2001-02-28","t":"2001-01-31","b":"%"})"),
              Fails(kInvalid, HasSubstr("column b: is not base64: %")));
}

TEST_F(JsonLinesReaderTest, ATimeWithoutAZoneIsUtc) {
  layout_ = LayoutOf("k TimestampType key");
  EXPECT_EQ(ValueOf(Read("{\"k\":\"2001-01-31 12:00:00\"}\n{\"k\":\"2001-01-31T12:00:00+01:00\"}\n")),
            "{\"k\":\"2001-01-31T12:00:00Z\"}\n{\"k\":\"2001-01-31T11:00:00Z\"}\n");
}

TEST_F(JsonLinesReaderTest, ALineThatIsNoObjectIsRefused) {
  const Status list = ReadFailure("[{\"k\":\"a\"}]\n");
  EXPECT_THAT(list, Fails(kInvalid, "input: row 1 (line 1): the line is not a JSON object"));
  EXPECT_THAT(HintOf(list), HasSubstr("jq -c"));
  const Status indented = ReadFailure("{\n  \"k\": \"a\"\n}\n");
  EXPECT_THAT(indented, Fails(kInvalid, HasSubstr("input: row 1 (line 1): not JSON at byte 2")));
  EXPECT_THAT(HintOf(indented), HasSubstr("jq -c"));
  EXPECT_THAT(ReadFailure("{\"k\":\"a\"} {\"k\":\"b\"}\n"), Fails(kInvalid, HasSubstr("not JSON at byte")));
  EXPECT_THAT(ReadFailure("{\"k\":\"a\"}\n{\"k\":\"b"), Fails(kInvalid, HasSubstr("input: row 2 (line 2)")));
  EXPECT_THAT(ReadFailure(std::string("{\"k\":\"a\0b\"}\n", 12)), Fails(kInvalid, HasSubstr("not JSON at byte")));
  EXPECT_THAT(ReadFailure("{\"k\":\"\xff\"}\n"), Fails(kInvalid, HasSubstr("not JSON at byte 7")));
  EXPECT_THAT(ReadFailure("{\"k\":\"\\ud800\"}\n"), Fails(kInvalid, HasSubstr("not JSON at byte")));
}

TEST_F(JsonLinesReaderTest, TwoMembersOfOneNameAreRefused) {
  EXPECT_THAT(ReadFailure(R"({"k":"a","k":"b"})"),
              Fails(kInvalid, "input: row 1 (line 1), column k: two members have the same name"));
}

TEST_F(JsonLinesReaderTest, DepthIsBounded) {
  const auto nested = [](int depth) {
    return "{\"k\":\"a\",\"x\":" + std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']') + "}\n";
  };
  EXPECT_TRUE(Read(nested(kJsonDepthMax - 1)).ok());
  EXPECT_THAT(ReadFailure(nested(1'000'000)), Fails(kInvalid, HasSubstr("more than 256 deep")));
}

TEST_F(JsonLinesReaderTest, ManyUnknownMembersAreCountedWithinABound) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{\"k\":\"a\",\"x" + std::to_string(i) + "\":1}\n";
  const CallContext call;
  auto reader = ValueOf(
      OpenInput(MakeBufferSource(Buffer::CopyOf(text), "input"), {.format = InputFormat::kJsonLines}, layout_, call));
  ASSERT_TRUE(rows::Collect(*reader).ok());
  EXPECT_EQ(reader->ignored().count, static_cast<int64_t>(IgnoredColumns::kNamesMax));
}

TEST_F(JsonLinesReaderTest, AnEmptyFileIsRefused) {
  EXPECT_THAT(ReadFailure(""), Fails(kInvalid, "input: the file is empty"));
  EXPECT_EQ(ValueOf(Read("\n")), "");
}

}  // namespace
}  // namespace sleeper::exchange
