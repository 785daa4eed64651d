#include "sleeper/store/folder_store.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sleeper/store/temporary_file.h"
#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

/// Acts as another user, who may not do everything, if the test runs as one who may.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(geteuid() == 0 && seteuid(65534) == 0) {}
  ~OrdinaryUser() {
    if (was_root_) SLEEPER_CHECK(seteuid(0) == 0, "cannot go back");
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  const bool was_root_;
};

class FolderStoreTest : public testing::Test {
 protected:
  std::unique_ptr<FolderStore> Open(const std::string& root) {
    return FolderStore::Open({root}, kClock, random_).ValueOrDie();
  }

  Result<PutOutcome> Put(const std::string& path, const std::string& bytes, PutMode mode = PutMode::kIfAbsent) {
    return store_->Put(ObjectPath(path), Buffer::CopyOf(bytes), mode, call_);
  }

  std::string Read(const std::string& path) {
    const Result<Object> object = store_->Get(ObjectPath(path), call_);
    if (object.ok()) return std::string(object->bytes.view());
    EXPECT_TRUE(IsKind(object.status(), ErrorKind::kNotFound)) << object.status().ToString();
    return "<absent>";
  }

  std::vector<std::string> ListAll() {
    std::vector<std::string> paths;
    const ListPage page = store_->List(ObjectPath(""), ObjectPath(""), 1000, call_).ValueOrDie();
    for (const ObjectInfo& object : page.objects) paths.push_back(object.path.value());
    return paths;
  }

  Status Delete(const std::string& path) {
    const std::vector<ObjectPath> paths = {ObjectPath(path)};
    return store_->Delete(paths, call_);
  }

  std::string InRoot(const std::string& name) const { return root_ + "/" + name; }

  std::vector<std::string> TemporaryFiles() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(InRoot(kTemporaryFolder))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  TemporaryFolder folder_;
  const std::string root_ = folder_.Inside("deep/root");
  SystemRandom random_;
  CallContext call_;
  std::unique_ptr<FolderStore> store_ = Open(root_);
};

TEST_F(FolderStoreTest, AnObjectIsAFileThatOtherProgramsCanRead) {
  ASSERT_TRUE(Put("tables/1/data.parquet", "hello").ok());
  std::ifstream file(InRoot("tables/1/data.parquet"));
  std::string text;
  file >> text;
  EXPECT_EQ(text, "hello");
}

TEST_F(FolderStoreTest, TheFolderIsMadeByTheFirstWrite) {
  EXPECT_THAT(ListAll(), IsEmpty());
  EXPECT_EQ(Read("a"), "<absent>");
  EXPECT_FALSE(std::filesystem::exists(folder_.Inside("deep")));
  ASSERT_TRUE(Put("a", "x").ok());
  EXPECT_TRUE(std::filesystem::exists(root_));
}

TEST_F(FolderStoreTest, TwoStoresOnOneFolderSeeEachOther) {
  const auto other = Open(root_);
  ASSERT_TRUE(Put("a", "x").ok());
  EXPECT_EQ(other->Get(ObjectPath("a"), call_)->bytes.view(), "x");
  EXPECT_EQ(*other->Put(ObjectPath("a"), Buffer(), PutMode::kIfAbsent, call_), PutOutcome::kExists);
}

TEST_F(FolderStoreTest, WritesLeaveNoTemporaryFiles) {
  ASSERT_TRUE(Put("a", "x").ok());
  ASSERT_TRUE(Put("a", "y").ok());
  ASSERT_TRUE(Put("a", "z", PutMode::kReplace).ok());
  { ASSERT_TRUE(store_->OpenWriter(ObjectPath("b"), PutMode::kIfAbsent, call_).ok()); }
  EXPECT_THAT(TemporaryFiles(), IsEmpty());
}

TEST_F(FolderStoreTest, AnObjectWhoseWriterDiedBeforeItSyncedTheFolderIsRead) {
  ASSERT_TRUE(Put("d/a", "x").ok());
  const std::string temporary = InRoot(std::string(kTemporaryFolder) + "/0123456789abcdef~d%2Fa");
  std::filesystem::create_hard_link(InRoot("d/a"), temporary);
  EXPECT_EQ(Read("d/a"), "x");
  EXPECT_THAT(ListAll(), ElementsAre("d/a"));
  EXPECT_EQ(*Put("d/a", "y"), PutOutcome::kExists);

  ASSERT_TRUE(store_->DropAbandonedWrites(ObjectPath("d/"), Duration::zero(), call_).ok());
  EXPECT_FALSE(std::filesystem::exists(temporary));
  EXPECT_EQ(Read("d/a"), "x");
}

TEST_F(FolderStoreTest, LongPathsHaveTemporaryFilesToo) {
  const std::string path = std::string(120, 'a') + "%/" + std::string(200, 'b');
  auto writer = store_->OpenWriter(ObjectPath(path), PutMode::kReplace, call_).ValueOrDie();
  EXPECT_THAT(TemporaryFiles(), testing::SizeIs(1));
  EXPECT_EQ(*writer->Finish(call_), PutOutcome::kCreated);
  EXPECT_EQ(Read(path), "");
  writer = store_->OpenWriter(ObjectPath(path + "c"), PutMode::kReplace, call_).ValueOrDie();
  ASSERT_TRUE(store_->DropAbandonedWrites(ObjectPath(std::string(120, 'a')), Duration::zero(), call_).ok());
  EXPECT_TRUE(IsKind(writer->Finish(call_).status(), ErrorKind::kConflict));
}

