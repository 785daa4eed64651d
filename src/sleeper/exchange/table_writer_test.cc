#include "sleeper/exchange/table_writer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;
using testing::EndsWith;
using testing::StartsWith;

std::string Table(const std::string& json_lines, std::string_view fields) {
  const auto layout = LayoutOf(fields);
  const auto batches = ValueOf(ReadBatches(json_lines, {.format = InputFormat::kJsonLines}, layout));
  return ValueOf(WriteBatches(batches, {.format = OutputFormat::kTable}, layout));
}

TEST(TableWriterTest, ColumnsAreAlignedAndNumbersStandToTheRight) {
  EXPECT_EQ(Table("{\"origin\":\"SEA\",\"delay\":-5,\"to\":\"LAX\"}\n{\"origin\":\"ü\",\"delay\":120,\"to\":null}\n",
                  "origin StringType key, delay IntType, to StringType nullable"),
            "origin  delay  to\n"
            "------  -----  ----\n"
            "SEA        -5  LAX\n"
            "ü         120  null\n");
}

TEST(TableWriterTest, ARowStaysOnItsLineAndBytesAreHexadecimal) {
  EXPECT_EQ(Table("{\"k\":\"a\\nb\\tc\\u001b[0m\",\"b\":\"AP8=\"}\n", "k StringType key, b ByteArrayType"),
            "k               b\n"
            "--------------  ------\n"
            "a\\nb\\tc\\x1b[0m  0x00ff\n");
}

TEST(TableWriterTest, NoControlCharacterSpeaksToTheTerminal) {
  EXPECT_EQ(Table("{\"k\":\"\u009b31m\u007f\"}\n", "k StringType key"),
            "k\n"
            "---------------\n"
            "\\xc2\\x9b31m\\x7f\n");
}

TEST(TableWriterTest, AHeaderIsWrittenEvenWithoutRows) {
  EXPECT_EQ(ValueOf(WriteBatches({}, {.format = OutputFormat::kTable}, LayoutOf("key IntType key"))), "key\n---\n");
}

TEST(TableWriterTest, ALongValueBehindTheMeasuredRowsPushesItsOwnRowOnly) {
  std::string lines;
  for (int i = 0; i < 1500; ++i) lines += "{\"k\":\"a\",\"v\":1}\n";
  const std::string table =
      Table(lines + "{\"k\":\"a long one\",\"v\":2}\n{\"k\":\"b\",\"v\":3}\n", "k StringType key, v IntType");
  EXPECT_THAT(table, StartsWith("k  v\n-  -\na  1\n"));
  EXPECT_THAT(table, EndsWith("a  1\na long one  2\nb  3\n"));
}

TEST(TableWriterTest, OneLongValueDoesNotWidenItsColumnWithoutBound) {
  const std::string table = Table("{\"k\":\"" + std::string(200, 'x') + "\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n",
                                  "k StringType key, v IntType");
  EXPECT_THAT(table, StartsWith("k" + std::string(59, ' ') + "  v\n"));
  EXPECT_THAT(table, EndsWith("b" + std::string(59, ' ') + "  2\n"));
}

}  // namespace
}  // namespace sleeper::exchange
