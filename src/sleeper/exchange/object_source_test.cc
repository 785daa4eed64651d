#include <string>
#include <vector>

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/time.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/testing/foreign_files.h"
#include "sleeper/exchange/testing/text_rows.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::exchange {
namespace {

using model::ValueOf;
using store::StoreFunction;
using testing::ElementsAre;

constexpr int64_t kMiB = int64_t{1} << 20;

class ObjectSourceTest : public testing::Test {
 protected:
  std::unique_ptr<InputSource> Open(const std::string& bytes) {
    EXPECT_TRUE(memory_.Put(path_, Buffer::CopyOf(bytes), store::PutMode::kReplace, {}).ok());
    auto source = ValueOf(OpenObjectSource(store_, path_, "s3://bucket/in", {}));
    store_.Clear();
    return source;
  }

  static std::string Pattern(int64_t size) {
    std::string bytes(static_cast<size_t>(size), '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
    return bytes;
  }

  // The ranges of each request, of which those of one call go out together.
  std::vector<std::vector<ByteRange>> Requests() const {
    std::vector<std::vector<ByteRange>> requests;
    for (const store::StoreCall& call : store_.calls()) requests.push_back(call.ranges);
    return requests;
  }

  const store::ObjectPath path_{"in"};
  SystemClock clock_;
  store::MemoryStore memory_{clock_};
  store::RecordingStore store_{memory_};
};

TEST_F(ObjectSourceTest, ReadingFromStartToEndFetchesSeveralRangesAtATime) {
  const std::string bytes = Pattern(21 * kMiB + 7);
  const auto source = Open(bytes);
  std::string read;
  for (;;) {
    const Buffer part = ValueOf(source->Read(kMiB + 1, {}));
    if (part.empty()) break;
    EXPECT_LE(part.size(), kMiB + 1);
    read += part.view();
  }
  EXPECT_TRUE(read == bytes);
  EXPECT_THAT(Requests(), ElementsAre(ElementsAre(ByteRange{0, 4 * kMiB}, ByteRange{4 * kMiB, 4 * kMiB},
                                                  ByteRange{8 * kMiB, 4 * kMiB}, ByteRange{12 * kMiB, 4 * kMiB}),
                                      ElementsAre(ByteRange{16 * kMiB, 4 * kMiB}, ByteRange{20 * kMiB, kMiB + 7})));
}

TEST_F(ObjectSourceTest, WhatWasPrefetchedIsReadWithoutAnotherRequest) {
  const std::string bytes = Pattern(12 * kMiB);
  const auto source = Open(bytes);
  const std::vector<ByteRange> ranges = {{9 * kMiB, 2 * kMiB}, {kMiB, 6 * kMiB}};
  ASSERT_TRUE(source->Prefetch(ranges, {}).ok());
  store_.Clear();
  // Inside a piece, and over the bound of two.
  for (const ByteRange range : {ByteRange{kMiB, 10}, {5 * kMiB - 3, 6}, {kMiB, 6 * kMiB}, {9 * kMiB, 2 * kMiB}}) {
    EXPECT_TRUE(ValueOf(source->ReadAt(range, {})).view() ==
                std::string_view(bytes).substr(static_cast<size_t>(range.offset), static_cast<size_t>(range.size)));
  }
  EXPECT_THAT(Requests(), ElementsAre());
  // Outside, and at the edge.
  for (const ByteRange range : {ByteRange{0, 10}, {7 * kMiB - 3, 6}, {11 * kMiB - 3, 6}}) {
    EXPECT_TRUE(ValueOf(source->ReadAt(range, {})).view() ==
                std::string_view(bytes).substr(static_cast<size_t>(range.offset), static_cast<size_t>(range.size)));
  }
  EXPECT_EQ(Requests().size(), 3u);
}

TEST_F(ObjectSourceTest, NearRangesAreFetchedAsOne) {
  const auto source = Open(Pattern(3 * kMiB));
  const std::vector<ByteRange> ranges = {{0, 1000}, {1000, 1000}, {2500, 500}, {2 * kMiB, 10}};
  ASSERT_TRUE(source->Prefetch(ranges, {}).ok());
  EXPECT_THAT(Requests(), ElementsAre(ElementsAre(ByteRange{0, 3000}, ByteRange{2 * kMiB, 10})));
}

TEST_F(ObjectSourceTest, MoreThanTheBoundIsFetchedInEqualShares) {
  const auto source = Open(Pattern(48 * kMiB));
  const std::vector<ByteRange> ranges = {{0, 24 * kMiB}, {24 * kMiB, 24 * kMiB}};
  ASSERT_TRUE(source->Prefetch(ranges, {}).ok());
  const auto requests = Requests();
  ASSERT_EQ(requests.size(), 1u);
  int64_t fetched = 0;
  for (const ByteRange& range : requests.front()) fetched += range.size;
  EXPECT_EQ(fetched, kObjectAheadBytesMax);
  store_.Clear();
  EXPECT_TRUE(source->ReadAt({24 * kMiB, kMiB}, {}).ok());
  EXPECT_TRUE(Requests().empty());
  EXPECT_TRUE(source->ReadAt({40 * kMiB, kMiB}, {}).ok());
  EXPECT_EQ(Requests().size(), 1u);
}

TEST_F(ObjectSourceTest, AnEmptyObjectHasNothingToRead) {
  const auto source = Open("");
  EXPECT_EQ(source->size(), 0);
  EXPECT_TRUE(ValueOf(source->Read(10, {})).empty());
  EXPECT_TRUE(source->Prefetch({}, {}).ok());
  EXPECT_TRUE(Requests().empty());
}

TEST_F(ObjectSourceTest, AParquetFileTakesOneWaveForItsEndsAndOneForEachRowGroup) {
  const std::string file = ParquetBytes(
      ForeignRows({{"v", arrow::int64(), "[1, 2, 3, 4]"}, {"k", arrow::utf8(), R"(["a", "b", "c", "d"])"}}),
      {.row_group_rows = 2});
  auto source = Open(file);
  const auto layout = LayoutOf("k StringType key, v IntType nullable");
  const CallContext call;
  const InputOptions options{.format = InputFormat::kParquet};
  auto reader = ValueOf(OpenInput(std::move(source), options, layout, call));
  EXPECT_EQ(ToJsonLines(ValueOf(rows::Collect(*reader)), layout), ValueOf(ReadRows(file, options, layout)));
  EXPECT_EQ(store_.calls(StoreFunction::kGetRanges).size(), 3u);
  EXPECT_EQ(store_.calls().size(), 3u);
}

}  // namespace
}  // namespace sleeper::exchange
