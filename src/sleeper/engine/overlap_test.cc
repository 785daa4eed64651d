#include "sleeper/engine/overlap.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/time.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::engine {
namespace {

using model::ValueOf;

class FindInstanceBelowTest : public testing::Test {
 protected:
  void Make(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      ASSERT_TRUE(memory_.Put(store::ObjectPath(path), Buffer::CopyOf("x"), store::PutMode::kReplace, {}).ok()) << path;
    }
  }

  std::optional<std::string> Find() { return ValueOf(FindInstanceBelow(store_, {})); }

  SystemClock clock_;
  /// A page is smaller than a folder.
  store::MemoryStore memory_{clock_, {.list_page_max = 3}};
  store::RecordingStore store_{memory_};
};

TEST_F(FindInstanceBelowTest, NothingIsBelowAnEmptyRoot) {
  EXPECT_EQ(Find(), std::nullopt);
  EXPECT_EQ(store_.calls().size(), 1u);
}

TEST_F(FindInstanceBelowTest, FindsAnInstanceAtAnyDepth) {
  Make({"a/b/c/registry/log/1", "a/b/c/sleeper.json", "z.csv"});
  EXPECT_EQ(Find(), "a/b/c/");
}

TEST_F(FindInstanceBelowTest, FindsTheOneNearestToTheTop) {
  Make({"a/b/c/sleeper.json", "m/sleeper.json"});
  EXPECT_EQ(Find(), "m/");
}

TEST_F(FindInstanceBelowTest, AnInstanceAtTheRootItselfIsNotBelow) {
  Make({"sleeper.json", "tables/1/log/1", "registry/log/1"});
  EXPECT_EQ(Find(), std::nullopt);
}

TEST_F(FindInstanceBelowTest, LargeFoldersArePassedOverAsAWhole) {
  std::vector<std::string> paths;
  for (int folder = 0; folder < 4; ++folder) {
    for (int file = 0; file < 20; ++file) {
      paths.push_back("data/day=" + std::to_string(folder) + "/" + std::to_string(100 + file));
    }
  }
  paths.push_back("other/sleeper.json");
  Make(paths);
  EXPECT_EQ(Find(), "other/");
  EXPECT_LT(store_.calls().size(), 12u);
}

TEST_F(FindInstanceBelowTest, TheSearchEndsAtItsBound) {
  std::vector<std::string> paths;
  for (int folder = 0; folder < 3 * kOverlapListingsMax; ++folder)
    paths.push_back(std::to_string(1000 + folder) + "/x");
  Make(paths);
  EXPECT_EQ(Find(), std::nullopt);
  EXPECT_EQ(store_.calls().size(), static_cast<size_t>(kOverlapListingsMax));
}

class FindInstanceAboveTest : public testing::Test {
 protected:
  std::optional<std::string> Find(const std::string& folder) {
    const Location location{.kind = Location::Kind::kFolder, .folder = folder, .bucket = {}, .prefix = {}};
    const auto found = ValueOf(FindInstanceAbove(location, {}, {executor_, random_, meter_}, {}));
    return found ? std::optional(found->folder) : std::nullopt;
  }

  SystemClock clock_;
  SystemRandom random_;
  ThreadExecutor executor_{1, clock_};
  store::StoreMeter meter_;
  store::TemporaryFolder folder_;
};

TEST_F(FindInstanceAboveTest, OneAtAnyHeightIsFoundAlsoIfNothingIsThereYet) {
  const std::string root = std::filesystem::canonical(folder_.path()).string();
  std::filesystem::create_directories(root + "/a/b");
  EXPECT_EQ(Find(root + "/a/b/c/d"), std::nullopt);
  std::ofstream(root + "/a/sleeper.json") << "x";
  EXPECT_EQ(Find(root + "/a/b/c/d"), root + "/a");
  EXPECT_EQ(Find(root + "/a/b"), root + "/a");
  EXPECT_EQ(Find(root + "/a/b/../../x"), std::nullopt);
}

TEST_F(FindInstanceAboveTest, AnInstanceIsNotAboveItself) {
  std::ofstream(folder_.Inside("sleeper.json")) << "x";
  EXPECT_EQ(Find(folder_.path()), std::nullopt);
}

}  // namespace
}  // namespace sleeper::engine
