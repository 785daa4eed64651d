// What a folder store has synced when it answers. A power cut keeps what was synced and may lose the rest.

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sleeper/store/folder_store.h"
#include "sleeper/store/temporary_file.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::store {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

const SystemClock kClock;

class FolderDurabilityTest : public testing::Test {
 protected:
  FolderDurabilityTest() {
    FolderStoreOptions options{root_};
    options.sync = [this](int file) { return Sync(file); };
    store_ = FolderStore::Open(options, kClock, random_).ValueOrDie();
  }

  /// Notes the name of what is synced below the test's folder, or fails as the test asked.
  int Sync(int file) {
    const std::string name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file));
    const std::filesystem::path path = std::filesystem::relative(name, folder_.path());
    const bool is_folder = std::filesystem::is_directory(name);
    synced_.push_back(is_folder ? path.native() : "file");
    if (is_folder && std::filesystem::exists(InRoot("a/b/x"))) links_at_sync_.push_back(LinksOf("a/b/x"));
    return is_folder ? folder_error_ : file_error_;
  }

  Result<PutOutcome> Put(const std::string& path, PutMode mode = PutMode::kIfAbsent) {
    synced_.clear();
    return store_->Put(ObjectPath(path), Buffer::CopyOf("bytes"), mode, call_);
  }

  std::string InRoot(const std::string& name) const { return root_ + "/" + name; }

  int LinksOf(const std::string& path) const {
    return static_cast<int>(std::filesystem::hard_link_count(InRoot(path)));
  }

  /// Makes it look as if the object's writer had died before it synced the folder.
  void LoseTheWriterOf(const std::string& path) {
    std::filesystem::create_directories(InRoot(kTemporaryFolder));
    std::filesystem::create_hard_link(InRoot(path), InRoot(std::string(kTemporaryFolder) + "/0123456789abcdef~x"));
  }

  TemporaryFolder folder_;
  const std::string root_ = folder_.Inside("new/root");
  SystemRandom random_;
  CallContext call_;
  std::vector<std::string> synced_;
  std::vector<int> links_at_sync_;
  int file_error_ = 0;
  int folder_error_ = 0;
  std::unique_ptr<FolderStore> store_;
};

TEST_F(FolderDurabilityTest, TheFirstPutSyncsTheFileTheFolderAndEveryNewAncestor) {
  ASSERT_EQ(*Put("a/b/x"), PutOutcome::kCreated);
  EXPECT_THAT(synced_, IsSupersetOf({".", "new", "file", "new/root/a/b", "new/root", "new/root/a"}));
  const auto file = std::find(synced_.begin(), synced_.end(), "file");
  const auto last_folder = std::find(synced_.begin(), synced_.end(), "new/root/a/b");
  EXPECT_LT(file, last_folder) << "content before entry";
}

