#include "sleeper/model/key_codec.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/quoted_text.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();
constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();

std::string HexOf(const KeyTuple& values) { return HexDigits(EncodeKey(values)); }

// These bytes are in files and logs: they may never change.
TEST(NormalisedKey, HasTheBytesOfItsDefinition) {
  EXPECT_EQ(HexOf({int32_t{0}}), "80000000");
  EXPECT_EQ(HexOf({int32_t{1}}), "80000001");
  EXPECT_EQ(HexOf({int32_t{-1}}), "7fffffff");
  EXPECT_EQ(HexOf({kInt32Min}), "00000000");
  EXPECT_EQ(HexOf({kInt32Max}), "ffffffff");
  EXPECT_EQ(HexOf({Date{11'353}}), "80002c59");
  EXPECT_EQ(HexOf({int64_t{0x0102030405060708}}), "8102030405060708");
  EXPECT_EQ(HexOf({kInt64Min}), "0000000000000000");
  EXPECT_EQ(HexOf({kInt64Max}), "ffffffffffffffff");
  EXPECT_EQ(HexOf({Timestamp{-1}}), "7fffffffffffffff");
  EXPECT_EQ(HexOf({""s}), "0001");
  EXPECT_EQ(HexOf({"ab"s}), "61620001");
  EXPECT_EQ(HexOf({"a\0b\0"s}), "6100ff6200ff0001");
  EXPECT_EQ(HexOf({Bytes{"\xFF\0\x01"s}}), "ff00ff010001");
  EXPECT_EQ(HexOf({"SEA"s, Date{0}, Bytes{""}}),
            "534541000180000000"
            "0001");
  EXPECT_EQ(HexOf({}), "");
}

/// Sorts the keys by the oracle; then neighbours say it all, because order is transitive.
void ExpectSameOrder(std::vector<KeyTuple> keys) {
  std::ranges::sort(keys, ComesBefore);
  for (size_t i = 1; i < keys.size(); ++i) {
    const KeyTuple& a = keys[i - 1];
    const KeyTuple& b = keys[i];
    const bool differ = ComesBefore(a, b);
    ASSERT_EQ(EncodeKey(a) < EncodeKey(b), differ) << HexOf(a) << " and " << HexOf(b);
    ASSERT_EQ(EncodeKey(a) == EncodeKey(b), !differ) << HexOf(a) << " and " << HexOf(b);
    ASSERT_EQ(a < b, differ) << HexOf(a) << " and " << HexOf(b);
  }
}

TEST(NormalisedKey, OrdersAsRowsDoForEachType) {
  const uint64_t seed = 31;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (TypeKind kind : KeyKinds()) {
    std::vector<KeyTuple> keys;
    for (int i = 0; i < 400; ++i) keys.push_back({RandomKeyValue(random, kind)});
    ExpectSameOrder(std::move(keys));
  }
}

TEST(NormalisedKey, OrdersAsRowsDoForTuples) {
  const uint64_t seed = 32;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int round = 0; round < 30; ++round) {
    const Schema schema = RandomKeySchema(random);
    std::vector<KeyTuple> keys;
    for (int i = 0; i < 60; ++i) {
      KeyTuple key = RandomKey(random, schema.key_fields());
      // Shares a leading part with an earlier one more often than chance would have it.
      if (!keys.empty() && random.Below(2) == 0) {
        const KeyTuple& other = keys[random.Below(keys.size())];
        std::copy_n(other.begin(), random.Below(key.size() + 1), key.begin());
      }
      keys.push_back(std::move(key));
    }
    ExpectSameOrder(std::move(keys));
  }
}

TEST(NormalisedKey, DecodesToWhatWasEncoded) {
  const uint64_t seed = 33;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 200; ++i) {
    const Schema schema = RandomKeySchema(random);
    const KeyTuple key = RandomKey(random, schema.key_fields());
    const NormalisedKey bytes = EncodeKey(key);
    EXPECT_EQ(ValueOf(DecodeKey(schema.key_fields(), bytes)), key);
    const size_t parts = random.Below(key.size() + 1);
    const KeyTuple prefix(key.begin(), key.begin() + static_cast<ptrdiff_t>(parts));
    EXPECT_EQ(ValueOf(DecodeKeyPrefix(schema.key_fields(), EncodeKey(prefix))), prefix);
    EXPECT_EQ(ValueOf(KeyPrefixSize(schema.key_fields().first(parts), bytes)), EncodeKey(prefix).size());
  }
}

TEST(NormalisedKey, StoresTheSameBytesAsItAppends) {
  const uint64_t seed = 34;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 500; ++i) {
    const std::string value = std::get<Bytes>(RandomKeyValue(random, TypeKind::kBytes)).value;
    std::string stored(NormalisedSize(value), '?');
    auto* begin = reinterpret_cast<uint8_t*>(stored.data());
    EXPECT_EQ(StoreNormalised(begin, std::string_view(value)), begin + stored.size());
    EXPECT_EQ(stored, EncodeKey(KeyTuple{Bytes{value}}));
  }
}

TEST(NormalisedKey, IsRefusedWhenItsBytesAreBroken) {
  const std::vector<Field> fields = {{"s", TypeKind::kString}, {"i", TypeKind::kInt}};
  const auto fault = [&](std::string_view bytes) { return DecodeKey(fields, bytes).status(); };
  EXPECT_THAT(fault(""), Fails(ErrorKind::kCorrupt, "normalised key: ends before field 's'"));
  EXPECT_THAT(fault("ab"), Fails(ErrorKind::kCorrupt, HasSubstr("field 's': normalised key: StringType has no end")));
  EXPECT_THAT(fault("ab\0"s), Fails(ErrorKind::kCorrupt, HasSubstr("no end")));
  EXPECT_THAT(fault("ab\0\xFF"s), Fails(ErrorKind::kCorrupt, HasSubstr("no end")));
  EXPECT_THAT(fault("ab\0\x02"s), Fails(ErrorKind::kCorrupt, HasSubstr("a zero byte is followed by 2")));
  EXPECT_THAT(fault("\xFF\0\x01"s), Fails(ErrorKind::kCorrupt, HasSubstr("not UTF-8: '\\xff'")));
  EXPECT_THAT(fault("ab\0\x01"s), Fails(ErrorKind::kCorrupt, "normalised key: ends before field 'i'"));
  EXPECT_THAT(fault("ab\0\x01\x80\0\0"s),
              Fails(ErrorKind::kCorrupt, HasSubstr("field 'i': normalised key: 3 bytes are too few")));
  EXPECT_THAT(fault("ab\0\x01\x80\0\0\0x"s),
              Fails(ErrorKind::kCorrupt, "normalised key: bytes after its last field: 1"));
  EXPECT_THAT(KeyPrefixSize(fields, "ab").status(), Fails(ErrorKind::kCorrupt, HasSubstr("no end")));
}

TEST(NormalisedKey, NeverReadsPastBrokenBytes) {
  const uint64_t seed = 35;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 600; ++i) {
    const Schema schema = RandomKeySchema(random);
    std::string bytes = EncodeKey(RandomKey(random, schema.key_fields()));
    // Exactly as long as the allocation, so that the address sanitizer sees the byte behind it.
    const size_t size = random.Below(bytes.size() + 1);
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    std::vector<char> damaged = cut;
    if (!damaged.empty()) damaged[random.Below(damaged.size())] = static_cast<char>(random.Next());
    const std::string_view view(damaged.data(), damaged.size());
    const Result<KeyTuple> decoded = DecodeKey(schema.key_fields(), view);
    if (decoded.ok()) {
      EXPECT_EQ(EncodeKey(*decoded), view);
    } else {
      EXPECT_TRUE(IsKind(decoded.status(), ErrorKind::kCorrupt)) << decoded.status();
    }
  }
}

