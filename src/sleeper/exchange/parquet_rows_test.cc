#include "sleeper/exchange/parquet_rows.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "sleeper/base/random.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"

// Random tables of every flat type, written by libparquet with every encoding, compression and version of pages, and
// read twice: by our own decoder of pages and by libparquet. Both must give the same rows.

namespace sleeper::exchange {
namespace {

using model::ValueOf;

constexpr uint64_t kSeed = 20261123;
constexpr int kFiles = 30;

template <typename T>
std::shared_ptr<arrow::Array> Built(arrow::ArrayBuilder& builder, int64_t rows, SeededRandom& random, int null_percent,
                                    const T& append) {
  for (int64_t row = 0; row < rows; ++row) {
    const bool is_null = static_cast<int>(random.Below(100)) < null_percent;
    EXPECT_TRUE((is_null ? builder.AppendNull() : append()).ok());
  }
  return builder.Finish().ValueOrDie();
}

/// A text of few or of many different ones, some of them long, some not of ASCII.
std::string TextOf(SeededRandom& random) {
  const uint64_t kind = random.Below(20);
  if (kind == 0) return "";
  if (kind == 1) return "caf\u00e9 " + std::to_string(random.Below(5));
  if (kind == 2) return std::string(random.Below(300), static_cast<char>('a' + random.Below(3)));
  return "name-" + std::to_string(random.Below(kind < 10 ? 8 : 1'000'000));
}

template <typename Builder>
std::shared_ptr<arrow::Array> Numbers(const std::shared_ptr<arrow::DataType>& type, int64_t rows, SeededRandom& random,
                                      int null_percent, uint64_t values) {
  Builder builder(type, arrow::default_memory_pool());
  return Built(builder, rows, random, null_percent,
               [&] { return builder.Append(static_cast<typename Builder::value_type>(random.Below(values))); });
}

std::shared_ptr<arrow::Array> Column(const std::shared_ptr<arrow::DataType>& type, int64_t rows, SeededRandom& random,
                                     int null_percent) {
  switch (type->id()) {
    case arrow::Type::BOOL: {
      arrow::BooleanBuilder builder;
      return Built(builder, rows, random, null_percent, [&] { return builder.Append(random.Below(3) == 0); });
    }
    case arrow::Type::INT8:
      return Numbers<arrow::Int8Builder>(type, rows, random, null_percent, 256);
    case arrow::Type::INT16:
      return Numbers<arrow::Int16Builder>(type, rows, random, null_percent, 1 << 16);
    case arrow::Type::UINT8:
      return Numbers<arrow::UInt8Builder>(type, rows, random, null_percent, 256);
    case arrow::Type::UINT16:
      return Numbers<arrow::UInt16Builder>(type, rows, random, null_percent, 1 << 16);
    case arrow::Type::INT32:
      return Numbers<arrow::Int32Builder>(type, rows, random, null_percent, uint64_t{1} << 32);
    case arrow::Type::UINT32:
      return Numbers<arrow::UInt32Builder>(type, rows, random, null_percent, uint64_t{1} << 32);
    case arrow::Type::DATE32:
      return Numbers<arrow::Date32Builder>(type, rows, random, null_percent, 40'000);
    case arrow::Type::INT64:
      return Numbers<arrow::Int64Builder>(type, rows, random, null_percent, std::numeric_limits<uint64_t>::max());
    case arrow::Type::UINT64:
      return Numbers<arrow::UInt64Builder>(type, rows, random, null_percent, uint64_t{1} << 62);
    case arrow::Type::TIMESTAMP: {
      arrow::TimestampBuilder builder(type, arrow::default_memory_pool());
      return Built(builder, rows, random, null_percent,
                   [&] { return builder.Append(static_cast<int64_t>(random.Below(1'000'000'000)) * 1'000); });
    }
    case arrow::Type::FLOAT:
      return Numbers<arrow::FloatBuilder>(type, rows, random, null_percent, 1'000'000);
    case arrow::Type::DOUBLE:
      return Numbers<arrow::DoubleBuilder>(type, rows, random, null_percent, 50);
    case arrow::Type::LARGE_STRING: {
      arrow::LargeStringBuilder builder;
      return Built(builder, rows, random, null_percent, [&] { return builder.Append(TextOf(random)); });
    }
    case arrow::Type::DICTIONARY: {
      arrow::StringDictionaryBuilder builder;
      return Built(builder, rows, random, null_percent,
                   [&] { return builder.Append(std::to_string(random.Below(30))); });
    }
    case arrow::Type::BINARY: {
      arrow::BinaryBuilder builder;
      return Built(builder, rows, random, null_percent, [&] { return builder.Append(TextOf(random)); });
    }
    case arrow::Type::FIXED_SIZE_BINARY: {
      arrow::FixedSizeBinaryBuilder builder(type);
      return Built(builder, rows, random, null_percent, [&] { return builder.Append("abcd"); });
    }
    case arrow::Type::LIST: {
      const auto values = std::make_shared<arrow::Int32Builder>();
      arrow::ListBuilder builder(arrow::default_memory_pool(), values);
      return Built(builder, rows, random, null_percent, [&] {
        EXPECT_TRUE(builder.Append().ok());
        return random.Below(2) == 0 ? values->Append(7) : values->AppendNull();
      });
    }
    default: {
      arrow::StringBuilder builder;
      return Built(builder, rows, random, null_percent, [&] { return builder.Append(TextOf(random)); });
    }
  }
}

struct Kind {
  std::shared_ptr<arrow::DataType> type;
  /// The field's type, and the encodings beside a dictionary that libparquet writes.
  std::string field;
  std::vector<parquet::Encoding::type> encodings;
};

std::vector<Kind> Kinds() {
  using parquet::Encoding;
  const std::vector<Encoding::type> numbers = {Encoding::PLAIN, Encoding::DELTA_BINARY_PACKED,
                                               Encoding::BYTE_STREAM_SPLIT};
  const std::vector<Encoding::type> reals = {Encoding::PLAIN, Encoding::BYTE_STREAM_SPLIT};
  const std::vector<Encoding::type> texts = {Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY,
                                             Encoding::DELTA_BYTE_ARRAY};
  return {{arrow::boolean(), "BooleanType", {Encoding::PLAIN, Encoding::RLE}},
          {arrow::int8(), "IntType", numbers},
          {arrow::int16(), "LongType", numbers},
          {arrow::uint8(), "IntType", numbers},
          {arrow::uint16(), "IntType", numbers},
          {arrow::int32(), "IntType", numbers},
          {arrow::int32(), "LongType", numbers},
          {arrow::uint32(), "LongType", numbers},
          {arrow::int64(), "LongType", numbers},
          {arrow::uint64(), "LongType", numbers},
          {arrow::float32(), "DoubleType", reals},
          {arrow::float64(), "DoubleType", reals},
          {arrow::float64(), "IntType", reals},
          {arrow::date32(), "DateType", numbers},
          {arrow::date32(), "TimestampType", numbers},
          {arrow::timestamp(arrow::TimeUnit::MILLI), "TimestampType", numbers},
          {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "TimestampType", numbers},
          {arrow::timestamp(arrow::TimeUnit::NANO), "TimestampType", numbers},
          {arrow::utf8(), "StringType", texts},
          {arrow::utf8(), "ByteArrayType", texts},
          {arrow::large_utf8(), "StringType", texts},
          {arrow::binary(), "ByteArrayType", texts},
          {arrow::dictionary(arrow::int8(), arrow::utf8()), "StringType", {Encoding::PLAIN}},
          {arrow::fixed_size_binary(4), "StringType", {Encoding::PLAIN}},
          {arrow::list(arrow::int32()), "List(LongType)", {Encoding::PLAIN}}};
}

struct RandomFile {
  std::string fields = "key LongType key";
  std::string bytes;
};

template <typename T>
const T& OneOf(const std::vector<T>& values, SeededRandom& random) {
  return values[random.Below(values.size())];
}

std::shared_ptr<parquet::WriterProperties> Settings(const std::vector<Kind>& kinds, SeededRandom& random) {
  using parquet::Compression;
  parquet::WriterProperties::Builder settings;
  settings.data_page_version(random.Below(2) == 0 ? parquet::ParquetDataPageVersion::V1
                                                  : parquet::ParquetDataPageVersion::V2);
  settings.compression(
      OneOf<Compression::type>({Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP, Compression::ZSTD,
                                Compression::LZ4, Compression::LZ4_HADOOP, Compression::BROTLI},
                               random));
  settings.data_pagesize(OneOf<int64_t>({1, 100, 3'000, 1 << 20}, random));
  settings.write_batch_size(OneOf<int64_t>({1, 7, 1'024}, random));
  settings.dictionary_pagesize_limit(OneOf<int64_t>({50, 1'000, 1 << 20}, random));
  settings.max_row_group_length(OneOf<int64_t>({100, 333, 1 << 20}, random));
  if (random.Below(2) == 0) settings.enable_page_checksum();
  if (random.Below(2) == 0) settings.enable_write_page_index();
  if (random.Below(2) == 0) settings.disable_statistics();
  for (size_t i = 0; i < kinds.size(); ++i) {
    const std::string name = "c" + std::to_string(i);
    if (random.Below(2) == 0 || kinds[i].type->id() == arrow::Type::BOOL) {
      settings.disable_dictionary(name);
      settings.encoding(name, OneOf(kinds[i].encodings, random));
    }
  }
  return settings.build();
}

RandomFile MakeFile(SeededRandom& random) {
  RandomFile file;
  const auto rows = static_cast<int64_t>(1 + random.Below(800));
  std::vector<Kind> kinds;
  arrow::FieldVector fields = {arrow::field("key", arrow::int64(), random.Below(2) == 0)};
  arrow::ArrayVector columns = {Column(arrow::int64(), rows, random, 0)};
  const uint64_t count = 1 + random.Below(5);
  for (uint64_t i = 0; i < count; ++i) {
    kinds.push_back(OneOf(Kinds(), random));
    const std::string name = "c" + std::to_string(i);
    const int null_percent = OneOf<int>({0, 0, 3, 50, 100}, random);
    columns.push_back(Column(kinds.back().type, rows, random, null_percent));
    fields.push_back(arrow::field(name, kinds.back().type, null_percent > 0 || random.Below(2) == 0));
    file.fields += ", " + name + " " + kinds.back().field + " nullable";
  }
  parquet::ArrowWriterProperties::Builder arrow_settings;
  if (random.Below(2) == 0) arrow_settings.store_schema();
  const auto table = arrow::Table::Make(arrow::schema(fields), columns, rows);
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const Status written = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, rows,
                                                    Settings(kinds, random), arrow_settings.build());
  EXPECT_TRUE(written.ok()) << written.ToString();
  file.bytes = stream->Finish().ValueOrDie()->ToString();
  return file;
}

Result<std::string> ReadBy(FlatPages reader, const RandomFile& file, int64_t batch_rows_max) {
  return ReadRows(file.bytes, {.batch_rows_max = batch_rows_max, .flat_pages = reader}, LayoutOf(file.fields));
}

TEST(ParquetRowsTest, OurDecoderReadsWhatLibparquetReads) {
  for (int i = 0; i < kFiles; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed + static_cast<uint64_t>(i)));
    SeededRandom random(kSeed + static_cast<uint64_t>(i));
    const RandomFile file = MakeFile(random);
    SCOPED_TRACE(file.fields);
    const auto batch_rows_max = static_cast<int64_t>(1 + random.Below(2'000));
    const auto ours = ReadBy(FlatPages::kOwn, file, batch_rows_max);
    const auto theirs = ReadBy(FlatPages::kLibrary, file, batch_rows_max);
    ASSERT_EQ(ours.status().ToString(), theirs.status().ToString());
    ASSERT_EQ(ours.ok() ? *ours : "", theirs.ok() ? *theirs : "");
  }
}

TEST(ParquetRowsTest, WhateverIsDamagedIsReadOrRefusedByName) {
  for (int i = 0; i < kFiles; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed + static_cast<uint64_t>(i)));
    SeededRandom random(kSeed + static_cast<uint64_t>(i));
    RandomFile file = MakeFile(random);
    for (int change = 0; change < 3; ++change) {
      file.bytes[random.Below(file.bytes.size())] = static_cast<char>(random.Below(256));
    }
    const auto rows = ReadBy(FlatPages::kOwn, file, 100);
    if (rows.ok()) continue;
    EXPECT_TRUE(rows.status().message().starts_with("input: ")) << rows.status().ToString();
    EXPECT_TRUE(IsKind(rows.status(), ErrorKind::kInvalid)) << rows.status().ToString();
  }
}

/// The keys 0 to 69 and a text each, in pages of 7 rows and row groups of 35.
RandomFile PagesOfSeven(const parquet::WriterProperties::Builder& settings) {
  std::vector<int64_t> keys(70);
  std::vector<std::string> texts;
  for (size_t i = 0; i < keys.size(); ++i) {
    keys[i] = static_cast<int64_t>(i);
    texts.push_back("text " + std::to_string(i) + std::string(20, '.'));
  }
  arrow::Int64Builder key_builder;
  arrow::StringBuilder text_builder;
  EXPECT_TRUE(key_builder.AppendValues(keys).ok() && text_builder.AppendValues(texts).ok());
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("key", arrow::int64(), false), arrow::field("text", arrow::utf8(), false)}),
      arrow::ArrayVector{key_builder.Finish().ValueOrDie(), text_builder.Finish().ValueOrDie()});
  parquet::WriterProperties::Builder paged = settings;
  paged.disable_dictionary()->disable_statistics()->data_pagesize(1)->write_batch_size(7);
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const Status written = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, 35, paged.build());
  EXPECT_TRUE(written.ok()) << written.ToString();
  return {"key LongType key, text StringType", stream->Finish().ValueOrDie()->ToString()};
}

/// Replaces the occurrence number `which`, from 0 on, of `what`.
void Replace(std::string& bytes, const std::string& what, const std::string& by, int which) {
  size_t at = bytes.find(what);
  for (; which > 0 && at != std::string::npos; --which) at = bytes.find(what, at + 1);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, what.size(), by);
}

TEST(ParquetRowsTest, APageThatOnlyLibparquetReadsIsReadByItWithTheRowsAround) {
  RandomFile file =
      PagesOfSeven(*parquet::WriterProperties::Builder().data_page_version(parquet::ParquetDataPageVersion::V2));
  const std::string rows = ValueOf(ReadBy(FlatPages::kOwn, file, 10));
  // A page header of 7 values, no nulls and 7 rows says 6 rows, which libparquet does not look at: the fourth page of
  // the keys of the first row group.
  Replace(file.bytes, std::string("\x15\x0e\x15\x00\x15\x0e", 6), std::string("\x15\x0e\x15\x00\x15\x0c", 6), 3);
  EXPECT_EQ(ValueOf(ReadBy(FlatPages::kLibrary, file, 10)), rows);
  EXPECT_EQ(ValueOf(ReadBy(FlatPages::kOwn, file, 10)), rows);
}

TEST(ParquetRowsTest, ADamagedPageIsNamed) {
  RandomFile file = PagesOfSeven(*parquet::WriterProperties::Builder().enable_page_checksum());
  Replace(file.bytes, "text 50", "next 50", 0);
  EXPECT_THAT(ReadBy(FlatPages::kOwn, file, 10).status(),
              model::Fails(ErrorKind::kInvalid, "input: row group 1: column text, page 3: a page's checksum is wrong"));
}

TEST(ParquetRowsTest, APageThatPromisesToBeTooLargeIsNotDecompressed) {
  const RandomFile file = PagesOfSeven(*parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD));
  const auto read = [&](int64_t page_bytes_max) {
    return ReadRows(file.bytes, {.page_bytes_max = page_bytes_max}, LayoutOf(file.fields)).status();
  };
  EXPECT_TRUE(read(300).ok());
  EXPECT_THAT(read(200), model::Fails(ErrorKind::kInvalid,
                                      testing::StartsWith("input: row group 0: column text, page 1: a page is larger "
                                                          "than allowed: 210 bytes")));
  EXPECT_THAT(HintOf(read(200)), testing::HasSubstr("ingest.page.bytes.max"));
}

TEST(ParquetRowsTest, APageThatPromisesToBeTooLargeIsNotDecompressedByLibparquetEither) {
  arrow::StringBuilder texts;
  ASSERT_TRUE(texts.Append(std::string(3 << 20, 'x')).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("key", arrow::utf8(), false)}),
                                        arrow::ArrayVector{texts.Finish().ValueOrDie()});
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto settings = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, 1, settings).ok());
  const std::string bytes = stream->Finish().ValueOrDie()->ToString();
  EXPECT_LT(bytes.size(), 4'000u);
  for (const FlatPages reader : {FlatPages::kOwn, FlatPages::kLibrary}) {
    const auto read = [&](int64_t page_bytes_max) {
      return ReadRows(bytes, {.page_bytes_max = page_bytes_max, .flat_pages = reader}, LayoutOf("key StringType key"))
          .status();
    };
    EXPECT_TRUE(read(4 << 20).ok());
    EXPECT_THAT(read(2 << 20),
                model::Fails(ErrorKind::kInvalid, testing::HasSubstr("a page is larger than allowed: 31457")));
  }
}

TEST(ParquetRowsTest, BatchesEndAtTheirBytesWhateverTheFooterSays) {
  // A dictionary of one text of a megabyte: the file says that it is small.
  arrow::StringBuilder texts;
  arrow::Int64Builder keys;
  for (int64_t key = 0; key < 30; ++key) {
    ASSERT_TRUE(keys.Append(key).ok() && texts.Append(std::string(1 << 20, 'x')).ok());
  }
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("key", arrow::int64(), false), arrow::field("text", arrow::utf8(), false)}),
      arrow::ArrayVector{keys.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, 30).ok());
  const auto batches = ValueOf(ReadBatches(stream->Finish().ValueOrDie()->ToString(), {.batch_bytes_max = 4 << 20},
                                           LayoutOf("key LongType key, text StringType")));
  EXPECT_GE(batches.size(), 10u);
  for (const columnar::Batch& batch : batches) EXPECT_LE(batch.bytes(), (4 << 20) + 1000);
}

}  // namespace
}  // namespace sleeper::exchange
