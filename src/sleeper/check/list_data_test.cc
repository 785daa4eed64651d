#include "sleeper/check/list_data.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::check {
namespace {

using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const model::TableId kTable("00000000000000aa");

/// Objects of one byte, and the files that a state would know.
class ListDataTest : public ::testing::Test {
 protected:
  /// Files with an object each, in the order of their names.
  std::vector<state::TrackedFile> Files(int count) {
    std::vector<state::TrackedFile> files;
    for (int i = 0; i < count; ++i) {
      state::TrackedFile file{.record = {.id = state::MakeFileId(1, random_), .size_bytes = 1}, .references = 1};
      Put(PathOf(file));
      files.push_back(std::move(file));
    }
    std::ranges::sort(files, {}, [](const state::TrackedFile& file) { return file.record.id; });
    return files;
  }

  static store::ObjectPath PathOf(const state::TrackedFile& file) {
    return state::DataFilePath(kTable, file.record.id);
  }
  static store::ObjectPath Named(const std::string& name) {
    return store::ObjectPath(state::DataPrefix(kTable).value() + name);
  }

  void Put(const store::ObjectPath& path) {
    ASSERT_TRUE(objects_.Put(path, Buffer::FromString("x"), store::PutMode::kReplace, CallContext()).ok());
  }
  void Delete(const store::ObjectPath& path) { ASSERT_TRUE(objects_.Delete(std::vector{path}, CallContext()).ok()); }

  Differences Compare(const std::vector<state::TrackedFile>& files, size_t in_one_range_max = kFilesInOneRangeMax) {
    return ValueOf(CompareWithListing(objects_, executor_, kTable, files, CallContext(), in_one_range_max));
  }

  static std::vector<std::string> NamesOf(const std::vector<store::ObjectInfo>& objects) {
    std::vector<std::string> names;
    for (const store::ObjectInfo& object : objects) {
      names.push_back(object.path.value().substr(state::DataPrefix(kTable).value().size()));
    }
    return names;
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{4, clock_};
  store::MemoryStore objects_{clock_};
};

TEST_F(ListDataTest, OfFilesThatAreAllThereFindsNothing) {
  const Differences differences = Compare(Files(1'200));  // More than a page.
  EXPECT_THAT(differences.missing, IsEmpty());
  EXPECT_THAT(differences.wrong_sizes, IsEmpty());
  EXPECT_THAT(differences.unknown, IsEmpty());
}

TEST_F(ListDataTest, FindsDifferencesAtBothEndsOfAListing) {
  std::vector<state::TrackedFile> files = Files(3);
  Delete(PathOf(files.front()));
  Delete(PathOf(files.back()));
  Put(Named("!"));
  Put(Named("~"));
  Differences differences = Compare(files);
  ASSERT_EQ(differences.missing.size(), 2U);
  EXPECT_EQ(differences.missing[0].id, files.front().record.id);
  EXPECT_EQ(differences.missing[1].id, files.back().record.id);
  EXPECT_THAT(NamesOf(differences.unknown), ElementsAre("!", "~"));
}

TEST_F(ListDataTest, ListsALargeTableInRangesThatLeaveNothingOut) {
  std::vector<state::TrackedFile> files = Files(400);
  // One in the middle of each range and the last of all.
  std::vector<model::FileId> lost;
  for (size_t i = 10; i < files.size(); i += 25) lost.push_back(files[i].record.id);
  lost.push_back(files.back().record.id);
  for (const model::FileId& file : lost) Delete(state::DataFilePath(kTable, file));
  const std::vector<std::string> foreign = {"!", "0", "1", "1-a", "8", "9z", "f", "fz", "g", "~"};
  for (const std::string& name : foreign) Put(Named(name));
  const Differences differences = Compare(files, 100);
  std::vector<model::FileId> missing;
  for (const model::FileRecord& file : differences.missing) missing.push_back(file.id);
  EXPECT_EQ(missing, lost);
  EXPECT_THAT(NamesOf(differences.unknown), ::testing::UnorderedElementsAreArray(foreign));
}

TEST_F(ListDataTest, DoesNotExpectFilesWithoutReferences) {
  std::vector<state::TrackedFile> files = Files(3);
  files[1].references = 0;
  files[2].references = 0;
  files[2].record.size_bytes = 99;
  Delete(PathOf(files[1]));
  const Differences differences = Compare(files);
  EXPECT_THAT(differences.missing, IsEmpty());
  EXPECT_THAT(differences.wrong_sizes, IsEmpty());
  EXPECT_THAT(differences.unknown, IsEmpty());
}

}  // namespace
}  // namespace sleeper::check