TEST(Prefix, EncodesBeforeAllTuplesThatBeginWithIt) {
  const uint64_t seed = 36;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 600; ++i) {
    const Schema schema = RandomKeySchema(random);
    const KeyTuple key = RandomKey(random, schema.key_fields());
    KeyTuple prefix(key.begin(), key.begin() + static_cast<ptrdiff_t>(random.Below(key.size() + 1)));
    EXPECT_TRUE(EncodeKey(key).starts_with(EncodeKey(prefix)));
    EXPECT_TRUE(IntervalOfPrefix(prefix).Contains(EncodeKey(key)));
    // And of a tuple that does not begin with it, the interval knows that it does not.
    const KeyTuple other = RandomKey(random, schema.key_fields());
    const bool begins = std::equal(prefix.begin(), prefix.end(), other.begin());
    EXPECT_EQ(IntervalOfPrefix(prefix).Contains(EncodeKey(other)), begins) << HexOf(prefix) << " and " << HexOf(other);
  }
}

TEST(Prefix, HasASuccessorThatDecodes) {
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{"a"s}), EncodeKey(KeyTuple{"a\0"s}));
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{"a"s, int32_t{5}}), EncodeKey(KeyTuple{"a"s, int32_t{6}}));
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{"a"s, kInt32Max}), EncodeKey(KeyTuple{"a\0"s}));
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{int32_t{5}, kInt64Max, Date{kInt32Max}}), EncodeKey(KeyTuple{int32_t{6}}));
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{kInt32Max, Timestamp{kInt64Max}}), std::nullopt);
  EXPECT_EQ(SuccessorOfPrefix(KeyTuple{}), std::nullopt);
}

TEST(FormatKey, ShowsValuesOrElseTheBytes) {
  const std::vector<Field> fields = {{"s", TypeKind::kString}, {"d", TypeKind::kDate}};
  EXPECT_EQ(FormatKey(fields, EncodeKey(KeyTuple{"SEA"s, Date{0}})), "(SEA, 1970-01-01)");
  EXPECT_EQ(FormatKey(fields, EncodeKey(KeyTuple{"SEA"s})), "(SEA)");
  EXPECT_EQ(FormatKey(fields, ""), "()");
  EXPECT_EQ(FormatKey(fields, "ab"), "6162");
}

}  // namespace
}  // namespace sleeper::model
