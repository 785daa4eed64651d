#include "sleeper/exchange/csv_reader.h"

#include <string>

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/exchange/csv_records.h"
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

class CsvReaderTest : public testing::Test {
 protected:
  Result<std::string> Read(std::string text) const {
    return ReadRows(std::move(text), {.format = InputFormat::kCsv, .csv = dialect_}, layout_);
  }
  Status ReadFailure(std::string text) const { return Read(std::move(text)).status(); }

  CsvDialect dialect_;
  std::shared_ptr<const columnar::Layout> layout_ = LayoutOf("k StringType key, v IntType nullable");
};

std::string Compressed(arrow::Compression::type type, const std::string& text) {
  auto codec = ValueOf(arrow::util::Codec::Create(type));
  auto memory = ValueOf(arrow::io::BufferOutputStream::Create());
  auto stream = ValueOf(arrow::io::CompressedOutputStream::Make(codec.get(), memory));
  EXPECT_TRUE(stream->Write(text).ok());
  EXPECT_TRUE(stream->Close().ok());
  return ValueOf(memory->Finish())->ToString();
}

TEST_F(CsvReaderTest, ColumnsAreMatchedByNameInAnyOrderAndOthersAreIgnored) {
  const CallContext call;
  auto reader = ValueOf(OpenInput(MakeBufferSource(Buffer::CopyOf("x,v,,k,y\n1,2,3,a,4\n"), "input"),
                                  {.format = InputFormat::kCsv}, layout_, call));
  EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_), "{\"k\":\"a\",\"v\":2}\n");
  EXPECT_EQ(reader->ignored().count, 3);
  EXPECT_THAT(reader->ignored().names, ElementsAre("x", "", "y"));
  EXPECT_EQ(reader->bytes_total(), 19);
  EXPECT_EQ(reader->bytes_read(), 19);
  EXPECT_EQ(reader->rows_total(), std::nullopt);
}

TEST_F(CsvReaderTest, QuotedFieldsHoldDelimitersLineEndsAndDoubledQuotes) {
  EXPECT_EQ(ValueOf(Read("k,v\n\"a,\"\"b\"\"\nc\",1\n\"\"\"\",2\n")),
            "{\"k\":\"a,\\\"b\\\"\\nc\",\"v\":1}\n{\"k\":\"\\\"\",\"v\":2}\n");
}

TEST_F(CsvReaderTest, AQuoteInsideAnUnquotedFieldIsACharacter) {
  EXPECT_EQ(ValueOf(Read("k,v\n5\" disk,1\n")), "{\"k\":\"5\\\" disk\",\"v\":1}\n");
}

TEST_F(CsvReaderTest, LinesEndWithLfCrLfCrOrTheEndOfTheFile) {
  const std::string rows = "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n";
  EXPECT_EQ(ValueOf(Read("k,v\na,1\nb,2\n")), rows);
  EXPECT_EQ(ValueOf(Read("k,v\r\na,1\r\nb,2\r\n")), rows);
  EXPECT_EQ(ValueOf(Read("k,v\ra,1\rb,2\r")), rows);
  EXPECT_EQ(ValueOf(Read("k,v\na,1\nb,2")), rows);
  EXPECT_EQ(ValueOf(Read("\n\r\nk,v\n\na,1\n\r\n\nb,2\n\n\n")), rows);
}

TEST_F(CsvReaderTest, TheSameRowsComeHoweverTheBytesArrive) {
  const std::string text = "k,v\r\n\"a\"\"\r\nb\",1\r\n\r\n\"\",\"2\"\r\nü😀,\r\n\"z\",\"4\"";
  const CallContext call;
  for (int64_t step = 1; step <= static_cast<int64_t>(text.size()); ++step) {
    auto reader =
        ValueOf(OpenInput(std::make_unique<TricklingSource>(text, step), {.format = InputFormat::kCsv}, layout_, call));
    EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_),
              "{\"k\":\"a\\\"\\r\\nb\",\"v\":1}\n{\"k\":\"\",\"v\":2}\n{\"k\":\"ü😀\",\"v\":null}\n"
              "{\"k\":\"z\",\"v\":4}\n")
        << "step " << step;
  }
}

