#include "sleeper/file/column_page.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/file/crc32.h"
#include "sleeper/file/page_encoder.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

const LeafShape kText{.type = PhysicalType::kByteArray};
const LeafShape kNullableText{.type = PhysicalType::kByteArray, .max_definition = 1};
const LeafShape kNumber{.type = PhysicalType::kInt64};
const LeafShape kNullableNumber{.type = PhysicalType::kInt64, .max_definition = 1};
const LeafShape kLists{.type = PhysicalType::kInt64, .repeated = true, .max_definition = 3, .empty_level = 1};

/// A page with its header, as it lies in a file.
struct Page {
  PageHeader header;
  std::vector<uint8_t> body;
};

Page PageOf(const PageRows& rows, ValueEncoding values = ValueEncoding::kSmaller) {
  PageEncoder encoder({.values = values, .compressor = std::make_shared<PageCompressor>(Codec::kZstd, 1)});
  ByteArray out;
  Page page{.header = ValueOf(encoder.Append(rows, std::nullopt, 0, out))};
  const int64_t header_bytes = ValueOf(ParsePageHeader(out.span())).bytes;
  page.body.assign(out.data() + header_bytes, out.end());
  return page;
}

PageRows TextRows(const LeafShape& shape, const std::vector<std::optional<std::string>>& values) {
  PageRows rows(shape);
  for (const auto& value : values) {
    const std::string text = value.value_or("");
    const uint8_t valid = value ? 1 : 0;
    const auto size = static_cast<int32_t>(text.size());
    if (shape.nullable()) rows.valid.Append({&valid, 1});
    rows.sizes.Append({&size, 1});
    rows.bytes.Append({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  rows.rows = rows.slots = static_cast<int64_t>(values.size());
  return rows;
}

PageRows NumberRows(const LeafShape& shape, const std::vector<int64_t>& values) {
  PageRows rows(shape);
  rows.fixed.Append({reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(int64_t)});
  rows.rows = rows.slots = static_cast<int64_t>(values.size());
  return rows;
}

class ColumnPageTest : public testing::Test {
 protected:
  Status Load(const Page& page, const LeafShape& shape, int64_t bytes_max = kPageBytesMax) {
    return page_.Load({.shape = &shape,
                       .codec = codec_,
                       .header = &page.header,
                       .body = page.body,
                       .dictionary = dictionary_,
                       .bytes_max = bytes_max},
                      decoder_);
  }

  std::vector<std::string> Text() const {
    std::vector<std::string> text;
    const FlatValues& values = page_.values();
    for (int64_t i = 0; i < values.count; ++i) {
      const bool valid = values.valid == nullptr || values.valid[i] != 0;
      const ByteView view = values.views[i];
      text.push_back(valid ? std::string(reinterpret_cast<const char*>(values.bytes) + view.begin, view.size) : "null");
    }
    return text;
  }

  std::vector<int64_t> Numbers() const {
    std::vector<int64_t> numbers(static_cast<size_t>(page_.values().count));
    std::memcpy(numbers.data(), page_.values().fixed, numbers.size() * sizeof(int64_t));
    return numbers;
  }

  Codec codec_ = Codec::kZstd;
  PageDecoder decoder_;
  ColumnPage page_;
  std::shared_ptr<const ColumnPage> dictionary_;
};

TEST_F(ColumnPageTest, EveryRowCanBeTakenByItsNumber) {
  const PageRows rows = TextRows(kNullableText, {"apple", std::nullopt, "", "apricot", std::nullopt});
  for (const ValueEncoding encoding : {ValueEncoding::kPlain, ValueEncoding::kDelta, ValueEncoding::kSharedPrefixes}) {
    ASSERT_TRUE(Load(PageOf(rows, encoding), kNullableText).ok());
    EXPECT_THAT(Text(), ElementsAre("apple", "null", "", "apricot", "null"));
    EXPECT_EQ(page_.values().nulls, 2);
  }
}

TEST_F(ColumnPageTest, NullsOfNumbersAreZero) {
  PageRows rows = NumberRows(kNullableNumber, {1, 77, 3});
  rows.valid.Append(std::vector<uint8_t>{1, 0, 1});
  for (const ValueEncoding encoding : {ValueEncoding::kPlain, ValueEncoding::kDelta}) {
    ASSERT_TRUE(Load(PageOf(rows, encoding), kNullableNumber).ok());
    EXPECT_THAT(Numbers(), ElementsAre(1, 0, 3));
  }
}

TEST_F(ColumnPageTest, ListsKnowTheirElements) {
  PageRows rows = NumberRows(kLists, {1, 2, 3});
  rows.valid.Append(std::vector<uint8_t>{1, 0, 1});
  rows.list_sizes.Append(std::vector<uint32_t>{2, 0, 0, 1});
  rows.valid_rows.Append(std::vector<uint8_t>{1, 0, 1, 1});
  rows.rows = 4;
  const Page page = PageOf(rows);
  EXPECT_EQ(page.header.rows, 4);
  EXPECT_EQ(page.header.values, 5);
  EXPECT_EQ(page.header.nulls, 3);
  ASSERT_TRUE(Load(page, kLists).ok());
  EXPECT_EQ(page_.rows(), 4);
  EXPECT_EQ(page_.null_rows(), 1);
  EXPECT_THAT(std::vector(page_.row_offsets(), page_.row_offsets() + 5), ElementsAre(0, 2, 2, 2, 3));
  EXPECT_THAT(std::vector(page_.valid_rows(), page_.valid_rows() + 4), ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(Numbers(), ElementsAre(1, 0, 3));
}

TEST_F(ColumnPageTest, PagesThatDoNotShrinkAreStoredAsTheyAre) {
  PageEncoder encoder(
      {.values = ValueEncoding::kPlain, .compressor = std::make_shared<PageCompressor>(Codec::kZstd, 1)});
  ByteArray out;
  const PageHeader small =
      ValueOf(encoder.Append(NumberRows(kNumber, {0x123456789ABCDEF0, 0x0FEDCBA987654321}), std::nullopt, 0, out));
  EXPECT_FALSE(small.is_compressed);
  EXPECT_EQ(small.compressed_bytes, 16);
  const PageHeader equal =
      ValueOf(encoder.Append(NumberRows(kNumber, std::vector<int64_t>(1000, 7)), std::nullopt, 0, out));
  EXPECT_TRUE(equal.is_compressed);
  EXPECT_LT(equal.compressed_bytes, 1000);
}

TEST_F(ColumnPageTest, IntegersArePlainWhereDeltasWouldBeLarger) {
  const std::vector<int64_t> far_apart = {0, int64_t{1} << 62, 5, -(int64_t{1} << 62)};
  const std::vector<int64_t> close = std::vector<int64_t>(100, 1000);
  EXPECT_EQ(PageOf(NumberRows(kNumber, far_apart)).header.encoding, Encoding::kPlain);
  EXPECT_EQ(PageOf(NumberRows(kNumber, close)).header.encoding, Encoding::kDeltaBinaryPacked);
  EXPECT_EQ(PageOf(NumberRows(kNumber, far_apart), ValueEncoding::kDelta).header.encoding,
            Encoding::kDeltaBinaryPacked);
}

TEST_F(ColumnPageTest, PageThatHasMoreElementsThanItsHeaderSaysIsRefused) {
  PageRows rows = NumberRows(kLists, {1, 2});
  rows.valid.Append(std::vector<uint8_t>{1, 1});
  rows.list_sizes.Append(std::vector<uint32_t>{2});
  rows.valid_rows.Append(std::vector<uint8_t>{1});
  rows.rows = 1;
  Page page = PageOf(rows, ValueEncoding::kPlain);
  ASSERT_TRUE(Load(page, kLists).ok());
  page.header.values = 1;
  EXPECT_THAT(Load(page, kLists), Fails(ErrorKind::kCorrupt, HasSubstr("more values")));
}

TEST_F(ColumnPageTest, TheChecksumIsThatOfTheBytesAsTheyLie) {
  const Page page = PageOf(TextRows(kText, {"some", "text"}));
  EXPECT_EQ(page.header.crc, Crc32(0, page.body));
}

// What is refused.

TEST_F(ColumnPageTest, APageThatPromisesTooMuchIsRefused) {
  // A megabyte of zeros in some dozens of bytes.
  const Page bomb = PageOf(NumberRows(kNumber, std::vector<int64_t>(1 << 17, 0)), ValueEncoding::kPlain);
  EXPECT_LT(bomb.body.size(), 200);
  EXPECT_TRUE(Load(bomb, kNumber, 2 << 20).ok());
  EXPECT_THAT(Load(bomb, kNumber, 1 << 18), Fails(ErrorKind::kCorrupt, HasSubstr("larger than allowed")));
  // A million nulls in a few bytes.
  PageRows nulls = NumberRows(kNullableNumber, std::vector<int64_t>(1 << 20, 0));
  nulls.valid.Append(std::vector<uint8_t>(1 << 20, 0));
  const Page many = PageOf(nulls);
  EXPECT_LT(many.body.size(), 10);
  EXPECT_THAT(Load(many, kNullableNumber, 1 << 20), Fails(ErrorKind::kCorrupt, HasSubstr("larger than allowed")));
}

TEST_F(ColumnPageTest, CountsThatContradictOneAnotherAreRefused) {
  const Page page = PageOf(TextRows(kNullableText, {"a", std::nullopt, "b"}));
  Page other = page;
  other.header.nulls = 2;
  EXPECT_THAT(Load(other, kNullableText), Fails(ErrorKind::kCorrupt, HasSubstr("nulls")));
  other.header.nulls = 0;
  EXPECT_THAT(Load(other, kNullableText), Fails(ErrorKind::kCorrupt, HasSubstr("values")));
  other = page;
  other.header.rows = 2;
  EXPECT_THAT(Load(other, kNullableText), Fails(ErrorKind::kCorrupt, HasSubstr("rows")));
  other = page;
  other.header.values = other.header.rows = 100;
  EXPECT_THAT(Load(other, kNullableText), Fails(ErrorKind::kCorrupt, HasSubstr("levels")));
  other = page;
  other.body.pop_back();
  EXPECT_THAT(Load(other, kNullableText), Fails(ErrorKind::kCorrupt, HasSubstr("cut short")));
  other = page;
  other.header.uncompressed_bytes += 1;
  EXPECT_FALSE(Load(other, kNullableText).ok());
}

TEST_F(ColumnPageTest, EncodingsAndTypesThatAreNotReadHereAreNamed) {
  Page page = PageOf(NumberRows(kNumber, {1, 2, 3}));
  page.header.encoding = Encoding::kBitPacked;
  EXPECT_THAT(Load(page, kNumber), Fails(ErrorKind::kInvalid, HasSubstr("encoding that is not read here: 4")));
  page.header.encoding = Encoding::kDeltaByteArray;
  EXPECT_THAT(Load(page, kNumber), Fails(ErrorKind::kInvalid, HasSubstr("encoding")));
  const LeafShape old_time{.type = PhysicalType::kInt96};
  page.header.encoding = Encoding::kPlain;
  EXPECT_THAT(Load(page, old_time), Fails(ErrorKind::kInvalid, HasSubstr("type is not read here: 3")));
  codec_ = Codec::kBrotli;
  page.header.is_compressed = true;
  EXPECT_THAT(Load(page, kNumber), Fails(ErrorKind::kInvalid, HasSubstr("compression")));
}

TEST_F(ColumnPageTest, NumbersThatAreNotInTheDictionaryAreRefused) {
  codec_ = Codec::kNone;
  // Three values with the numbers 0, 1, 2: a width of two bits, and a group of eight.
  const Page page{.header = {.compressed_bytes = 4,
                             .uncompressed_bytes = 4,
                             .values = 3,
                             .encoding = Encoding::kRleDictionary,
                             .rows = 3},
                  .body = {2, 3, 0b00100100, 0}};
  EXPECT_THAT(Load(page, kNumber), Fails(ErrorKind::kCorrupt, HasSubstr("does not have")));
  for (const size_t size : {3, 2}) {
    std::vector<int64_t> values(size, 40);
    const std::span bytes(reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(int64_t));
    const PageHeader header{.type = PageType::kDictionary,
                            .compressed_bytes = static_cast<int32_t>(bytes.size()),
                            .uncompressed_bytes = static_cast<int32_t>(bytes.size()),
                            .values = static_cast<int32_t>(size)};
    auto dictionary = std::make_shared<ColumnPage>();
    ASSERT_TRUE(dictionary->Load({.shape = &kNumber, .header = &header, .body = bytes}, decoder_).ok());
    dictionary_ = dictionary;
    if (size == 3) {
      ASSERT_TRUE(Load(page, kNumber).ok());
      EXPECT_THAT(Numbers(), ElementsAre(40, 40, 40));
    } else {
      EXPECT_THAT(Load(page, kNumber), Fails(ErrorKind::kCorrupt, HasSubstr("not all in its dictionary")));
    }
  }
}

TEST_F(ColumnPageTest, APageMustBeginWithARow) {
  codec_ = Codec::kNone;
  // Two elements, both of which go on with a row.
  Page page{.header = {.compressed_bytes = 20,
                       .uncompressed_bytes = 20,
                       .values = 2,
                       .rows = 0,
                       .definition_bytes = 2,
                       .repetition_bytes = 2},
            .body = {4, 1, 4, 3}};
  page.body.resize(20);
  EXPECT_THAT(Load(page, kLists), Fails(ErrorKind::kCorrupt, HasSubstr("inside a row")));
  page.body[1] = 0;
  page.header.rows = 2;
  EXPECT_TRUE(Load(page, kLists).ok());
  page.body[3] = 7;
  EXPECT_THAT(Load(page, kLists), Fails(ErrorKind::kCorrupt, HasSubstr("levels")));
}

}  // namespace
}  // namespace sleeper::file
