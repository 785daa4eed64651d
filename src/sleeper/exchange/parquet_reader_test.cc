#include "sleeper/exchange/parquet_reader.h"

#include <string>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/foreign_files.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/exchange/testing/trickling_source.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_scratch.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr ErrorKind kInvalid = ErrorKind::kInvalid;

class ParquetReaderTest : public testing::Test {
 protected:
  Result<std::string> Read(std::string bytes) const {
    return ReadRows(std::move(bytes), {.format = InputFormat::kParquet}, layout_);
  }
  Status ReadFailure(std::string bytes) const { return Read(std::move(bytes)).status(); }

  std::shared_ptr<const columnar::Layout> layout_ = LayoutOf("k StringType key, v IntType nullable");
  const std::string file_ = ParquetBytes(ForeignRows({{"v", arrow::int64(), "[1, null, 3]"},
                                                      {"x", arrow::float64(), "[0.5, 0.5, 0.5]"},
                                                      {"k", arrow::large_utf8(), R"(["a", "b", "c"])"}}),
                                         {.row_group_rows = 2});
};

TEST_F(ParquetReaderTest, ColumnsAreMatchedByNameCastAndReadRowGroupByRowGroup) {
  const CallContext call;
  auto reader = ValueOf(
      OpenInput(MakeBufferSource(Buffer::CopyOf(file_), "input"), {.format = InputFormat::kParquet}, layout_, call));
  EXPECT_EQ(reader->rows_total(), 3);
  EXPECT_EQ(reader->bytes_total(), static_cast<int64_t>(file_.size()));
  EXPECT_THAT(reader->ignored().names, ElementsAre("x"));
  const auto batches = ValueOf(rows::Collect(*reader));
  EXPECT_EQ(batches.size(), 2u);
  EXPECT_EQ(ToJsonLines(batches, layout_), "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":null}\n{\"k\":\"c\",\"v\":3}\n");
  EXPECT_TRUE(batches[0].arrow()->ValidateFull().ok());
}

TEST_F(ParquetReaderTest, WhatComesThroughAPipeIsKeptInScratchSpace) {
  const CallContext call;
  store::MemoryScratch scratch(1 << 20);
  InputOptions options{.format = InputFormat::kParquet};
  EXPECT_THAT(OpenInput(std::make_unique<TricklingSource>(file_, 100), options, layout_, call).status(),
              Fails(kInvalid, "input: this format cannot be read from a pipe"));
  options.scratch = &scratch;
  auto reader = ValueOf(OpenInput(std::make_unique<TricklingSource>(file_, 100), options, layout_, call));
  EXPECT_EQ(scratch.bytes_used(), static_cast<int64_t>(file_.size()));
  EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_), ValueOf(Read(file_)));
  reader = nullptr;
  EXPECT_EQ(scratch.bytes_used(), 0);
  store::MemoryScratch small(100);
  options.scratch = &small;
  EXPECT_THAT(OpenInput(std::make_unique<TricklingSource>(file_, 50), options, layout_, call).status(),
              Fails(ErrorKind::kExhausted, HasSubstr("input: ")));
}

TEST_F(ParquetReaderTest, AFileOfNoRowsHasNone) {
  const auto rows = ForeignRows({{"v", arrow::int64(), "[]"}, {"k", arrow::utf8(), "[]"}});
  EXPECT_EQ(ValueOf(Read(ParquetBytes(rows))), "");
}

TEST_F(ParquetReaderTest, AValueThatDoesNotFitIsNamedWithItsRowInTheFile) {
  const auto rows =
      ForeignRows({{"v", arrow::int64(), "[1, 2, 3000000000]"}, {"k", arrow::utf8(), R"(["a", "b", "c"])"}});
  EXPECT_THAT(ReadFailure(ParquetBytes(rows, {.row_group_rows = 2})),
              Fails(kInvalid, "input: row 3, column v: does not fit IntType: 3000000000"));
}

TEST_F(ParquetReaderTest, ANullInAKeyIsNamedWithItsRowInTheFile) {
  const auto rows = ForeignRows({{"v", arrow::int64(), "[1, 2, 3]"}, {"k", arrow::utf8(), R"(["a", "b", null])"}});
  EXPECT_THAT(ReadFailure(ParquetBytes(rows, {.row_group_rows = 2})),
              Fails(kInvalid, "input: row 3, column k: null in a field that is not nullable"));
}

