#include "sleeper/exchange/csv_writer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;

std::string Csv(const std::string& json_lines, std::string_view fields, char delimiter = ',') {
  const auto layout = LayoutOf(fields);
  const auto batches = ValueOf(ReadBatches(json_lines, {.format = InputFormat::kJsonLines}, layout));
  return ValueOf(WriteBatches(batches, {.format = OutputFormat::kCsv, .csv_delimiter = delimiter}, layout));
}

TEST(CsvWriterTest, NullIsAnEmptyFieldAndAnEmptyTextIsQuoted) {
  EXPECT_EQ(Csv("{\"k\":1,\"s\":null}\n{\"k\":2,\"s\":\"\"}\n", "k IntType key, s StringType nullable"),
            "k,s\n1,\n2,\"\"\n");
}

TEST(CsvWriterTest, ANullThatIsAloneInItsRowIsAnEmptyLine) {
  const auto layout = LayoutOfOne("s StringType nullable");
  const auto batches =
      ValueOf(ReadBatches("{\"s\":null}\n{\"s\":\"\"}\n", {.format = InputFormat::kJsonLines}, layout));
  EXPECT_EQ(ValueOf(WriteBatches(batches, {.format = OutputFormat::kCsv}, layout)), "s\n\n\"\"\n");
}

TEST(CsvWriterTest, OnlyFieldsThatNeedQuotesHaveThem) {
  EXPECT_EQ(Csv(R"({"k":"a b","s":"c,d"})"
                "\n"
                R"({"k":"e\"f","s":"g\nh\ri"})",
                "k StringType key, s StringType"),
            "k,s\na b,\"c,d\"\n\"e\"\"f\",\"g\nh\ri\"\n");
  EXPECT_EQ(Csv(R"({"k":"a,b","s":"c;d"})", "k StringType key, s StringType", ';'), "k;s\na,b;\"c;d\"\n");
}

TEST(CsvWriterTest, ValuesHaveTheTextThatTheCommandLineReads) {
  EXPECT_EQ(
      Csv(R"({"k":"2001-01-31T12:00:00.5Z","d":"2001-01-31","b":"AAE=","o":true,"g":1,"l":["a"],"m":{"1":null}})",
          "k TimestampType key, d DateType, b ByteArrayType, o BooleanType, g DoubleType, l List(StringType), "
          "m Map(LongType IntType)"),
      "k,d,b,o,g,l,m\n2001-01-31T12:00:00.500000Z,2001-01-31,AAE=,true,1.0,\"[\"\"a\"\"]\",\"{\"\"1\"\":null}\"\n");
}

TEST(CsvWriterTest, AHeaderIsWrittenEvenWithoutRows) {
  EXPECT_EQ(ValueOf(WriteBatches({}, {.format = OutputFormat::kCsv}, LayoutOf("k IntType key, v IntType"))), "k,v\n");
}

}  // namespace
}  // namespace sleeper::exchange
