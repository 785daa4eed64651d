#include <cstdint>
#include <string>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/exchange/testing/foreign_files.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

// Bytes that were changed at random: whatever comes of it, it is rows or a failure that names the input, and never a
// crash.

namespace sleeper::exchange {
namespace {

constexpr uint64_t kSeed = 20260801;
constexpr int kRuns = 150;

std::shared_ptr<arrow::RecordBatch> Rows() {
  return ForeignRows(
      {{"k", arrow::utf8(), R"(["a", "bc", "", "def"])"},
       {"v", arrow::int64(), "[1, null, 3, 4]"},
       {"l", arrow::list(arrow::int32()), "[[1, 2], null, [], [3]]"},
       {"m", arrow::map(arrow::utf8(), arrow::float64()), R"([[["a", 0.5]], null, [], [["b", null]]])"}});
}

void ReadDamaged(const std::string& whole, InputFormat format) {
  const auto layout =
      LayoutOf("k StringType key, v IntType nullable, l List(IntType) nullable, m Map(StringType DoubleType) nullable");
  ASSERT_TRUE(ReadRows(whole, {.format = format}, layout).ok());
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  SeededRandom random(kSeed);
  for (int run = 0; run < kRuns; ++run) {
    std::string bytes = whole;
    const uint64_t changes = 1 + random.Below(4);
    for (uint64_t i = 0; i < changes; ++i) bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    if (random.Below(4) == 0) bytes.resize(random.Below(bytes.size()));
    const auto rows = ReadRows(bytes, {.format = format}, layout);
    if (!rows.ok()) {
      EXPECT_TRUE(rows.status().message().starts_with("input: ")) << "run " << run << ": " << rows.status().ToString();
    }
  }
}

TEST(DamagedInputTest, Parquet) { ReadDamaged(ParquetBytes(Rows(), {.row_group_rows = 2}), InputFormat::kParquet); }

TEST(DamagedInputTest, ArrowFile) { ReadDamaged(ArrowFileBytes(Rows(), 2), InputFormat::kArrow); }

TEST(DamagedInputTest, ArrowStream) { ReadDamaged(ArrowStreamBytes(Rows(), 2), InputFormat::kArrow); }

TEST(DamagedInputTest, Csv) {
  ReadDamaged(
      "k,v,l,m\n\"a\"\"b\",1,\"[1,2]\",\"{\"\"a\"\":0.5}\"\r\nb,,,\n\"\",2,[],{}\n"
      "xyz,3,\"[1]\",\n",
      InputFormat::kCsv);
}

TEST(DamagedInputTest, JsonLines) {
  ReadDamaged(R"({"k":"a\u00e9","v":1,"l":[1,null],"m":{"a":0.5,"b":null},"x":[{}]})"
              "\n"
              R"({"k":"","v":null})"
              "\n",
              InputFormat::kJsonLines);
}

}  // namespace
}  // namespace sleeper::exchange