TEST_F(ParquetReaderTest, AColumnOfAnotherKindIsRefusedBeforeAnyRowIsRead) {
  const auto rows = ForeignRows({{"v", arrow::utf8(), "[]"}, {"k", arrow::utf8(), "[]"}});
  EXPECT_THAT(ReadFailure(ParquetBytes(rows)),
              Fails(kInvalid, "input: column v cannot become IntType, it has the type string"));
}

TEST_F(ParquetReaderTest, MissingAndDoubledColumnsAreRefused) {
  EXPECT_THAT(ReadFailure(ParquetBytes(ForeignRows({{"k", arrow::utf8(), "[]"}}))),
              Fails(kInvalid, "input: a column is missing: v"));
  const auto doubled =
      ForeignRows({{"k", arrow::utf8(), "[]"}, {"v", arrow::int32(), "[]"}, {"v", arrow::int32(), "[]"}});
  EXPECT_THAT(ReadFailure(ParquetBytes(doubled)), Fails(kInvalid, "input: two columns have the same name: v"));
}

TEST_F(ParquetReaderTest, NestedAndForeignTypesAreRead) {
  layout_ = LayoutOf("k DateType key, l List(LongType) nullable, m Map(StringType DoubleType), s StringType");
  const auto rows = ForeignRows({{"x", arrow::struct_({arrow::field("k", arrow::int32())}), R"([{"k":1}, null])"},
                                 {"m", arrow::map(arrow::utf8(), arrow::float32()), R"([[["a", 0.5]], []])"},
                                 {"l", arrow::list(arrow::int8()), "[[1, null], null]"},
                                 {"k", arrow::timestamp(arrow::TimeUnit::MILLI), R"(["2001-01-31", "1969-12-31"])"},
                                 {"s", arrow::utf8_view(), R"(["b", "a"])"}});
  EXPECT_EQ(ValueOf(Read(ParquetBytes(rows))),
            "{\"k\":\"2001-01-31\",\"l\":[1,null],\"m\":{\"a\":0.5},\"s\":\"b\"}\n"
            "{\"k\":\"1969-12-31\",\"l\":null,\"m\":{},\"s\":\"a\"}\n");
}

TEST_F(ParquetReaderTest, TimestampsOfTwelveBytesAreReadIfMicrosecondsHoldThem) {
  layout_ = LayoutOf("k IntType key, t TimestampType nullable");
  const auto file = [](const std::string& times) {
    return ParquetBytes(
        ForeignRows({{"k", arrow::int32(), "[1, 2, 3]"}, {"t", arrow::timestamp(arrow::TimeUnit::NANO), times}}),
        {.row_group_rows = 2, .int96_timestamps = true});
  };
  EXPECT_EQ(ValueOf(Read(file(R"(["2001-01-31 12:00:00.123456", null, "1969-12-31 23:59:59.999999"])"))),
            "{\"k\":1,\"t\":\"2001-01-31T12:00:00.123456Z\"}\n{\"k\":2,\"t\":null}\n"
            "{\"k\":3,\"t\":\"1969-12-31T23:59:59.999999Z\"}\n");
  EXPECT_THAT(
      ReadFailure(file(R"(["2001-01-31 12:00:00", null, "1969-12-31 23:59:59.999999001"])")),
      Fails(kInvalid, "input: row 3, column t: does not fit TimestampType: nanoseconds beyond the microsecond: 1"));
}

TEST_F(ParquetReaderTest, WhatIsNoWholeParquetFileIsRefusedInPlainWords) {
  EXPECT_THAT(ReadFailure(""), Fails(kInvalid, "input: the file is empty"));
  EXPECT_THAT(ReadFailure("k,v\na,1\n"), Fails(kInvalid, "input: not a Parquet file; it begins with k,v\\n"));
  EXPECT_THAT(ReadFailure("PARE1234PARE"), Fails(kInvalid, "input: the Parquet file is encrypted"));
  for (const size_t size : {size_t{4}, size_t{11}, file_.size() / 2, file_.size() - 1}) {
    EXPECT_THAT(ReadFailure(file_.substr(0, size)),
                Fails(kInvalid, "input: the Parquet file is truncated: its end is missing"))
        << size;
  }
  EXPECT_THAT(ReadFailure("PAR1\xff\xff\xff\xffPAR1"), Fails(kInvalid, HasSubstr("input: ")));
}

}  // namespace
}  // namespace sleeper::exchange
