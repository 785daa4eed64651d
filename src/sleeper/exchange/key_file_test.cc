#include "sleeper/exchange/key_file.h"

#include <string>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/testing/foreign_files.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::KeyTuple;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr ErrorKind kInvalid = ErrorKind::kInvalid;

class KeyFileTest : public testing::Test {
 protected:
  Result<std::vector<KeyTuple>> Keys(const std::string& bytes) const {
    return ReadKeyFile(MakeBufferSource(Buffer::CopyOf(bytes), "keys"), layout_->schema(), {});
  }
  Result<std::vector<KeyTuple>> SplitPoints(const std::string& bytes) const {
    return ReadSplitPoints(MakeBufferSource(Buffer::CopyOf(bytes), "points"), layout_->schema(), {});
  }

  std::shared_ptr<const columnar::Layout> layout_ = LayoutOf("s StringType key, n LongType key, v IntType");
};

KeyTuple Key(std::string text, int64_t number) { return {std::move(text), number}; }

TEST_F(KeyFileTest, KeysAreLinesOfFieldsSeparatedByTabs) {
  EXPECT_THAT(ValueOf(Keys("b\t2\r\n\na a\t-1")), ElementsAre(Key("b", 2), Key("a a", -1)));
}

TEST_F(KeyFileTest, AKeyOfOneStringIsTheWholeLineAlsoAnEmptyOne) {
  layout_ = LayoutOf("s StringType key, v IntType");
  EXPECT_THAT(ValueOf(Keys("a\tb\n\nc\n")),
              ElementsAre(KeyTuple{std::string("a\tb")}, KeyTuple{std::string()}, KeyTuple{std::string("c")}));
}

TEST_F(KeyFileTest, KeysThatDoNotParseAreNamedWithTheirLine) {
  EXPECT_THAT(Keys("a\t1\nb\tx\n").status(), Fails(kInvalid, HasSubstr("keys: line 2: ")));
  EXPECT_THAT(Keys("a\t1\nb\n").status(), Fails(kInvalid, "keys: line 2: a whole key has 2 fields, here are: 1"));
  EXPECT_THAT(Keys("a\t1\t2\n").status(), Fails(kInvalid, HasSubstr("keys: line 1: ")));
  EXPECT_THAT(Keys("").status(), Fails(kInvalid, "keys: the file is empty"));
}

TEST_F(KeyFileTest, AParquetFileHoldsKeysInTheColumnsOfThatName) {
  const auto rows = ForeignRows(
      {{"n", arrow::int32(), "[2, 1]"}, {"x", arrow::int32(), "[0, 0]"}, {"s", arrow::utf8(), R"(["b", "a"])"}});
  EXPECT_THAT(ValueOf(Keys(ParquetBytes(rows))), ElementsAre(Key("b", 2), Key("a", 1)));
  EXPECT_THAT(Keys(ParquetBytes(ForeignRows({{"n", arrow::int32(), "[]"}}))).status(),
              Fails(kInvalid, "keys: a column is missing: s"));
}

TEST_F(KeyFileTest, ATextMayBeginAsTheMagicOfABinaryFileDoes) {
  layout_ = LayoutOf("s StringType key, v IntType");
  for (const std::string key : {"PAR1", "PAR1S-NORD", "ARRO", "ARROW1", "ARROW123"}) {
    EXPECT_THAT(ValueOf(Keys(key + "\nb\n")), ElementsAre(KeyTuple{key}, KeyTuple{std::string("b")})) << key;
    EXPECT_THAT(ValueOf(Keys(key)), ElementsAre(KeyTuple{key})) << key;
    EXPECT_THAT(ValueOf(SplitPoints(key + "\nb\n")), ElementsAre(KeyTuple{key}, KeyTuple{std::string("b")})) << key;
  }
}

TEST_F(KeyFileTest, AParquetFileWithoutItsEndIsStillNoText) {
  layout_ = LayoutOf("s StringType key, v IntType");
  const std::string bytes = ParquetBytes(ForeignRows({{"s", arrow::utf8(), R"(["b", "a"])"}}));
  EXPECT_THAT(Keys(bytes.substr(0, bytes.size() - 1)).status(),
              Fails(kInvalid, "keys: the Parquet file is truncated: its end is missing"));
  EXPECT_THAT(SplitPoints(bytes).status(), Fails(kInvalid, "points: not a text but a Parquet file"));
}

TEST_F(KeyFileTest, KeysOfEveryTypeAreReadFromParquet) {
  layout_ = LayoutOf("i IntType key, b ByteArrayType key, d DateType key, t TimestampType key");
  const auto rows = ForeignRows({{"i", arrow::int32(), "[1]"},
                                 {"b", arrow::binary(), R"(["a"])"},
                                 {"d", arrow::date32(), "[2]"},
                                 {"t", arrow::timestamp(arrow::TimeUnit::MICRO), "[3]"}});
  EXPECT_THAT(ValueOf(Keys(ParquetBytes(rows))),
              ElementsAre(KeyTuple{int32_t{1}, model::Bytes{"a"}, model::Date{2}, model::Timestamp{3}}));
}

TEST_F(KeyFileTest, SplitPointsAscendAndMayBeLeadingParts) {
  EXPECT_THAT(ValueOf(SplitPoints("a\na\t-5\na\t7\nb\n")),
              ElementsAre(KeyTuple{std::string("a")}, Key("a", -5), Key("a", 7), KeyTuple{std::string("b")}));
}

TEST_F(KeyFileTest, SplitPointsThatRepeatOrDescendAreNamedWithTheirLine) {
  EXPECT_THAT(SplitPoints("a\t1\n\na\t1\n").status(),
              Fails(kInvalid, HasSubstr("points: line 3: a split point repeats the one before it: ")));
  EXPECT_THAT(SplitPoints("b\na\n").status(), Fails(kInvalid, HasSubstr("points: line 2: split points must ascend")));
  EXPECT_THAT(SplitPoints("b\tx\n").status(), Fails(kInvalid, HasSubstr("points: line 1: ")));
}

}  // namespace
}  // namespace sleeper::exchange
