#include "sleeper/store/caching_store.h"

#include <gmock/gmock.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const SystemClock kClock;

CachePolicy Policy() {
  return {.is_immutable = [](const ObjectPath& path) { return path.value().starts_with("data/"); },
          .bytes_max = 10,
          .piece_bytes_max = 4,
          .mistrustful_caller = "check"};
}

struct CachingMemory {
  MemoryStore memory{kClock};
  RecordingStore recording{memory};
  CachingStore store{recording, Policy()};
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<CachingMemory>();
  return std::shared_ptr<ObjectStore>(made, &made->store);
}

INSTANTIATE_TEST_SUITE_P(Caching, ObjectStoreConformance, testing::Values(StoreKind{"caching", MakeStore}),
                         testing::PrintToStringParamName());

class CachingStoreTest : public testing::Test {
 protected:
  CachingStoreTest() {
    for (const char* path : {"data/1", "data/2", "log/1"})
      EXPECT_TRUE(store().Put(ObjectPath(path), Buffer::CopyOf("0123456789"), PutMode::kIfAbsent, call_).ok());
    made_.recording.Clear();
  }

  CachingStore& store() { return made_.store; }

  std::string Read(const char* path, ByteRange range) {
    const Result<Buffer> buffer = store().GetRange(ObjectPath(path), range, call_);
    return buffer.ok() ? std::string(buffer->view()) : std::string(ErrorKindName(KindOf(buffer.status())));
  }

  std::vector<std::string> ReadMany(const char* path, const std::vector<ByteRange>& ranges) {
    const std::vector<Buffer> buffers = store().GetRanges(ObjectPath(path), ranges, call_).ValueOrDie();
    std::vector<std::string> texts;
    for (const Buffer& buffer : buffers) texts.emplace_back(buffer.view());
    return texts;
  }

  size_t Requests() const { return made_.recording.calls().size(); }

  CachingMemory made_;
  CallContext call_;
};

TEST_F(CachingStoreTest, APieceIsReadOnce) {
  EXPECT_EQ(Read("data/1", {2, 3}), "234");
  EXPECT_EQ(Read("data/1", {2, 3}), "234");
  EXPECT_EQ(Requests(), 1U);
  EXPECT_EQ(Read("data/2", {2, 3}), "234");
  EXPECT_EQ(Requests(), 2U) << "of another object";
}

TEST_F(CachingStoreTest, OnlyThePiecesThatAreMissingAreAskedFor) {
  EXPECT_EQ(Read("data/1", {2, 3}), "234");
  EXPECT_THAT(ReadMany("data/1", {{0, 1}, {2, 3}, {9, 1}}), ElementsAre("0", "234", "9"));
  EXPECT_THAT(made_.recording.calls(StoreFunction::kGetRanges).at(0).ranges,
              ElementsAre(ByteRange{0, 1}, ByteRange{9, 1}));
  EXPECT_THAT(ReadMany("data/1", {{9, 1}, {0, 1}}), ElementsAre("9", "0"));
  EXPECT_EQ(Requests(), 2U);
}

TEST_F(CachingStoreTest, WhatMayChangeIsReadEachTime) {
  EXPECT_EQ(Read("log/1", {0, 3}), "012");
  ASSERT_TRUE(made_.memory.Put(ObjectPath("log/1"), Buffer::CopyOf("other bytes"), PutMode::kReplace, call_).ok());
  EXPECT_EQ(Read("log/1", {0, 3}), "oth");
  EXPECT_EQ(store().bytes_used(), 0);
}

TEST_F(CachingStoreTest, TheBytesAreBoundedAndWhatWasUsedLastStays) {
  Read("data/1", {0, 4});
  Read("data/1", {1, 4});
  Read("data/1", {0, 4});
  Read("data/1", {2, 4});
  EXPECT_LE(store().bytes_used(), 10);
  const size_t before = Requests();
  Read("data/1", {0, 4});
  EXPECT_EQ(Requests(), before);
  Read("data/1", {1, 4});
  EXPECT_EQ(Requests(), before + 1) << "it made room";
}

TEST_F(CachingStoreTest, ALargePieceIsNotKept) {
  Read("data/1", {0, 5});
  Read("data/1", {0, 5});
  EXPECT_EQ(Requests(), 2U);
  EXPECT_EQ(store().bytes_used(), 0);
}

TEST_F(CachingStoreTest, AMistrustfulCallerIsAnsweredByTheStoreAndLeavesNothing) {
  const CallContext check = call_.As("check");
  const auto read = [&](ByteRange range) {
    return store().GetRange(ObjectPath("data/1"), range, check).ValueOrDie().view().front();
  };
  EXPECT_EQ(read({2, 3}), '2');
  EXPECT_EQ(store().bytes_used(), 0);
  Read("data/1", {2, 3});
  ASSERT_TRUE(
      made_.memory.Put(ObjectPath("data/1"), Buffer::CopyOf("changed by a fault"), PutMode::kReplace, call_).ok());
  EXPECT_EQ(read({2, 3}), 'a');
  const std::vector<ByteRange> ranges = {{2, 3}, {0, 1}};
  EXPECT_EQ(store().GetRanges(ObjectPath("data/1"), ranges, check).ValueOrDie().at(0).view(), "ang");
  EXPECT_EQ(Read("data/1", {2, 3}), "234") << "what others have read stays theirs";
}

TEST_F(CachingStoreTest, AFailureAndADeletedObjectAreNotKept) {
  EXPECT_EQ(Read("data/3", {0, 1}), "not_found");
  EXPECT_EQ(Read("data/1", {8, 4}), "invalid");
  Read("data/1", {0, 4});
  Read("data/2", {0, 4});
  const std::vector<ObjectPath> paths = {ObjectPath("data/1")};
  ASSERT_TRUE(store().Delete(paths, call_).ok());
  EXPECT_EQ(Read("data/1", {0, 4}), "not_found");
  EXPECT_EQ(store().bytes_used(), 4);
}

TEST_F(CachingStoreTest, ManyThreadsMayReadAtTheSameTime) {
  ThreadExecutor executor(4, kClock);
  EXPECT_TRUE(ParallelFor(executor, 400, 0, [&](int64_t i) -> Status {
                const ByteRange range{i % 7, 3};
                EXPECT_EQ(Read("data/1", range), std::string("0123456789").substr(static_cast<size_t>(i % 7), 3));
                return Status::OK();
              }).ok());
  EXPECT_LE(store().bytes_used(), 10);
}

}  // namespace
}  // namespace sleeper::store
