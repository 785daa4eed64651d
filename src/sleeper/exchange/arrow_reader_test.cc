#include "sleeper/exchange/arrow_reader.h"

#include <cstring>
#include <string>

#include <arrow/array.h>
#include <arrow/buffer.h>
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
using testing::HasSubstr;

constexpr ErrorKind kInvalid = ErrorKind::kInvalid;

class ArrowReaderTest : public testing::Test {
 protected:
  Result<std::string> Read(std::string bytes) const {
    return ReadRows(std::move(bytes), {.format = InputFormat::kArrow}, layout_);
  }
  Status ReadFailure(std::string bytes) const { return Read(std::move(bytes)).status(); }

  std::shared_ptr<const columnar::Layout> layout_ = LayoutOf("k StringType key, v IntType nullable");
  const std::shared_ptr<arrow::RecordBatch> rows_ = ForeignRows({{"v", arrow::int64(), "[1, null]"},
                                                                 {"x", arrow::list(arrow::utf8()), "[[], null]"},
                                                                 {"k", arrow::large_utf8(), R"(["a", "b"])"}});
  const std::string once_ = "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":null}\n";
};

TEST_F(ArrowReaderTest, FilesAndStreamsAreToldApartAndReadBatchByBatch) {
  EXPECT_EQ(ValueOf(Read(ArrowFileBytes(rows_, 3))), once_ + once_ + once_);
  EXPECT_EQ(ValueOf(Read(ArrowStreamBytes(rows_, 3))), once_ + once_ + once_);
  EXPECT_EQ(ValueOf(Read(ArrowFileBytes(rows_, 0))), "");
  EXPECT_EQ(ValueOf(Read(ArrowStreamBytes(rows_, 0))), "");
}

TEST_F(ArrowReaderTest, AStreamComesThroughAPipeAsItIsAndAFileThroughScratchSpace) {
  const CallContext call;
  store::MemoryScratch scratch(1 << 20);
  for (const std::string& bytes : {ArrowStreamBytes(rows_), ArrowFileBytes(rows_)}) {
    InputOptions options{.format = InputFormat::kArrow, .scratch = &scratch};
    auto reader = ValueOf(OpenInput(std::make_unique<TricklingSource>(bytes, 7), options, layout_, call));
    EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_), once_);
  }
}

TEST_F(ArrowReaderTest, ProblemsAreNamedWithTheRow) {
  const auto bad = ForeignRows({{"v", arrow::int64(), "[1, 3000000000]"}, {"k", arrow::utf8(), R"(["a", "b"])"}});
  EXPECT_THAT(ReadFailure(ArrowFileBytes(bad, 2)),
              Fails(kInvalid, "input: row 2, column v: does not fit IntType: 3000000000"));
  EXPECT_THAT(ReadFailure(ArrowFileBytes(ForeignRows({{"k", arrow::utf8(), "[]"}}))),
              Fails(kInvalid, "input: a column is missing: v"));
}

TEST_F(ArrowReaderTest, WhatIsNoWholeArrowFileIsRefused) {
  EXPECT_THAT(ReadFailure(""), Fails(kInvalid, "input: the file is empty"));
  EXPECT_THAT(ReadFailure("FEA1...."), Fails(kInvalid, HasSubstr("Feather version 1")));
  EXPECT_THAT(ReadFailure("k,v\na,1\n"), Fails(kInvalid, HasSubstr("input: ")));
  const std::string file = ArrowFileBytes(rows_);
  EXPECT_THAT(ReadFailure(file.substr(0, file.size() / 2)), Fails(kInvalid, HasSubstr("input: ")));
  const std::string stream = ArrowStreamBytes(rows_);
  EXPECT_THAT(ReadFailure(stream.substr(0, stream.size() / 2)), Fails(kInvalid, HasSubstr("input: ")));
}

TEST_F(ArrowReaderTest, OffsetsThatLeadOutsideOfTheTextAreRefused) {
  const int32_t offsets[] = {0, 1, 1'000'000};
  const auto text =
      std::make_shared<arrow::StringArray>(2, arrow::Buffer::Wrap(offsets, 3), arrow::Buffer::FromString("ab"));
  const auto bad =
      arrow::RecordBatch::Make(arrow::schema({arrow::field("k", arrow::utf8()), arrow::field("v", arrow::int64())}), 2,
                               {text, rows_->column(0)});
  EXPECT_THAT(ReadFailure(ArrowFileBytes(bad)), Fails(kInvalid, HasSubstr("input: ")));
  EXPECT_THAT(ReadFailure(ArrowStreamBytes(bad)), Fails(kInvalid, HasSubstr("input: ")));
}

TEST_F(ArrowReaderTest, OutputToAPipeIsAStreamAndToAFileAFile) {
  const auto batches = ValueOf(ReadBatches(ArrowFileBytes(rows_), {.format = InputFormat::kArrow}, layout_));
  EXPECT_TRUE(ValueOf(WriteBatches(batches, {.format = OutputFormat::kArrow}, layout_)).starts_with("ARROW1"));
}

}  // namespace
}  // namespace sleeper::exchange
