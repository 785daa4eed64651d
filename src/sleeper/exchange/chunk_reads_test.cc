#include "sleeper/exchange/chunk_reads.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMebibyte = int64_t{1} << 20;

/// Bytes are equal within blocks, so that many are made quickly.
constexpr int64_t kBlock = 4'096;
char ByteAt(int64_t offset) { return static_cast<char>(offset / kBlock * 31); }

/// A large input that is nowhere: each byte follows from its place. Remembers what it was asked for. Confined.
class EndlessSource final : public InputSource {
 public:
  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return int64_t{1} << 40; }
  Result<Buffer> Read(int64_t, const CallContext&) override { return Error(ErrorKind::kInternal, "not read so"); }
  Result<Buffer> ReadAt(ByteRange range, const CallContext&) override {
    reads.push_back(range);
    std::string bytes;
    bytes.reserve(static_cast<size_t>(range.size));
    for (int64_t at = range.offset; at < range.end();) {
      const int64_t size = std::min(range.end() - at, kBlock - at % kBlock);
      bytes.append(static_cast<size_t>(size), ByteAt(at));
      at += size;
    }
    return Buffer::FromString(std::move(bytes));
  }
  Status Prefetch(std::span<const ByteRange> ranges, const CallContext&) override {
    told.emplace_back(ranges.begin(), ranges.end());
    return Status::OK();
  }

  std::vector<ByteRange> reads;
  std::vector<std::vector<ByteRange>> told;

 private:
  const std::string name_ = "input";
};

/// Reads all chunks in step, `steps` equal parts of each, and expects their bytes.
void ReadInStep(ChunkReads& reads, const std::vector<ByteRange>& chunks, int64_t steps) {
  for (int64_t step = 0; step < steps; ++step) {
    for (size_t i = 0; i < chunks.size(); ++i) {
      const int64_t size = chunks[i].size / steps;
      const Buffer front = ValueOf(reads.Front(i, size));
      ASSERT_GE(front.size(), size);
      const int64_t begin = chunks[i].offset + step * size;
      ASSERT_EQ(front.view().front(), ByteAt(begin));
      ASSERT_EQ(front.view()[static_cast<size_t>(size - 1)], ByteAt(begin + size - 1));
      reads.Take(i, size);
    }
  }
}

TEST(ChunkReadsTest, SmallPartsAreReadSeveralAtATime) {
  EndlessSource source;
  const std::vector<ByteRange> chunks = {{1'000, 100'000}};
  ChunkReads reads(source, chunks, TellAhead::kNo, {});
  ReadInStep(reads, chunks, 100);
  EXPECT_THAT(source.reads, ElementsAre(ByteRange{1'000, 100'000}));
  EXPECT_THAT(source.told, IsEmpty());
  EXPECT_EQ(reads.left(0), 0);
  EXPECT_TRUE(ValueOf(reads.Front(0, 1)).empty());
}

TEST(ChunkReadsTest, ASourceIsToldOfAllChunksInProportionAndReadOnlyWhereItWasTold) {
  EndlessSource source;
  const std::vector<ByteRange> chunks = {{0, 64 * kMebibyte}, {100 * kMebibyte, 32 * kMebibyte}};
  ChunkReads reads(source, chunks, TellAhead::kYes, {});
  ReadInStep(reads, chunks, 64);
  for (const auto& told : source.told) {
    int64_t total = 0;
    for (const ByteRange& range : told) total += range.size;
    EXPECT_LE(total, kObjectAheadBytesMax);
  }
  // 96 MiB in waves of 32, of which each leaves behind what is not a whole part.
  EXPECT_GE(source.told.size(), 3u);
  EXPECT_LE(source.told.size(), 5u);
  int64_t total = 0;
  for (const ByteRange& read : source.reads) total += read.size;
  EXPECT_LT(total, 97 * kMebibyte);
}

TEST(ChunkReadsTest, AChunkThatIsReadFasterThanOthersIsToldAnew) {
  EndlessSource source;
  ChunkReads reads(source, {{0, 64 * kMebibyte}, {100 * kMebibyte, 64 * kMebibyte}}, TellAhead::kYes, {});
  for (int64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(reads.Front(0, kMebibyte).ok());
    reads.Take(0, kMebibyte);
  }
  EXPECT_EQ(source.told.size(), 2u);
  EXPECT_EQ(source.told[1][1], (ByteRange{100 * kMebibyte, source.told[1][1].size}));
}

}  // namespace
}  // namespace sleeper::exchange
