#include "sleeper/file/page_fetch.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::file {
namespace {

using model::ValueOf;
using store::StoreFunction;
using testing::ElementsAre;
using testing::IsEmpty;

/// Two columns of a row group: pages of ten bytes and of four, each of a hundred rows, one column behind the other.
class PageFetchTest : public testing::Test {
 protected:
  static constexpr int64_t kPages = 5;

  PageFetchTest() {
    const std::string bytes = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeAAAABBBBCCCCDDDDEEEE";
    ValueOf(objects_.Put(kPath, Buffer::CopyOf(bytes), store::PutMode::kIfAbsent, {}));
    for (int64_t page = 0; page < kPages; ++page) {
      leaves_[0].pages.push_back({page * 100, 100, {page * 10, 10}});
      leaves_[1].pages.push_back({page * 100, 100, {50 + page * 4, 4}});
    }
  }

  PageFetch Fetch(int64_t window_bytes_max, BackgroundReads* background = nullptr) {
    return PageFetch({&recorded_, kPath, window_bytes_max, background}, {}, leaves_);
  }

  /// Takes the next page of both columns.
  static std::string TakeRow(PageFetch& fetch) {
    std::string row;
    for (size_t leaf = 0; leaf < 2; ++leaf) {
      const int64_t size = leaf == 0 ? 10 : 4;
      row += ValueOf(fetch.Front(leaf)).Slice({0, size}).view();
      fetch.Take(leaf, size);
    }
    return row;
  }

  std::vector<std::vector<ByteRange>> Asked() const {
    std::vector<std::vector<ByteRange>> asked;
    for (const store::StoreCall& call : recorded_.calls()) {
      if (call.function != StoreFunction::kPut) asked.push_back(call.ranges);
    }
    return asked;
  }

  const store::ObjectPath kPath{"data"};
  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
  store::MemoryStore objects_{clock_};
  store::RecordingStore recorded_{objects_};
  std::vector<LeafPages> leaves_{2};
};

TEST_F(PageFetchTest, AWindowIsThePagesOfAllColumnsForTheSameRows) {
  // Far apart, so that they are not read as one range.
  for (LeafPages::Page& page : leaves_[1].pages) page.bytes.offset += 100'000;
  const std::string gap(100'000, '.');
  const std::string bytes = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee" + gap + "AAAABBBBCCCCDDDDEEEE";
  ValueOf(objects_.Put(kPath, Buffer::CopyOf(bytes), store::PutMode::kReplace, {}));
  PageFetch fetch = Fetch(30);
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_EQ(TakeRow(fetch), "aaaaaaaaaaAAAA");
  EXPECT_EQ(TakeRow(fetch), "bbbbbbbbbbBBBB");
  EXPECT_THAT(Asked(), ElementsAre(ElementsAre(ByteRange{0, 20}, ByteRange{100'050, 8})));
  EXPECT_EQ(TakeRow(fetch), "ccccccccccCCCC");
  EXPECT_EQ(TakeRow(fetch), "ddddddddddDDDD");
  EXPECT_EQ(TakeRow(fetch), "eeeeeeeeeeEEEE");
  EXPECT_EQ(Asked().size(), 3U);
  EXPECT_TRUE(ValueOf(fetch.Front(0)).empty());
}

TEST_F(PageFetchTest, WhatLiesCloseTogetherIsOneRange) {
  PageFetch fetch = Fetch(1'000);
  EXPECT_EQ(TakeRow(fetch), "aaaaaaaaaaAAAA");
  EXPECT_THAT(Asked(), ElementsAre(ElementsAre(ByteRange{0, 70})));
}

TEST_F(PageFetchTest, APageLargerThanTheWindowIsReadAllTheSame) {
  PageFetch fetch = Fetch(1);
  std::string rows;
  for (int64_t page = 0; page < kPages; ++page) rows += TakeRow(fetch);
  EXPECT_EQ(rows, "aaaaaaaaaaAAAAbbbbbbbbbbBBBBccccccccccCCCCddddddddddDDDDeeeeeeeeeeEEEE");
  EXPECT_EQ(Asked().size(), 5U);
}

TEST_F(PageFetchTest, AllIsTakenWithOneRequestWhereNothingWasAskedForBefore) {
  PageFetch fetch = Fetch(14);
  const std::vector<Buffer> all = ValueOf(fetch.TakeAll());
  std::vector<std::string> texts;
  for (const Buffer& buffer : all) texts.emplace_back(buffer.view());
  EXPECT_THAT(texts, ElementsAre("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", "AAAABBBBCCCCDDDDEEEE"));
  EXPECT_THAT(Asked(), ElementsAre(ElementsAre(ByteRange{0, 70})));
}

TEST_F(PageFetchTest, WhatWasAskedForEarlyIsNotAskedForAgain) {
  BackgroundReads background(recorded_, executor_, 1);
  PageFetch fetch = Fetch(28, &background);
  EXPECT_EQ(fetch.AskAhead(), 28);
  EXPECT_EQ(fetch.AskAhead(), 28);
  EXPECT_EQ(fetch.bytes_ahead(), 56);
  EXPECT_EQ(TakeRow(fetch), "aaaaaaaaaaAAAA");
  EXPECT_EQ(fetch.bytes_ahead(), 42);
  EXPECT_EQ(fetch.AskAhead(), 14);
  EXPECT_EQ(fetch.AskAhead(), 0) << "that was all";
  for (int64_t page = 1; page < kPages; ++page) TakeRow(fetch);
  EXPECT_EQ(fetch.bytes_ahead(), 0);
  EXPECT_THAT(Asked(), ElementsAre(ElementsAre(ByteRange{0, 58}), ElementsAre(ByteRange{20, 46}),
                                   ElementsAre(ByteRange{40, 30})));
}

}  // namespace
}  // namespace sleeper::file
