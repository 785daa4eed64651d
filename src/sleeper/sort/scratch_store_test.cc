#include "sleeper/sort/scratch_store.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/folder_scratch.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::sort {
namespace {

using model::ValueOf;
using store::ObjectPath;
using store::PutMode;

constexpr int64_t kBytesMax = 64 << 20;
const SystemClock kClock;

struct InMemory {
  store::MemoryScratch scratch{kBytesMax};
  ScratchStore store{scratch, kClock};
};

struct InFolder {
  store::TemporaryFolder folder;
  SeededRandom random{1};
  std::unique_ptr<store::FolderScratch> scratch =
      ValueOf(store::FolderScratch::Open({.parent = folder.path(), .bytes_max = kBytesMax}, random));
  ScratchStore store{*scratch, kClock};
};

template <typename Space>
std::shared_ptr<store::ObjectStore> Make() {
  const auto space = std::make_shared<Space>();
  return {space, &space->store};
}

}  // namespace
}  // namespace sleeper::sort

// The suite stands in room store.
namespace sleeper::store {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Scratch, ObjectStoreConformance,
    testing::Values(StoreKind{.name = "memory", .make = sort::Make<sort::InMemory>, .refuses_folder_names = false},
                    StoreKind{.name = "folder", .make = sort::Make<sort::InFolder>, .refuses_folder_names = false}),
    testing::PrintToStringParamName());

}  // namespace
}  // namespace sleeper::store

namespace sleeper::sort {
namespace {

class ScratchStoreTest : public testing::Test {
 protected:
  void Put(const std::string& path, const std::string& bytes) {
    ValueOf(store_.Put(ObjectPath(path), Buffer::CopyOf(bytes), PutMode::kReplace, {}));
  }

  store::MemoryScratch scratch_{100};
  ScratchStore store_{scratch_, kClock};
};

TEST_F(ScratchStoreTest, WhatIsDeletedOrReplacedOrDroppedGivesItsSpaceBack) {
  Put("a", "1234567890");
  Put("a", "12345");
  EXPECT_EQ(scratch_.bytes_used(), 5);
  {
    const auto writer = ValueOf(store_.OpenWriter(ObjectPath("b"), PutMode::kIfAbsent, {}));
    ASSERT_TRUE(writer->Append(Buffer::CopyOf("123"), {}).ok());
    EXPECT_EQ(scratch_.bytes_used(), 8);
  }
  EXPECT_EQ(scratch_.bytes_used(), 5);
  const ObjectPath path("a");
  ASSERT_TRUE(store_.Delete({&path, 1}, {}).ok());
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(ScratchStoreTest, AFullSpaceIsExhausted) {
  Put("a", std::string(90, 'x'));
  const auto put = store_.Put(ObjectPath("b"), Buffer::CopyOf("12345678901"), PutMode::kIfAbsent, {});
  EXPECT_TRUE(IsKind(put.status(), ErrorKind::kExhausted)) << put.status().ToString();
  EXPECT_EQ(scratch_.bytes_used(), 90);
}

}  // namespace
}  // namespace sleeper::sort