TEST_F(FolderDurabilityTest, TheTemporaryNameStaysUntilTheFolderIsSynced) {
  ASSERT_EQ(*Put("a/b/x"), PutOutcome::kCreated);
  EXPECT_THAT(links_at_sync_, testing::Each(2));
  EXPECT_THAT(links_at_sync_, testing::Not(IsEmpty()));
  EXPECT_EQ(LinksOf("a/b/x"), 1);
  links_at_sync_.clear();
  ASSERT_EQ(*Put("a/b/x", PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_THAT(links_at_sync_, ElementsAre(2));
  EXPECT_EQ(LinksOf("a/b/x"), 1);
}

TEST_F(FolderDurabilityTest, FurtherPutsSyncTheFileAndTheFolderOnly) {
  ASSERT_TRUE(Put("a/b/x").ok());
  ASSERT_TRUE(Put("a/b/y").ok());
  EXPECT_THAT(synced_, ElementsAre("file", "new/root/a/b"));
  ASSERT_TRUE(Put("a/b/x", PutMode::kReplace).ok());
  EXPECT_THAT(synced_, ElementsAre("file", "new/root/a/b"));
}

TEST_F(FolderDurabilityTest, AFolderThatIsMadeAgainIsSyncedAgain) {
  ASSERT_TRUE(Put("a/b/x").ok());
  const std::vector<ObjectPath> paths = {ObjectPath("a/b/x")};
  synced_.clear();
  ASSERT_TRUE(store_->Delete(paths, call_).ok());
  EXPECT_THAT(synced_, ElementsAre("new/root/a/b")) << "what was deleted stays deleted";
  EXPECT_FALSE(std::filesystem::exists(InRoot("a")));
  // Others take the inodes of the folders that went; within a tick of the clock they could not be told apart.
  for (const char* name : {"other", "another"}) std::filesystem::create_directory(folder_.Inside(name));
  ASSERT_TRUE(Put("a/b/x").ok());
  EXPECT_THAT(synced_, IsSupersetOf({"file", "new/root/a/b", "new/root/a", "new/root"}));
}

TEST_F(FolderDurabilityTest, ReadersOfWhatItsWriterSyncedSyncNothing) {
  ASSERT_TRUE(Put("a/b/x").ok());
  synced_.clear();
  EXPECT_TRUE(store_->Get(ObjectPath("a/b/x"), call_).ok());
  EXPECT_TRUE(store_->Head(ObjectPath("a/b/x"), call_).ok());
  EXPECT_TRUE(store_->GetRange(ObjectPath("a/b/x"), {0, 1}, call_).ok());
  EXPECT_EQ(store_->List(ObjectPath(""), ObjectPath(""), 10, call_)->objects.size(), 1U);
  EXPECT_EQ(*Put("a/b/x"), PutOutcome::kExists);
  EXPECT_THAT(synced_, IsEmpty());
}

TEST_F(FolderDurabilityTest, AReaderSyncsAnEntryWhoseWriterHasNot) {
  ASSERT_TRUE(Put("a/b/x").ok());
  LoseTheWriterOf("a/b/x");
  synced_.clear();
  EXPECT_TRUE(store_->Get(ObjectPath("a/b/x"), call_).ok());
  EXPECT_THAT(synced_, ElementsAre("new/root/a/b"));
  EXPECT_TRUE(store_->Get(ObjectPath("a/b/x"), call_).ok());
  EXPECT_THAT(synced_, testing::SizeIs(1)) << "once it is known, it is known";
}

TEST_F(FolderDurabilityTest, EveryWayToLearnOfAnEntrySyncsIt) {
  ASSERT_TRUE(Put("a/b/x").ok());
  LoseTheWriterOf("a/b/x");
  const auto synced_by_new_process = [&](const std::function<void(FolderStore&)>& learn) {
    FolderStoreOptions options{root_};
    options.sync = [this](int file) { return Sync(file); };
    const auto store = FolderStore::Open(options, kClock, random_).ValueOrDie();
    synced_.clear();
    learn(*store);
    return synced_;
  };
  const ObjectPath path("a/b/x");
  const auto all = IsSupersetOf({"new/root/a/b", "new/root/a", "new/root"});
  EXPECT_THAT(synced_by_new_process([&](FolderStore& store) { EXPECT_TRUE(store.Get(path, call_).ok()); }), all);
  EXPECT_THAT(synced_by_new_process([&](FolderStore& store) { EXPECT_TRUE(store.Head(path, call_).ok()); }), all);
  EXPECT_THAT(synced_by_new_process([&](FolderStore& store) {
                EXPECT_EQ(store.List(ObjectPath(""), ObjectPath(""), 1, call_)->objects.size(), 1U);
              }),
              all);
  EXPECT_THAT(synced_by_new_process([&](FolderStore& store) {
                EXPECT_EQ(*store.Put(path, Buffer(), PutMode::kIfAbsent, call_), PutOutcome::kExists);
              }),
              all);
}

TEST_F(FolderDurabilityTest, ContentThatCannotBeSyncedNeverBecomesAnObject) {
  file_error_ = EIO;
  EXPECT_TRUE(IsKind(Put("a/b/x").status(), ErrorKind::kUnavailable));
  file_error_ = ENOSPC;
  EXPECT_TRUE(IsKind(Put("a/b/x").status(), ErrorKind::kExhausted));
  EXPECT_TRUE(IsKind(store_->Head(ObjectPath("a/b/x"), call_).status(), ErrorKind::kNotFound));
  EXPECT_TRUE(std::filesystem::is_empty(InRoot(kTemporaryFolder)));
}

TEST_F(FolderDurabilityTest, AnEntryThatCannotBeSyncedHasAnUnknownOutcome) {
  ASSERT_TRUE(Put("first").ok());
  folder_error_ = EIO;
  EXPECT_TRUE(IsKind(Put("a/b/x").status(), ErrorKind::kOutcomeUnknown));
  EXPECT_EQ(LinksOf("a/b/x"), 2) << "readers must still sync it";
  EXPECT_FALSE(store_->Get(ObjectPath("a/b/x"), call_).ok()) << "and may not act on it before";
  folder_error_ = 0;
  EXPECT_TRUE(store_->Get(ObjectPath("a/b/x"), call_).ok());
}

}  // namespace
}  // namespace sleeper::store
