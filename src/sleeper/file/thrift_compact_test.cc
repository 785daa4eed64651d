#include "sleeper/file/thrift_compact.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::file {
namespace {

using testing::ElementsAre;

std::span<const uint8_t> SpanOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

/// One value of each kind, with a gap between the numbers of fields that needs the long form.
std::string SampleBytes() {
  ThriftWriter out;
  out.StructElement([&] {
    out.Bool(1, true);
    out.Int16(2, -300);
    out.Int32(3, std::numeric_limits<int32_t>::min());
    out.Struct(20, [&] {
      out.Int64(1, std::numeric_limits<int64_t>::max());
      out.Bool(2, false);
    });
    out.Binary(21, "text");
    out.List(22, ThriftType::kTrue, 20);
    for (int i = 0; i < 20; ++i) out.BoolElement(i % 3 == 0);
    out.Int8(40, -7);
  });
  return out.bytes();
}

struct Sample {
  bool flag = false;
  int16_t small = 0;
  int32_t number = 0;
  int64_t large = 0;
  bool inner_flag = true;
  std::string text;
  int trues = 0;
  int8_t byte = 0;
  bool ok = false;
};

Sample Parse(std::span<const uint8_t> bytes) {
  Sample sample;
  ThriftReader in(bytes);
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        sample.flag = in.Bool();
        return;
      case 2:
        sample.small = in.Int16();
        return;
      case 3:
        sample.number = in.Int32();
        return;
      case 20:
        return in.Struct([&](int part) {
          if (part == 1) sample.large = in.Int64();
          if (part == 2) sample.inner_flag = in.Bool();
        });
      case 21:
        sample.text = in.Binary();
        return;
      case 22:
        return in.List([&] { sample.trues += in.Bool() ? 1 : 0; });
      case 40:
        sample.byte = in.Int8();
        return;
      default:
        in.Skip();
    }
  });
  sample.ok = in.ok();
  return sample;
}

TEST(ThriftCompactTest, ValuesComeBackAsTheyWereWritten) {
  const Sample sample = Parse(SpanOf(SampleBytes()));
  EXPECT_TRUE(sample.ok);
  EXPECT_TRUE(sample.flag);
  EXPECT_EQ(sample.small, -300);
  EXPECT_EQ(sample.number, std::numeric_limits<int32_t>::min());
  EXPECT_EQ(sample.large, std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(sample.inner_flag);
  EXPECT_EQ(sample.text, "text");
  EXPECT_EQ(sample.trues, 7);
  EXPECT_EQ(sample.byte, -7);
}

TEST(ThriftCompactTest, TheBytesAreThoseOfTheProtocol) {
  ThriftWriter out;
  out.StructElement([&] {
    out.Int32(1, 150);
    out.Binary(3, "ab");
    out.List(20, ThriftType::kInt64, 1);
    out.Int64Element(-1);
  });
  // Field 1 of type 5, zigzag 300; field +2 of type 8; field 20 in the long form, a list of one integer; the end.
  EXPECT_THAT(out.bytes(),
              ElementsAre('\x15', '\xAC', '\x02', '\x28', '\x02', 'a', 'b', '\x09', '\x28', '\x16', '\x01', '\x00'));
}

TEST(ThriftCompactTest, UnknownFieldsOfEveryTypeArePassedOver) {
  const std::string sample = SampleBytes();
  ThriftReader in(SpanOf(sample));
  std::vector<int> fields;
  in.Struct([&](int field) {
    fields.push_back(field);
    in.Skip();
  });
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.rest().empty());
  EXPECT_THAT(fields, ElementsAre(1, 2, 3, 20, 21, 22, 40));
  // A map of one integer to a boolean, and a set of a double.
  const std::string others("\x1B\x01\x51\x02\x01\x1A\x17\x00\x00\x00\x00\x00\x00\xF0\x3F\x00", 16);
  ThriftReader other(SpanOf(others));
  int count = 0;
  other.Struct([&](int) {
    ++count;
    other.Skip();
  });
  EXPECT_TRUE(other.ok());
  EXPECT_EQ(count, 2);
}

TEST(ThriftCompactTest, EveryTruncationIsAFault) {
  const std::string bytes = SampleBytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // Memory of exactly this size, so that a read beyond it is seen.
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(Parse(cut).ok) << size;
  }
}

TEST(ThriftCompactTest, AnotherTypeThanTheOneAskedForIsAFault) {
  ThriftWriter out;
  out.StructElement([&] { out.Binary(3, "text"); });
  EXPECT_FALSE(Parse(SpanOf(out.bytes())).ok);
}

TEST(ThriftCompactTest, AnIntegerThatIsTooLargeForItsTypeIsAFault) {
  // Field 3 of type 5 (32 bits), zigzag of 2^31.
  EXPECT_FALSE(Parse(SpanOf(std::string("\x35\x80\x80\x80\x80\x10\x00", 7))).ok);
  // A varint without end.
  EXPECT_FALSE(Parse(SpanOf("\x35" + std::string(20, '\xFF'))).ok);
}

TEST(ThriftCompactTest, AListIsNotLongerThanTheBytesThatAreLeft) {
  // Field 22 is a list of 2^40 booleans.
  const std::string list("\x09\x2C\xF1\x80\x80\x80\x80\x80\x20\x01\x01", 11);
  const Sample sample = Parse(SpanOf(list));
  EXPECT_FALSE(sample.ok);
  EXPECT_EQ(sample.trues, 0);
}

TEST(ThriftCompactTest, NestingHasABound) {
  // Structs in structs, each as field 1 of the one around it.
  const std::string bytes(100'000, '\x1C');
  ThriftReader in(SpanOf(bytes));
  in.Skip();
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace sleeper::file
