#include "sleeper/store/folder_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::store {
namespace {

const SystemClock kClock;

/// A folder with the store in it.
struct FolderAndStore {
  TemporaryFolder folder;
  SystemRandom random;
  std::unique_ptr<FolderStore> store = FolderStore::Open({folder.Inside("root")}, kClock, random).ValueOrDie();
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<FolderAndStore>();
  return std::shared_ptr<ObjectStore>(made, made->store.get());
}

INSTANTIATE_TEST_SUITE_P(Folder, ObjectStoreConformance, testing::Values(StoreKind{"folder", MakeStore}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace sleeper::store
