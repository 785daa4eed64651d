#include "sleeper/file/zstd_compressor.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/file/page_compression.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using model::ValueOf;

std::vector<uint8_t> RandomLetters(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> letters(count);
  for (uint8_t& letter : letters) letter = static_cast<uint8_t>('a' + random() % 26);
  return letters;
}

std::vector<uint8_t> Sentences(size_t count) {
  const std::string sentence = "the quick brown fox jumps over the lazy dog number ";
  std::string text;
  for (int number = 0; text.size() < count; ++number) text += sentence + std::to_string(number);
  return {text.begin(), text.begin() + static_cast<ptrdiff_t>(count)};
}

class ZstdCompressorTest : public testing::Test {
 protected:
  /// The size that the page takes. Expects that it can be decompressed.
  size_t SizeOf(const std::vector<uint8_t>& page) {
    const std::span<const uint8_t> compressed = ValueOf(compressor_.Compress(page, search_));
    std::vector<uint8_t> back(page.size());
    PageDecompressor decompressor;
    EXPECT_TRUE(decompressor.Decompress(Codec::kZstd, compressed, back).ok());
    EXPECT_EQ(back, page);
    return compressed.size();
  }

  ZstdCompressor compressor_{1};
  MatchSearch search_;
};

constexpr size_t kPageBytes = 20'000;

TEST_F(ZstdCompressorTest, TheSearchForMatchesIsCutShortWhereThereAreNone) {
  for (uint32_t page = 0; page < 20; ++page) {
    // 26 letters that are equally frequent need 4.7 of 8 bits.
    EXPECT_LT(SizeOf(RandomLetters(kPageBytes, page)), kPageBytes * 6 / 10 + 200);
    EXPECT_TRUE(search_.cut_short());
  }
}

TEST_F(ZstdCompressorTest, MatchesAreLookedForWhereThereAreSome) {
  for (int page = 0; page < 20; ++page) {
    EXPECT_LT(SizeOf(Sentences(kPageBytes)), kPageBytes / 10);
    EXPECT_FALSE(search_.cut_short());
  }
}

TEST_F(ZstdCompressorTest, ColumnThatChangesItsNatureIsNoticedAfterSomePages) {
  for (uint32_t page = 0; page < 5; ++page) SizeOf(RandomLetters(kPageBytes, page));
  ASSERT_TRUE(search_.cut_short());
  for (int page = 0; page < 16; ++page) SizeOf(Sentences(kPageBytes));
  EXPECT_FALSE(search_.cut_short());
  EXPECT_LT(SizeOf(Sentences(kPageBytes)), kPageBytes / 10);
}

TEST_F(ZstdCompressorTest, PageWithoutBytesIsCompressed) { EXPECT_GT(SizeOf({}), 0u); }

TEST_F(ZstdCompressorTest, ColumnsShareACompressorAndKeepTheirOwnSearch) {
  MatchSearch of_sentences;
  for (uint32_t page = 0; page < 20; ++page) {
    SizeOf(RandomLetters(kPageBytes, page));
    EXPECT_LT(ValueOf(compressor_.Compress(Sentences(kPageBytes), of_sentences)).size(), kPageBytes / 10);
  }
  EXPECT_TRUE(search_.cut_short());
  EXPECT_FALSE(of_sentences.cut_short());
}

}  // namespace
}  // namespace sleeper::file