TEST_F(CsvReaderTest, OnlyTheEmptyUnquotedFieldIsNullByDefault) {
  layout_ = LayoutOf("k IntType key, s StringType nullable");
  EXPECT_EQ(ValueOf(Read("k,s\n1,\n2,\"\"\n3,null\n4,\" \"\n")),
            "{\"k\":1,\"s\":null}\n{\"k\":2,\"s\":\"\"}\n{\"k\":3,\"s\":\"null\"}\n{\"k\":4,\"s\":\" \"}\n");
}

TEST_F(CsvReaderTest, AnEmptyLineIsANullWhereAFileOfOneColumnMayHaveOne) {
  layout_ = LayoutOfOne("s StringType nullable");
  const std::string rows = "{\"s\":\"a\"}\n{\"s\":null}\n{\"s\":\"\"}\n{\"s\":null}\n";
  EXPECT_EQ(ValueOf(Read("s\na\n\n\"\"\n\n")), rows);
  EXPECT_EQ(ValueOf(Read("\n\r\ns\r\na\r\n\r\n\"\"\r\n\r\n")), rows);
  EXPECT_EQ(ValueOf(Read("s\ra\r\r\"\"\r\r")), rows);
  EXPECT_EQ(ValueOf(Read("s\n")), "");
  const std::string text = "s\r\na\r\n\r\n\"\"\r\n\n";
  const CallContext call;
  for (int64_t step = 1; step <= static_cast<int64_t>(text.size()); ++step) {
    auto reader =
        ValueOf(OpenInput(std::make_unique<TricklingSource>(text, step), {.format = InputFormat::kCsv}, layout_, call));
    EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout_), rows) << "step " << step;
  }
}

TEST_F(CsvReaderTest, EmptyLinesOfAFileOfOneColumnArePassedOverIfTheyAreNoNulls) {
  layout_ = LayoutOf("s StringType key");
  EXPECT_EQ(ValueOf(Read("s\n\na\n\n")), "{\"s\":\"a\"}\n");
  layout_ = LayoutOfOne("v IntType nullable");
  dialect_.null_values = {"NA"};
  EXPECT_EQ(ValueOf(Read("v\n\n1\nNA\n\n")), "{\"v\":1}\n{\"v\":null}\n");
}

TEST_F(CsvReaderTest, OtherTextsCanStandForNullInstead) {
  layout_ = LayoutOf("k IntType key, s StringType nullable");
  dialect_.null_values = {"NA", "\\N"};
  EXPECT_EQ(ValueOf(Read("k,s\n1,NA\n2,\"NA\"\n3,\\N\n4,\n")),
            "{\"k\":1,\"s\":null}\n{\"k\":2,\"s\":\"NA\"}\n{\"k\":3,\"s\":null}\n{\"k\":4,\"s\":\"\"}\n");
}

TEST_F(CsvReaderTest, TheDelimiterCanBeAnother) {
  dialect_.delimiter = '\t';
  EXPECT_EQ(ValueOf(Read("k\tv\na,b\t1\n")), "{\"k\":\"a,b\",\"v\":1}\n");
  dialect_.delimiter = '"';
  EXPECT_THAT(ReadFailure("k\n"), Fails(kInvalid, HasSubstr("cannot be the delimiter")));
}

TEST_F(CsvReaderTest, SpacesAroundNumbersAreNoPartOfThem) {
  EXPECT_EQ(ValueOf(Read("k,v\n a , 1\t\n")), "{\"k\":\" a \",\"v\":1}\n");
}

TEST_F(CsvReaderTest, AByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_EQ(ValueOf(Read("\xEF\xBB\xBFk,v\na,1\n")), "{\"k\":\"a\",\"v\":1}\n");
}

