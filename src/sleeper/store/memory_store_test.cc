#include "sleeper/store/memory_store.h"

#include <gtest/gtest.h>

#include "sleeper/store/testing/conformance.h"

namespace sleeper::store {
namespace {

const SystemClock kClock;

INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreConformance,
                         testing::Values(StoreKind{"memory", [] { return std::make_shared<MemoryStore>(kClock); }}),
                         testing::PrintToStringParamName());

class MemoryStoreTest : public testing::Test {
 protected:
  Result<PutOutcome> Put(MemoryStore& store, const char* path, const char* bytes, PutMode mode = PutMode::kIfAbsent) {
    return store.Put(ObjectPath(path), Buffer::CopyOf(bytes), mode, call_);
  }

  CallContext call_;
};

TEST_F(MemoryStoreTest, TheSameBytesHaveTheSameEtagAsOnS3) {
  MemoryStore store(kClock);
  ASSERT_TRUE(Put(store, "a", "hello").ok());
  ASSERT_TRUE(Put(store, "b", "hello").ok());
  EXPECT_EQ(store.Head(ObjectPath("a"), call_)->etag, store.Head(ObjectPath("b"), call_)->etag);
}

TEST_F(MemoryStoreTest, AFullStoreIsExhaustedUntilSomethingIsDeleted) {
  MemoryStore store(kClock, {.bytes_max = 10});
  ASSERT_TRUE(Put(store, "a", "123456").ok());
  EXPECT_TRUE(IsKind(Put(store, "b", "12345").status(), ErrorKind::kExhausted));
  EXPECT_TRUE(Put(store, "a", "1234567890", PutMode::kReplace).ok()) << "what is replaced gives its room";
  EXPECT_EQ(store.bytes_used(), 10);
  const std::vector<ObjectPath> paths = {ObjectPath("a")};
  ASSERT_TRUE(store.Delete(paths, call_).ok());
  EXPECT_EQ(store.bytes_used(), 0);
  EXPECT_TRUE(Put(store, "b", "12345").ok());
}

TEST_F(MemoryStoreTest, AStreamedObjectThatDoesNotFitIsExhausted) {
  MemoryStore store(kClock, {.bytes_max = 10});
  const auto writer = store.OpenWriter(ObjectPath("a"), PutMode::kIfAbsent, call_).ValueOrDie();
  EXPECT_TRUE(writer->Append(Buffer::CopyOf("123456"), call_).ok());
  EXPECT_TRUE(IsKind(writer->Append(Buffer::CopyOf("123456"), call_), ErrorKind::kExhausted));
}

TEST_F(MemoryStoreTest, PagesAreBounded) {
  MemoryStore store(kClock, {.list_page_max = 2});
  for (const char* path : {"a", "b", "c"}) ASSERT_TRUE(Put(store, path, "x").ok());
  const ListPage page = store.List(ObjectPath(""), ObjectPath(""), 100, call_).ValueOrDie();
  EXPECT_EQ(page.objects.size(), 2U);
  EXPECT_TRUE(page.more);
}

}  // namespace
}  // namespace sleeper::store
