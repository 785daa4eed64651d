#include "sleeper/file/value_codec.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/file/testing/slack_copy.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using testing::HasSubstr;

struct Strings {
  ByteArray bytes;
  std::vector<int32_t> sizes;

  CollectedBytes collected() const { return {bytes.span(), sizes}; }
};

Strings StringsOf(const std::vector<std::string>& values) {
  Strings strings;
  std::string all;
  for (const std::string& value : values) {
    all += value;
    strings.sizes.push_back(static_cast<int32_t>(value.size()));
  }
  strings.bytes = SlackCopy({reinterpret_cast<const uint8_t*>(all.data()), all.size()});
  return strings;
}

std::vector<std::string> TextOf(const ViewArray& views, const uint8_t* bytes) {
  std::vector<std::string> text;
  for (const ByteView view : views.span()) {
    text.emplace_back(reinterpret_cast<const char*>(bytes) + view.begin, view.size);
  }
  return text;
}

enum class Form { kPlain, kDeltaLength, kSharedPrefixes };

ByteArray Encoded(Form form, const Strings& strings) {
  ByteArray out;
  if (form == Form::kPlain) AppendPlainBytes(strings.collected(), out);
  if (form == Form::kDeltaLength) AppendDeltaLength(strings.collected(), out);
  if (form == Form::kSharedPrefixes) SharedPrefixEncoder().Append(strings.collected(), out);
  return SlackCopy(out.span());
}

Result<std::vector<std::string>> Decoded(Form form, const ByteArray& bytes, size_t count,
                                         size_t text_bytes_max = 1 << 20) {
  BytesDecoder decoder;
  ViewArray views;
  ByteArray text;
  if (form == Form::kPlain) TRY(decoder.DecodePlain(bytes.span(), count, views));
  if (form == Form::kDeltaLength) TRY(decoder.DecodeDeltaLength(bytes.span(), count, views));
  if (form == Form::kSharedPrefixes) {
    TRY(decoder.DecodeSharedPrefixes(bytes.span(), count, text_bytes_max, views, text));
    return TextOf(views, text.data());
  }
  return TextOf(views, bytes.data());
}

std::vector<std::string> RandomStrings(Random& random) {
  std::vector<std::string> values(random.Below(400));
  const uint64_t fixed_size = random.Below(40);
  const bool fixed = random.Below(2) == 0;
  std::string before;
  for (std::string& value : values) {
    value = before.substr(0, random.Below(before.size() + 1));
    const uint64_t size = fixed ? fixed_size : random.Below(random.Below(20) == 0 ? 300 : 30);
    while (value.size() < size) value.push_back(static_cast<char>(random.Below(256)));
    if (fixed) value.resize(size);
    before = value;
  }
  return values;
}

TEST(ValueCodecTest, RandomStringsComeBackInEveryForm) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const std::vector<std::string> values = RandomStrings(random);
    const Strings strings = StringsOf(values);
    for (const Form form : {Form::kPlain, Form::kDeltaLength, Form::kSharedPrefixes}) {
      const ByteArray bytes = Encoded(form, strings);
      EXPECT_EQ(model::ValueOf(Decoded(form, bytes, values.size())), values);
      EXPECT_THAT(Decoded(form, bytes, values.size() + 1).status(), Fails(ErrorKind::kCorrupt, HasSubstr("values")));
    }
  }
}

TEST(ValueCodecTest, DamagedStringsAreRefusedOrOtherStrings) {
  // Neither a crash nor a read outside: the sanitizers look on.
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const std::vector<std::string> values = {"apple", "apricot", "", "banana", std::string(100, 'x'), "x"};
    const auto form = static_cast<Form>(random.Below(3));
    ByteArray bytes = Encoded(form, StringsOf(values));
    for (uint64_t i = 0; i <= random.Below(3); ++i) {
      bytes[random.Below(bytes.size())] ^= static_cast<uint8_t>(1 << random.Below(8));
    }
    const ByteArray damaged = SlackCopy(bytes.span().first(bytes.size() - random.Below(3)));
    const auto decoded = Decoded(form, damaged, values.size(), 1000);
    if (!decoded.ok()) {
      EXPECT_TRUE(IsKind(decoded.status(), ErrorKind::kCorrupt)) << decoded.status().ToString();
    }
  }
}

TEST(ValueCodecTest, ValuesThatGrowBeyondTheBoundWhenPutTogetherAreRefused) {
  // A thousand times the same: a few bytes, which stand for a megabyte.
  const std::vector<std::string> values(1000, std::string(1000, 'a'));
  const ByteArray bytes = Encoded(Form::kSharedPrefixes, StringsOf(values));
  EXPECT_LT(bytes.size(), 1300);
  EXPECT_THAT(Decoded(Form::kSharedPrefixes, bytes, values.size(), 999'999).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("999999")));
  EXPECT_TRUE(Decoded(Form::kSharedPrefixes, bytes, values.size(), 1'000'000).ok());
}

TEST(ValueCodecTest, NumbersAreJoinedFromTheirSplitBytes) {
  const std::vector<uint32_t> values = {0x04030201, 0x14131211, 0xA4A3A2A1};
  const std::vector<uint8_t> split = {0x01, 0x11, 0xA1, 0x02, 0x12, 0xA2, 0x03, 0x13, 0xA3, 0x04, 0x14, 0xA4};
  std::vector<uint32_t> joined(values.size());
  auto* const out = reinterpret_cast<uint8_t*>(joined.data());
  ASSERT_TRUE(DecodeByteStreams(split, values.size(), sizeof(uint32_t), out).ok());
  EXPECT_EQ(joined, values);
  EXPECT_THAT(DecodeByteStreams(std::span(split).first(11), values.size(), sizeof(uint32_t), out),
              Fails(ErrorKind::kCorrupt, HasSubstr("differ in number")));
  uint64_t one = 0;
  const std::vector<uint8_t> eight = {1, 2, 3, 4, 5, 6, 7, 8};
  ASSERT_TRUE(DecodeByteStreams(eight, 1, sizeof one, reinterpret_cast<uint8_t*>(&one)).ok());
  EXPECT_EQ(one, 0x0807060504030201u);
}

TEST(ValueCodecTest, BooleansComeBack) {
  for (size_t count = 0; count < 30; ++count) {
    std::vector<uint8_t> values;
    for (size_t i = 0; i < count; ++i) values.push_back(i % 3 == 1 ? 1 : 0);
    ByteArray out;
    AppendPlainBooleans(values, out);
    const ByteArray bytes = SlackCopy(out.span());
    std::vector<uint8_t> decoded(count);
    ASSERT_TRUE(DecodePlainBooleans(bytes.span(), count, decoded.data()).ok());
    EXPECT_EQ(decoded, values);
    EXPECT_FALSE(DecodePlainBooleans(bytes.span(), bytes.size() * 8 + 1, decoded.data()).ok());
  }
}

}  // namespace
}  // namespace sleeper::file
