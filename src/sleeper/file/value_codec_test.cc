#include "sleeper/file/value_codec.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/file/delta_binary_packed.h"
#include "sleeper/file/rle_hybrid.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using testing::ElementsAre;
using testing::HasSubstr;

/// The bytes in memory as the decoders require it: with slack behind them, and beyond that poisoned.
ByteArray InSlack(std::span<const uint8_t> bytes) {
  ByteArray array;
  array.Resize(bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.data());
  return array;
}

template <typename T>
std::vector<T> DecodedDelta(const ByteArray& bytes, size_t count) {
  SlackArray<T> out;
  out.Resize(count);
  const uint8_t* const end = DecodeDelta(bytes.span(), count, out.data());
  EXPECT_EQ(end, bytes.data() + bytes.size());
  return {out.span().begin(), out.span().end()};
}

template <typename T>
ByteArray EncodedDelta(const std::vector<T>& values) {
  ByteArray out;
  AppendDelta<T>(values, out);
  return InSlack(out.span());
}

// Levels, booleans and indexes.

TEST(RleHybridTest, ValuesOfEveryWidthComeBack) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto width = static_cast<int>(random.Below(33));
    std::vector<uint32_t> values;
    while (values.size() < random.Below(500)) {
      const auto value = static_cast<uint32_t>(random.Next() & MaskOf(width));
      values.insert(values.end(), random.Below(4) == 0 ? random.Below(100) : 1, value);
    }
    ByteArray out;
    AppendRle<uint32_t>(values, width, out);
    const ByteArray bytes = InSlack(out.span());
    SlackArray<uint32_t> decoded;
    decoded.Resize(values.size());
    ASSERT_TRUE(DecodeRle(bytes.span(), width, values.size(), decoded.data()));
    EXPECT_EQ(std::vector<uint32_t>(decoded.span().begin(), decoded.span().end()), values);
    // One byte less is seen, unless nothing was written at all.
    if (bytes.size() > 0) {
      const ByteArray cut = InSlack(bytes.span().first(bytes.size() - 1));
      SlackArray<uint32_t> again;
      again.Resize(values.size());
      // The bits that fill the last group may be what is missing.
      if (DecodeRle(cut.span(), width, values.size(), again.data())) {
        EXPECT_TRUE(std::equal(values.begin(), values.end(), again.data()));
      }
    }
  }
}

TEST(RleHybridTest, LevelsThatAreAllEqualTakeThreeBytes) {
  const std::vector<uint8_t> levels(2048, 1);
  ByteArray out;
  AppendRle<uint8_t>(levels, 1, out);
  EXPECT_THAT(out.span(), ElementsAre(0x80, 0x20, 1));
}

TEST(RleHybridTest, FlagsOfOneBitArePackedFromTheLowest) {
  const std::vector<uint8_t> levels = {1, 0, 0, 1, 1, 0, 0, 0, 1, 1};
  ByteArray out;
  AppendRle<uint8_t>(levels, 1, out);
  EXPECT_THAT(out.span(), ElementsAre(2 << 1 | 1, 0b00011001, 0b11));
}

TEST(RleHybridTest, RunsThatAreEmptyOrTooWideAreRefused) {
  uint8_t out[80];
  // A run of no values; one whose value has two bits instead of one; groups that are not there; nothing.
  for (const std::vector<uint8_t>& bytes :
       {std::vector<uint8_t>{0, 1}, {16, 2}, {3}, {}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}}) {
    const ByteArray array = InSlack(bytes);
    EXPECT_FALSE(DecodeRle(array.span(), 1, 8, out));
  }
}

// Integers.

TEST(DeltaBinaryPackedTest, ExtremesAndOddCountsComeBack) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const std::vector<int64_t>& values :
       {std::vector<int64_t>{}, {kMin}, {kMin, kMax, kMin, 0, -1, kMax}, std::vector<int64_t>(129, -5)}) {
    EXPECT_EQ(DecodedDelta<int64_t>(EncodedDelta(values), values.size()), values);
  }
}

template <typename T>
void RandomIntegersComeBack() {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<T> values(random.Below(600));
    const auto width = static_cast<int>(random.Below(sizeof(T) * 8 + 1));
    T value = static_cast<T>(random.Next());
    for (T& place : values) {
      value = static_cast<T>(static_cast<uint64_t>(value) + (random.Next() & MaskOf(width)));
      place = value;
    }
    const ByteArray bytes = EncodedDelta(values);
    EXPECT_EQ(DecodedDelta<T>(bytes, values.size()), values);
    SlackArray<T> out;
    out.Resize(values.size() + 1);
    EXPECT_EQ(DecodeDelta(bytes.span(), values.size() + 1, out.data()), nullptr);
    const ByteArray cut = InSlack(bytes.span().first(bytes.size() - 1));
    EXPECT_EQ(DecodeDelta(cut.span(), values.size(), out.data()), nullptr);
  }
}

TEST(DeltaBinaryPackedTest, RandomIntegersOfEveryWidthComeBack) {
  RandomIntegersComeBack<int32_t>();
  RandomIntegersComeBack<int64_t>();
}

TEST(DeltaBinaryPackedTest, HostileHeadersAreRefused) {
  int32_t out[8];
  // Blocks of no values, of a million, of 100; no miniblocks, too many; a width of 33 bits.
  for (const std::vector<uint8_t>& bytes : {std::vector<uint8_t>{0, 4, 2, 0},
                                            {0x80, 0x80, 0x40, 4, 2, 0},
                                            {100, 4, 2, 0},
                                            {0x80, 1, 0, 2, 0},
                                            {0x80, 1, 8, 2, 0},
                                            {0x80, 1, 4, 2, 0, 0, 33, 0, 0, 0}}) {
    const ByteArray array = InSlack(bytes);
    EXPECT_EQ(DecodeDelta(array.span(), 2, out), nullptr);
  }
}

// Strings and bytes.

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
  strings.bytes = InSlack({reinterpret_cast<const uint8_t*>(all.data()), all.size()});
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
  return InSlack(out.span());
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
  for (uint64_t seed = 0; seed < 200; ++seed) {
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
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const std::vector<std::string> values = {"apple", "apricot", "", "banana", std::string(100, 'x'), "x"};
    const auto form = static_cast<Form>(random.Below(3));
    ByteArray bytes = Encoded(form, StringsOf(values));
    for (uint64_t i = 0; i <= random.Below(3); ++i) {
      bytes[random.Below(bytes.size())] ^= static_cast<uint8_t>(1 << random.Below(8));
    }
    const ByteArray damaged = InSlack(bytes.span().first(bytes.size() - random.Below(3)));
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

TEST(ValueCodecTest, BooleansComeBack) {
  for (size_t count = 0; count < 30; ++count) {
    std::vector<uint8_t> values;
    for (size_t i = 0; i < count; ++i) values.push_back(i % 3 == 1 ? 1 : 0);
    ByteArray out;
    AppendPlainBooleans(values, out);
    const ByteArray bytes = InSlack(out.span());
    std::vector<uint8_t> decoded(count);
    ASSERT_TRUE(DecodePlainBooleans(bytes.span(), count, decoded.data()).ok());
    EXPECT_EQ(decoded, values);
    EXPECT_FALSE(DecodePlainBooleans(bytes.span(), bytes.size() * 8 + 1, decoded.data()).ok());
  }
}

}  // namespace
}  // namespace sleeper::file
