#include "sleeper/file/bloom_filter.h"

#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::Fails;
using testing::HasSubstr;

PageRows Numbers(const std::vector<int64_t>& values) {
  PageRows rows({.type = PhysicalType::kInt64});
  rows.fixed.Append({reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(int64_t)});
  rows.rows = rows.slots = static_cast<int64_t>(values.size());
  return rows;
}

std::vector<uint8_t> FilterOf(const std::vector<int64_t>& values, int64_t bits = 10) {
  BloomFilterBuilder builder(bits);
  builder.AddPage(Numbers(values));
  return builder.Finish();
}

bool Finds(const std::vector<uint8_t>& filter, int64_t value) {
  uint8_t plain[sizeof value];
  std::memcpy(plain, &value, sizeof value);
  const uint64_t hash = BloomHashOf(plain);
  const auto block = static_cast<size_t>(BloomBlockOf(hash, static_cast<int64_t>(filter.size())));
  return MayHold(std::span(filter).subspan(block, kBloomBlockBytes), hash);
}

/// Of the numbers from 1'000'000'000 on, how many of `count` are found.
int64_t FoundInVain(const std::vector<uint8_t>& filter, int64_t count) {
  int64_t found = 0;
  for (int64_t i = 0; i < count; ++i) found += Finds(filter, 1'000'000'000 + i) ? 1 : 0;
  return found;
}

TEST(BloomFilterTest, FindsEveryValueOfAnyNumberOfThem) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<int64_t> values(1 + random.Below(1 + random.Below(3000)));
    for (int64_t& value : values) value = static_cast<int64_t>(random.Below(1 + random.Below(1 << 20)));
    const auto filter = FilterOf(values, static_cast<int64_t>(4 + random.Below(20)));
    for (const int64_t value : values) ASSERT_TRUE(Finds(filter, value)) << value;
  }
}

TEST(BloomFilterTest, LetsOneOfAHundredAbsentValuesPassWithTenBitsEach) {
  std::vector<int64_t> values(52'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i * 7919);
  const auto filter = FilterOf(values);
  EXPECT_EQ(filter.size(), 65'536u);
  EXPECT_LT(FoundInVain(filter, 100'000), 1'500);
  EXPECT_LT(FoundInVain(FilterOf(values, 16), 100'000), 200);
}

TEST(BloomFilterTest, IsAsLargeAsItsDistinctValuesWant) {
  // A thousand values many times over, in an order that hides it.
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 100'000; ++i) values.push_back(i * 7919 % 1000);
  const auto filter = FilterOf(values);
  EXPECT_EQ(filter.size(), 2048u);
  EXPECT_EQ(filter, FilterOf({values.begin(), values.begin() + 1000}));
  EXPECT_LT(FoundInVain(filter, 100'000), 1'500);
  EXPECT_EQ(FilterOf({1}).size(), static_cast<size_t>(kBloomBytesMin));
  EXPECT_EQ(FilterOf({}), std::vector<uint8_t>(kBloomBytesMin));
}

TEST(BloomFilterTest, NullsAreNotInIt) {
  PageRows rows({.type = PhysicalType::kByteArray, .max_definition = 1});
  rows.valid.Append(std::vector<uint8_t>{0, 1, 0, 1});
  rows.sizes.Append(std::vector<int32_t>{0, 3, 0, 2});
  const std::string bytes = "onexy";
  rows.bytes.Append({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  rows.rows = rows.slots = 4;
  BloomFilterBuilder builder(10);
  builder.AddPage(rows);
  const std::vector<uint8_t> filter = builder.Finish();
  const auto finds = [&](std::string_view text) {
    return MayHold(filter, BloomHashOf({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
  };
  EXPECT_TRUE(finds("one"));
  EXPECT_TRUE(finds("xy"));
  EXPECT_FALSE(finds(""));
}

TEST(BloomFilterTest, AHeaderThatPromisesAnythingElseIsCorrupt) {
  const auto check = [](std::string header, size_t bytes) {
    header.resize(header.size() + bytes);
    return CheckBloomFilter({reinterpret_cast<const uint8_t*>(header.data()), header.size()});
  };
  EXPECT_TRUE(check(BloomHeaderOf(64), 64).ok());
  EXPECT_TRUE(check(BloomHeaderOf(kBloomBytesMin), kBloomBytesMin).ok());
  for (const int64_t bytes : {int64_t{0}, int64_t{-32}, int64_t{16}, int64_t{96}, 2 * kBloomBytesMax}) {
    EXPECT_THAT(check(BloomHeaderOf(bytes), 64), Fails(ErrorKind::kCorrupt, HasSubstr("a Bloom filter promises")));
  }
  EXPECT_THAT(check(BloomHeaderOf(64), 63), Fails(ErrorKind::kCorrupt, HasSubstr("promises 64 bytes and has 63")));
  EXPECT_THAT(check(BloomHeaderOf(64), 65), Fails(ErrorKind::kCorrupt, HasSubstr("promises 64 bytes and has 65")));
  EXPECT_THAT(check(BloomHeaderOf(64).substr(0, 5), 0), Fails(ErrorKind::kCorrupt, HasSubstr("does not begin as one")));
  std::string other_hash = BloomHeaderOf(64);
  // The number of the field in the second of the three unions.
  other_hash[other_hash.find("\x1C\x1C", other_hash.find("\x1C\x1C") + 2) + 1] = '\x2C';
  EXPECT_THAT(check(other_hash, 64), Fails(ErrorKind::kCorrupt, HasSubstr("of a kind that is not written")));
}

TEST(BloomFilterTest, HeadersAreShorterThanTheLeastFilter) {
  for (int64_t bytes = kBloomBytesMin; bytes <= kBloomBytesMax; bytes *= 2) {
    EXPECT_LT(static_cast<int64_t>(BloomHeaderOf(bytes).size()), kBloomBytesMin);
  }
}

}  // namespace
}  // namespace sleeper::file