TEST_F(FolderStoreTest, FilesWithNamesThatNoObjectHasAreNoObjects) {
  ASSERT_TRUE(Put("d/a", "x").ok());
  for (const char* name : {".DS_Store", ".hidden", "50%", "%41", "%2fa", "a\nb", "bad\xff", "d/.nfs0001", "q?"}) {
    std::ofstream(InRoot(name)) << "foreign";
  }
  EXPECT_THAT(ListAll(), ElementsAre("d/a"));
  for (const char* path : {".hidden", "50%", "%41", "A", "q?"}) EXPECT_EQ(Read(path), "<absent>") << path;
}

TEST_F(FolderStoreTest, WhatIsNoPlainFileIsNoObject) {
  ASSERT_TRUE(Put("d/a", "x").ok());
  std::filesystem::create_symlink("a", InRoot("d/link"));
  std::filesystem::create_directory_symlink("d", InRoot("linked"));
  ASSERT_EQ(mkfifo(InRoot("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ListAll(), ElementsAre("d/a"));
  for (const char* path : {"d/link", "linked/a", "pipe", "d"}) {
    EXPECT_EQ(Read(path), "<absent>") << path;
    EXPECT_TRUE(IsKind(store_->Head(ObjectPath(path), call_).status(), ErrorKind::kNotFound)) << path;
    ASSERT_TRUE(Delete(path).ok()) << path;
  }
  for (const char* path : {"d/link", "linked/b", "pipe"}) {
    EXPECT_TRUE(IsKind(Put(path, "x").status(), ErrorKind::kInvalid)) << path;
  }
  EXPECT_EQ(Read("d/a"), "x");
  EXPECT_TRUE(std::filesystem::is_symlink(InRoot("d/link")));
}

TEST_F(FolderStoreTest, FoldersGoWithTheirLastObject) {
  ASSERT_TRUE(Put("a/b/c/1", "x").ok());
  ASSERT_TRUE(Put("a/2", "x").ok());
  ASSERT_TRUE(Delete("a/b/c/1").ok());
  EXPECT_FALSE(std::filesystem::exists(InRoot("a/b")));
  EXPECT_TRUE(std::filesystem::exists(InRoot("a")));
}

TEST_F(FolderStoreTest, AnEmptyFolderIsInNobodysWay) {
  ASSERT_TRUE(Put("x", "x").ok());
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    std::filesystem::create_directory(InRoot("a"));
    EXPECT_EQ(*Put("a", "bytes", mode), PutOutcome::kCreated);
    ASSERT_TRUE(Delete("a").ok());
  }
}

TEST_F(FolderStoreTest, APartThatIsTooLongForAFileIsRefused) {
  EXPECT_TRUE(Put(std::string(255, 'x'), "x").ok());
  EXPECT_TRUE(IsKind(Put(std::string(256, 'x'), "x").status(), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(Put(std::string(86, '?'), "x").status(), ErrorKind::kInvalid)) << "258 bytes as a file name";
  EXPECT_THAT(store_->List(ObjectPath(std::string(256, 'x') + "/"), ObjectPath(""), 1, call_)->objects, IsEmpty());
}

TEST_F(FolderStoreTest, AFileInPlaceOfTheFolderIsRefused) {
  std::ofstream(folder_.Inside("file")) << "x";
  for (const char* name : {"file", "file/below"}) {
    const Status status = FolderStore::Open({folder_.Inside(name)}, kClock, random_).status();
    EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid)) << status.ToString();
  }
  EXPECT_TRUE(IsKind(FolderStore::Open({""}, kClock, random_).status(), ErrorKind::kInvalid));
}

TEST_F(FolderStoreTest, WhatIsNotPermittedIsDeniedWithAHint) {
  ASSERT_TRUE(Put("d/a", "x").ok());
  std::filesystem::permissions(InRoot("d/a"), std::filesystem::perms::none);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  const OrdinaryUser user;
  const Status status = store_->Get(ObjectPath("d/a"), call_).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied)) << status.ToString();
  EXPECT_FALSE(HintOf(status).empty());
  if (geteuid() == 65534) {
    EXPECT_TRUE(IsKind(Put("d/b", "x").status(), ErrorKind::kDenied));
    EXPECT_TRUE(IsKind(Delete("d/a"), ErrorKind::kDenied));
    EXPECT_TRUE(IsKind(FolderStore::Open({folder_.Inside("new")}, kClock, random_)
                           .ValueOrDie()
                           ->Put(ObjectPath("a"), Buffer(), PutMode::kIfAbsent, call_)
                           .status(),
                       ErrorKind::kDenied));
  }
}

TEST_F(FolderStoreTest, AFolderThatIsRemovedUnderTheStoreIsNotFound) {
  ASSERT_TRUE(Put("a", "x").ok());
  std::filesystem::remove_all(root_);
  EXPECT_EQ(Read("a"), "<absent>");
  EXPECT_THAT(ListAll(), IsEmpty());
  EXPECT_TRUE(IsKind(Put("a", "x").status(), ErrorKind::kNotFound));
}

TEST_F(FolderStoreTest, TheTemporaryFolderIsMadeAgain) {
  ASSERT_TRUE(Put("a", "x").ok());
  std::filesystem::remove_all(InRoot(kTemporaryFolder));
  EXPECT_TRUE(Put("b", "x").ok());
}

TEST_F(FolderStoreTest, ATamperedFileHasAnotherEtag) {
  ASSERT_TRUE(Put("a", "hello").ok());
  const std::string etag = store_->Head(ObjectPath("a"), call_)->etag;
  std::ofstream(InRoot("a")) << "jello";
  EXPECT_NE(store_->Head(ObjectPath("a"), call_)->etag, etag);
}

}  // namespace
}  // namespace sleeper::store
