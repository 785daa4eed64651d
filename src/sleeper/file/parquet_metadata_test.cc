#include "sleeper/file/parquet_metadata.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/page_index.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using model::ValueOf;
using testing::HasSubstr;

/// Memory of exactly this size, so that a read beyond it is seen.
std::vector<uint8_t> BytesOf(const std::string& bytes) { return {bytes.begin(), bytes.end()}; }

ParquetMetadata SampleMetadata() {
  ColumnChunkMetadata text{.type = PhysicalType::kByteArray,
                           .encodings = {Encoding::kRle, Encoding::kDeltaByteArray},
                           .path = {"key"},
                           .codec = Codec::kZstd,
                           .values = 1000,
                           .uncompressed_bytes = 20'000,
                           .compressed_bytes = 10'000,
                           .data_page_offset = 4,
                           .statistics = ChunkStatistics{.min = "a", .max = "z", .is_max_exact = false, .nulls = 3},
                           .offset_index = {20'000, 30},
                           .column_index = {19'000, 40}};
  ColumnChunkMetadata list{.type = PhysicalType::kInt32,
                           .encodings = {Encoding::kRleDictionary},
                           .path = {"list", "list", "element"},
                           .codec = Codec::kLz4,
                           .values = 1,
                           .data_page_offset = int64_t{1} << 40,
                           .dictionary_page_offset = (int64_t{1} << 40) - 100};
  return {.schema = SchemaElementsOf(columnar::LayoutOfAllTypes()->schema()),
          .rows = 1000,
          .row_groups = {{.columns = {text, list}, .rows = 1000, .sorting_columns = {0}}},
          .key_values = {{"name", "value"}, {"", std::string(1000, 'x')}}};
}

TEST(ParquetMetadataTest, AFooterComesBackAsItWasWritten) {
  const ParquetMetadata metadata = SampleMetadata();
  EXPECT_EQ(ValueOf(ParseParquetMetadata(BytesOf(EncodeParquetMetadata(metadata)))), metadata);
}

TEST(ParquetMetadataTest, ATruncatedFooterIsCorrupt) {
  const std::string bytes = EncodeParquetMetadata(SampleMetadata());
  for (size_t size = 0; size < bytes.size(); size += 5) {
    EXPECT_THAT(ParseParquetMetadata(BytesOf(bytes.substr(0, size))).status(),
                Fails(ErrorKind::kCorrupt, HasSubstr("footer")))
        << size;
  }
}

TEST(ParquetMetadataTest, ASchemaThatDiffersAnywhereIsSeen) {
  const auto layout = columnar::LayoutOfAllTypes();
  const model::Schema& schema = layout->schema();
  const std::vector<SchemaElement> elements = SchemaElementsOf(schema);
  EXPECT_TRUE(CheckSchemaElements(elements, schema).ok());
  for (size_t i = 1; i < elements.size(); ++i) {
    std::vector<SchemaElement> others = elements;
    others[i].name += "x";
    EXPECT_THAT(CheckSchemaElements(others, schema), Fails(ErrorKind::kCorrupt, HasSubstr(others[i].name)));
    others[i] = elements[i];
    others[i].logical = LogicalType::kOther;
    EXPECT_FALSE(CheckSchemaElements(others, schema).ok());
  }
  EXPECT_FALSE(CheckSchemaElements(std::span(elements).first(elements.size() - 1), schema).ok());
  EXPECT_FALSE(CheckSchemaElements({}, schema).ok());
}

TEST(PageIndexTest, IndexesComeBackAsTheyWereWritten) {
  const OffsetIndex offsets = {{4, 100, 0}, {104, 1 << 30, 2048}, {int64_t{1} << 40, 7, int64_t{1} << 33}};
  ThriftWriter offset_bytes;
  WriteOffsetIndex(offsets, offset_bytes);
  EXPECT_EQ(ValueOf(ParseOffsetIndex(BytesOf(offset_bytes.bytes()))), offsets);

  const ColumnIndex columns{.null_pages = {false, true, false},
                            .min_values = {"a", "", "b"},
                            .max_values = {"a", "", std::string(300, 'c')},
                            .order = BoundaryOrder::kAscending,
                            .null_counts = {0, 5, 0}};
  ThriftWriter column_bytes;
  WriteColumnIndex(columns, column_bytes);
  EXPECT_EQ(ValueOf(ParseColumnIndex(BytesOf(column_bytes.bytes()))), columns);
}

TEST(PageIndexTest, ListsOfDifferentLengthsAreCorrupt) {
  const ColumnIndex columns{.null_pages = {false}, .min_values = {"a", "b"}, .max_values = {"b"}};
  ThriftWriter bytes;
  WriteColumnIndex(columns, bytes);
  EXPECT_THAT(ParseColumnIndex(BytesOf(bytes.bytes())).status(), Fails(ErrorKind::kCorrupt, HasSubstr("length")));
}

TEST(PageHeaderTest, AHeaderComesBackAndItsLengthIsKnown) {
  const PageHeader header{.compressed_bytes = 1000,
                          .uncompressed_bytes = 70'000,
                          .crc = 0xFFFFFFFF,
                          .values = 5000,
                          .encoding = Encoding::kDeltaByteArray,
                          .nulls = 7,
                          .rows = 4000,
                          .definition_bytes = 100,
                          .repetition_bytes = 200,
                          .is_compressed = false};
  ThriftWriter out;
  WritePageHeader(header, out);
  const ParsedPageHeader parsed = ValueOf(ParsePageHeader(BytesOf(out.bytes() + "the page")));
  EXPECT_EQ(parsed.header, header);
  EXPECT_EQ(parsed.bytes, static_cast<int64_t>(out.bytes().size()));
}

TEST(PageHeaderTest, HeadersThatContradictThemselvesAreCorrupt) {
  const PageHeader good{.compressed_bytes = 10, .uncompressed_bytes = 10, .values = 5, .rows = 5};
  const auto refused = [](const PageHeader& header) {
    ThriftWriter out;
    WritePageHeader(header, out);
    return ParsePageHeader(BytesOf(out.bytes())).status();
  };
  EXPECT_TRUE(refused(good).ok());
  PageHeader bad = good;
  bad.compressed_bytes = -1;
  EXPECT_THAT(refused(bad), Fails(ErrorKind::kCorrupt, HasSubstr("negative")));
  bad = good;
  bad.definition_bytes = 8;
  bad.repetition_bytes = 3;
  EXPECT_THAT(refused(bad), Fails(ErrorKind::kCorrupt, HasSubstr("levels")));
  bad = good;
  bad.definition_bytes = bad.repetition_bytes = INT32_MAX;
  EXPECT_THAT(refused(bad), Fails(ErrorKind::kCorrupt, HasSubstr("levels")));
  bad = good;
  bad.rows = 6;
  EXPECT_THAT(refused(bad), Fails(ErrorKind::kCorrupt, HasSubstr("counts")));
  bad = good;
  bad.nulls = 6;
  EXPECT_THAT(refused(bad), Fails(ErrorKind::kCorrupt, HasSubstr("counts")));
}

}  // namespace
}  // namespace sleeper::file
