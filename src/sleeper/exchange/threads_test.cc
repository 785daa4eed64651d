#include <filesystem>
#include <iterator>
#include <string>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/foreign_files.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

int64_t Threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

TEST(ThreadsTest, NoFormatStartsThreads) {
  const auto layout = LayoutOf("k StringType key, v LongType");
  const auto rows = ForeignRows({{"k", arrow::utf8(), R"(["a", "b"])"}, {"v", arrow::int64(), "[1, 2]"}});
  const std::string files[] = {ParquetBytes(rows), ArrowFileBytes(rows), ArrowStreamBytes(rows), "k,v\na,1\nb,2\n",
                               "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n"};
  const InputFormat formats[] = {InputFormat::kParquet, InputFormat::kArrow, InputFormat::kArrow, InputFormat::kCsv,
                                 InputFormat::kJsonLines};
  // What the fixtures above started stays, so anything more is of the readers and writers.
  const int64_t before = Threads();
  for (size_t i = 0; i < std::size(files); ++i) {
    const auto batches = model::ValueOf(ReadBatches(files[i], {.format = formats[i]}, layout));
    for (const OutputFormat format : {OutputFormat::kTable, OutputFormat::kCsv, OutputFormat::kJsonLines,
                                      OutputFormat::kParquet, OutputFormat::kArrow}) {
      EXPECT_TRUE(WriteBatches(batches, {.format = format}, layout).ok());
      EXPECT_EQ(Threads(), before) << FormatName(formats[i]) << " to " << FormatName(format);
    }
  }
}

}  // namespace
}  // namespace sleeper::exchange