TEST_F(CsvReaderTest, GzipAndZstdAreReadAsWhatTheyHold) {
  const std::string text = "k,v\na,1\n";
  for (const auto type : {arrow::Compression::GZIP, arrow::Compression::ZSTD}) {
    const std::string bytes = Compressed(type, text);
    EXPECT_EQ(ValueOf(Read(bytes)), "{\"k\":\"a\",\"v\":1}\n");
    EXPECT_EQ(ValueOf(Read(bytes + Compressed(type, "b,2\n"))), "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
    EXPECT_THAT(ReadFailure(bytes.substr(0, bytes.size() - 5)), Fails(kInvalid, HasSubstr("input: ")));
    EXPECT_THAT(ReadFailure(Compressed(type, "")), Fails(kInvalid, "input: the file is empty"));
  }
}

TEST_F(CsvReaderTest, AHeaderAloneIsAFileWithoutRows) {
  EXPECT_EQ(ValueOf(Read("k,v\n")), "");
  EXPECT_EQ(ValueOf(Read("k,v")), "");
}

TEST_F(CsvReaderTest, AFileWithoutAHeaderIsRefused) {
  EXPECT_THAT(ReadFailure(""), Fails(kInvalid, "input: the file is empty"));
  EXPECT_THAT(ReadFailure("\n\n"), Fails(kInvalid, HasSubstr("input: there is no header")));
}

TEST_F(CsvReaderTest, MissingColumnsAreNamedTogetherWithThoseThatAreThere) {
  const Status status = ReadFailure("a,b\n1,2\n");
  EXPECT_THAT(status, Fails(kInvalid, "input: columns are missing: k, v"));
  EXPECT_EQ(HintOf(status), "the input has the columns a, b");
  EXPECT_THAT(ReadFailure("k\n1\n"), Fails(kInvalid, "input: a column is missing: v"));
  EXPECT_THAT(HintOf(ReadFailure("k,V\n")), HasSubstr("the input has a column V; upper and lower case"));
}

TEST_F(CsvReaderTest, TwoColumnsOfOneNameAreRefused) {
  EXPECT_THAT(ReadFailure("k,v,k\n"), Fails(kInvalid, "input: two columns have the same name: k"));
}

TEST_F(CsvReaderTest, ANullInAKeyNamesRowLineAndColumn) {
  const Status status = ReadFailure("k,v\n\"a\nb\",1\n,2\n");
  EXPECT_THAT(status, Fails(kInvalid, "input: row 2 (line 4), column k: null in a field that is not nullable"));
  EXPECT_EQ(HintOf(status), "an empty text is written as \"\"");
}

TEST_F(CsvReaderTest, AValueThatDoesNotFitIsNamedWithItsPlace) {
  EXPECT_THAT(ReadFailure("k,v\na,1\nb,2147483648\n"),
              Fails(kInvalid,
                    "input: row 2 (line 3), column v: does not fit IntType (-2147483648 to 2147483647): "
                    "2147483648"));
  EXPECT_THAT(ReadFailure("k,v\na,one\n"),
              Fails(kInvalid, "input: row 1 (line 2), column v: is not a whole number: one"));
}

TEST_F(CsvReaderTest, RowsOfAnotherLengthThanTheHeaderAreRefused) {
  EXPECT_THAT(ReadFailure("k,v\na\n"), Fails(kInvalid,
                                             "input: row 1 (line 2): the number of fields differs from the "
                                             "header's: 1 instead of 2"));
  EXPECT_THAT(ReadFailure("k,v\na,1\nb,2,3\n"), Fails(kInvalid, HasSubstr("row 2 (line 3)")));
}

TEST_F(CsvReaderTest, AQuoteThatIsNotClosedIsFoundWithTheLineThatOpensIt) {
  EXPECT_THAT(ReadFailure("k,v\na,1\n\"b\n,2\nc,3\n"), Fails(kInvalid, "input: line 3: a quote is not closed"));
}

TEST_F(CsvReaderTest, TextBehindAClosingQuoteIsRefused) {
  EXPECT_THAT(ReadFailure("k,v\n\"a\" b,1\n"), Fails(kInvalid, "input: line 2: text follows a closing quote:  b,1"));
}

TEST_F(CsvReaderTest, TextsMustBeUtf8) {
  EXPECT_THAT(ReadFailure("k,v\n\xff\xfe,1\n"),
              Fails(kInvalid, "input: row 1 (line 2), column k: is not valid UTF-8: \\xff\\xfe"));
  EXPECT_THAT(ReadFailure("k,v,\xff\n"), Fails(kInvalid, "input: the header is not valid UTF-8"));
  EXPECT_THAT(ReadFailure(std::string("\xff\xfek\0,\0v\0\n\0", 10)), Fails(kInvalid, HasSubstr("UTF-16")));
}

TEST_F(CsvReaderTest, AZeroByteIsACharacterLikeAnother) {
  EXPECT_EQ(ValueOf(Read(std::string("k,v\na\0b,1\n", 10))), "{\"k\":\"a\\u0000b\",\"v\":1}\n");
}

TEST_F(CsvReaderTest, AnotherFormatUnderTheNameOfCsvIsRecognised) {
  EXPECT_THAT(ReadFailure("PAR1\x15\x04PAR1"), Fails(kInvalid, "input: not a text but a Parquet file"));
  EXPECT_THAT(ReadFailure(std::string("ARROW1\0\0\xff", 9)), Fails(kInvalid, "input: not a text but an Arrow file"));
  EXPECT_EQ(ValueOf(Read("PAR1,k,v\nx,a,1\n")), "{\"k\":\"a\",\"v\":1}\n");
  EXPECT_EQ(ValueOf(Read("ARROWS,k,v\nx,a,1\n")), "{\"k\":\"a\",\"v\":1}\n");
}

TEST_F(CsvReaderTest, ARecordWithoutAnEndIsRefusedBeforeItFillsTheMemory) {
  const std::string text = "k,v\n\"" + std::string(3 << 20, 'x');
  const InputOptions options{.format = InputFormat::kCsv, .record_bytes_max = 1 << 20};
  const Status status = ReadRows(text, options, layout_).status();
  EXPECT_THAT(status, Fails(kInvalid, "input: a record is longer than 1048576 bytes"));
  EXPECT_EQ(HintOf(status), "is a quote not closed?");
}

TEST_F(CsvReaderTest, ListsAndMapsAreJson) {
  layout_ = LayoutOf("k IntType key, l List(IntType) nullable, m Map(StringType IntType)");
  EXPECT_EQ(ValueOf(Read("k,l,m\n1,\"[1, null]\",\"{\"\"a\"\":2}\"\n2,,{}\n")),
            "{\"k\":1,\"l\":[1,null],\"m\":{\"a\":2}}\n{\"k\":2,\"l\":null,\"m\":{}}\n");
  EXPECT_THAT(ReadFailure("k,l,m\n1,[1,{}\n"), Fails(kInvalid, HasSubstr("column l: not JSON at byte 3")));
  EXPECT_THAT(ReadFailure("k,l,m\n1,[1;2],{}\n"), Fails(kInvalid, HasSubstr("column l: not JSON at byte 3")));
  EXPECT_THAT(ReadFailure("k,l,m\n1,7,{}\n"),
              Fails(kInvalid, HasSubstr("column l: cannot become ListType(IntType): 7")));
  EXPECT_THAT(ReadFailure("k,l,m\n1,[],null\n"), Fails(kInvalid, HasSubstr("column m: cannot become MapType")));
  EXPECT_THAT(ReadFailure("k,l,m\n1,[[1]],{}\n"),
              Fails(kInvalid, HasSubstr("column l: cannot become ListType(IntType): a list")));
}

TEST_F(CsvReaderTest, AJsonNullIsNoListAndNoMapHoweverItIsWritten) {
  layout_ = LayoutOf("k StringType key, l List(IntType), m Map(StringType IntType)");
  for (const std::string null : {"null", " null\t", "\"\nnull\"", "\"null\r\"", "\"\r\n null\"", "\xEF\xBB\xBFnull"}) {
    EXPECT_THAT(ReadFailure("k,l,m\nz," + null + ",{}\n"),
                Fails(kInvalid, HasSubstr("column l: cannot become ListType")));
    EXPECT_THAT(ReadFailure("k,l,m\nz,[]," + null + "\n"),
                Fails(kInvalid, HasSubstr("column m: cannot become MapType")));
  }
}

TEST_F(CsvReaderTest, AHeaderOfTooManyFieldsIsRefused) {
  EXPECT_THAT(ReadFailure("k,v" + std::string(kCsvFieldsMax, ',') + "\n"),
              Fails(kInvalid, "input: the header has more than 100000 fields: 100002"));
}

TEST_F(CsvReaderTest, TheFieldsOfARowThatIsFarTooLongAreOnlyCounted) {
  EXPECT_THAT(ReadFailure("k,v\na,1\nb" + std::string(1'000'000, ',') + "\n"),
              Fails(kInvalid, HasSubstr("row 2 (line 3): the number of fields differs from the header's: 1000001 "
                                        "instead of 2")));
}

}  // namespace
}  // namespace sleeper::exchange
