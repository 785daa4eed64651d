#include "sleeper/store/testing/recording_store.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/latency_store.h"

namespace sleeper::store {
namespace {

const SystemClock kClock;

std::vector<std::string> Texts(const std::vector<StoreCall>& calls) {
  std::vector<std::string> texts;
  for (const StoreCall& call : calls) texts.push_back(ToString(call));
  return texts;
}

TEST(RecordingStoreTest, RemembersEveryCallInOrder) {
  MemoryStore memory(kClock);
  RecordingStore store(memory);
  const CallContext call{.caller = "test"};
  const std::vector<ObjectPath> paths = {ObjectPath("a"), ObjectPath("b")};
  const std::vector<ByteRange> ranges = {{0, 1}, {2, 1}};
  ASSERT_TRUE(store.Put(paths[0], Buffer::CopyOf("abc"), PutMode::kIfAbsent, call).ok());
  {
    const auto writer = store.OpenWriter(paths[1], PutMode::kIfAbsent, call).ValueOrDie();
    ASSERT_TRUE(writer->Append(Buffer::CopyOf("12345"), call).ok());
    ASSERT_TRUE(writer->Finish(call).ok());
  }
  ASSERT_TRUE(store.Get(paths[0], call.As("query")).ok());
  ASSERT_TRUE(store.GetRange(paths[0], {1, 2}, call).ok());
  ASSERT_TRUE(store.GetRanges(paths[0], ranges, call).ok());
  ASSERT_FALSE(store.Head(ObjectPath("c"), call).ok());
  ASSERT_TRUE(store.List(ObjectPath("a"), ObjectPath(""), 7, call).ok());
  ASSERT_TRUE(store.Delete(paths, call).ok());
  ASSERT_TRUE(store.DropAbandonedWrites(ObjectPath(""), Duration::zero(), call).ok());

  EXPECT_THAT(Texts(store.calls()),
              testing::ElementsAre("put a (3) by test", "open_writer b by test", "append b (5) by test",
                                   "finish b by test", "get a by query", "get_range a [1, 3) by test",
                                   "get_ranges a [0, 1) [2, 3) by test", "head c by test", "list a (7) by test",
                                   "delete a (2) by test", "drop_abandoned_writes  by test"));
  EXPECT_THAT(store.calls(StoreFunction::kGet), testing::SizeIs(1));
  store.Clear();
  EXPECT_THAT(store.calls(), testing::IsEmpty());
}

TEST(LatencyStoreTest, EveryRequestLetsTimePass) {
  MemoryStore memory(kClock);
  Duration passed{};
  const Latency latency{.read = Duration(10), .write = Duration(100), .per_mebibyte = Duration(1000)};
  LatencyStore store(memory, latency, [&](Duration duration) { passed += duration; });
  const CallContext call;
  const Buffer two_mebibytes = Buffer::FromString(std::string(2 << 20, 'x'));
  ASSERT_TRUE(store.Put(ObjectPath("a"), two_mebibytes, PutMode::kIfAbsent, call).ok());
  EXPECT_EQ(passed, Duration(2100));
  ASSERT_TRUE(store.Get(ObjectPath("a"), call).ok());
  ASSERT_TRUE(store.List(ObjectPath(""), ObjectPath(""), 1, call).ok());
  EXPECT_EQ(passed, Duration(2120));
  const auto writer = store.OpenWriter(ObjectPath("b"), PutMode::kIfAbsent, call).ValueOrDie();
  EXPECT_EQ(passed, Duration(2120));
  ASSERT_TRUE(writer->Append(two_mebibytes, call).ok());
  ASSERT_TRUE(writer->Finish(call).ok());
  EXPECT_EQ(passed, Duration(2120 + 2100 + 100));
}

}  // namespace
}  // namespace sleeper::store
