#include "sleeper/exchange/parquet_writer.h"

#include <string>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;

std::shared_ptr<parquet::FileMetaData> Written(std::string_view fields, std::vector<std::string> selected,
                                               RowOrder order) {
  std::shared_ptr<const columnar::Layout> layout = LayoutOf(fields);
  if (!selected.empty()) layout = ValueOf(layout->Select(selected));
  const auto batches =
      ValueOf(ReadBatches(R"({"a":"x","b":1,"m":{"k":1},"v":true})", {.format = InputFormat::kJsonLines}, layout));
  const std::string bytes = ValueOf(WriteBatches(batches, {.format = OutputFormat::kParquet, .order = order}, layout));
  return parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)))
      ->metadata();
}

std::vector<int> SortingColumns(std::string_view fields, std::vector<std::string> selected, RowOrder order) {
  std::vector<int> columns;
  for (const auto& column : Written(fields, std::move(selected), order)->RowGroup(0)->sorting_columns()) {
    columns.push_back(column.column_idx);
  }
  return columns;
}

constexpr std::string_view kFields = "a StringType key, b LongType key, m Map(StringType LongType), v BooleanType";

TEST(ParquetWriterTest, ColumnsHaveTheTypesOfTheSchema) {
  const auto metadata = Written(kFields, {}, RowOrder::kKeyOrder);
  EXPECT_EQ(metadata->num_rows(), 1);
  EXPECT_EQ(metadata->schema()->Column(0)->logical_type()->ToString(), "String");
  EXPECT_EQ(metadata->schema()->Column(1)->physical_type(), parquet::Type::INT64);
  EXPECT_EQ(metadata->schema()->Column(0)->max_definition_level(), 0);
  EXPECT_EQ(metadata->RowGroup(0)->ColumnChunk(0)->compression(), parquet::Compression::ZSTD);
}

TEST(ParquetWriterTest, RowsInKeyOrderSayTheirOrderAsFarAsTheKeysAreShown) {
  EXPECT_EQ(SortingColumns(kFields, {}, RowOrder::kKeyOrder), (std::vector<int>{0, 1}));
  EXPECT_EQ(SortingColumns(kFields, {"m", "b", "a"}, RowOrder::kKeyOrder), (std::vector<int>{3, 2}));
  EXPECT_EQ(SortingColumns(kFields, {"v", "a"}, RowOrder::kKeyOrder), (std::vector<int>{1}));
  EXPECT_EQ(SortingColumns(kFields, {"b"}, RowOrder::kKeyOrder), (std::vector<int>{}));
  EXPECT_EQ(SortingColumns(kFields, {}, RowOrder::kAnyOrder), (std::vector<int>{}));
}

}  // namespace
}  // namespace sleeper::exchange
