#include "sleeper/store/scratch.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/store/folder_scratch.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::store {
namespace {

constexpr int64_t kBytesMax = 100;

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// What both twins promise.
class ScratchTest : public testing::TestWithParam<std::string> {
 protected:
  ScratchTest() {
    if (GetParam() == "memory") {
      space_ = std::make_unique<MemoryScratch>(kBytesMax);
    } else {
      space_ = FolderScratch::Open({folder_.Inside("scratch"), kBytesMax}, random_).ValueOrDie();
    }
  }

  std::unique_ptr<ScratchRun> Write(const std::vector<std::string>& pieces) {
    const auto writer = space_->NewRun(call_).ValueOrDie();
    for (const std::string& piece : pieces) EXPECT_TRUE(writer->Append(BytesOf(piece), call_).ok());
    return writer->Finish(call_).ValueOrDie();
  }

  TemporaryFolder folder_;
  SystemRandom random_;
  CallContext call_;
  std::unique_ptr<ScratchSpace> space_;
};

INSTANTIATE_TEST_SUITE_P(Twins, ScratchTest, testing::Values("memory", "folder"),
                         [](const auto& twin) { return twin.param; });

TEST_P(ScratchTest, ARunIsReadAnywhere) {
  const auto run = Write({"0123", "", "456789"});
  EXPECT_EQ(run->size(), 10);
  EXPECT_EQ(run->Read({0, 10}, call_)->view(), "0123456789");
  EXPECT_EQ(run->Read({3, 3}, call_)->view(), "345");
  EXPECT_EQ(run->Read({10, 0}, call_)->view(), "");
  EXPECT_TRUE(IsKind(run->Read({9, 2}, call_).status(), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(run->Read({-1, 2}, call_).status(), ErrorKind::kInvalid));
}

TEST_P(ScratchTest, RunsDoNotMix) {
  const auto first = space_->NewRun(call_).ValueOrDie();
  const auto second = space_->NewRun(call_).ValueOrDie();
  ASSERT_TRUE(first->Append(BytesOf("aa"), call_).ok());
  ASSERT_TRUE(second->Append(BytesOf("bb"), call_).ok());
  ASSERT_TRUE(first->Append(BytesOf("AA"), call_).ok());
  EXPECT_EQ(first->Finish(call_).ValueOrDie()->Read({0, 4}, call_)->view(), "aaAA");
  EXPECT_EQ(second->Finish(call_).ValueOrDie()->Read({0, 2}, call_)->view(), "bb");
}

TEST_P(ScratchTest, WhatDoesNotFitIsExhausted) {
  const auto run = Write({std::string(60, 'x')});
  const auto writer = space_->NewRun(call_).ValueOrDie();
  EXPECT_TRUE(writer->Append(BytesOf(std::string(40, 'x')), call_).ok());
  const Status status = writer->Append(BytesOf("x"), call_);
  EXPECT_TRUE(IsKind(status, ErrorKind::kExhausted));
  EXPECT_FALSE(HintOf(status).empty());
}

TEST_P(ScratchTest, DroppedRunsAndWritersGiveTheirSpaceBack) {
  {
    const auto run = Write({std::string(60, 'x')});
    const auto writer = space_->NewRun(call_).ValueOrDie();
    ASSERT_TRUE(writer->Append(BytesOf(std::string(30, 'x')), call_).ok());
    EXPECT_EQ(space_->bytes_used(), 90);
  }
  EXPECT_EQ(space_->bytes_used(), 0);
  EXPECT_EQ(Write({std::string(100, 'x')})->size(), 100);
}

TEST_P(ScratchTest, ARunMayBeEmpty) { EXPECT_EQ(Write({})->size(), 0); }

class FolderScratchTest : public testing::Test {
 protected:
  std::unique_ptr<FolderScratch> Open() {
    return FolderScratch::Open({folder_.path(), kBytesMax}, random_).ValueOrDie();
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

  TemporaryFolder folder_;
  SystemRandom random_;
  CallContext call_;
};

TEST_F(FolderScratchTest, ASpaceLeavesNothingBehind) {
  auto space = Open();
  {
    const auto writer = space->NewRun(call_).ValueOrDie();
    ASSERT_TRUE(writer->Append(BytesOf("x"), call_).ok());
    EXPECT_THAT(Names(), testing::SizeIs(1));
  }
  EXPECT_TRUE(std::filesystem::is_empty(space->folder()));
  space.reset();
  EXPECT_THAT(Names(), testing::IsEmpty());
}

TEST_F(FolderScratchTest, WhatACrashedProcessLeftIsRemovedAtTheNextStart) {
  const std::string left = folder_.Inside("sleeper-scratch-1-00000000000000aa");
  std::filesystem::create_directory(left);
  std::ofstream(left + "/1.run") << "left";
  const auto space = Open();
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(FolderScratchTest, WhatIsInUseOrForeignStays) {
  const auto live = Open();
  const auto run = live->NewRun(call_).ValueOrDie();
  ASSERT_TRUE(run->Append(BytesOf("mine"), call_).ok());
  std::filesystem::create_directory(folder_.Inside("photos"));
  std::ofstream(folder_.Inside("sleeper-scratch-notes.txt")) << "a file";
  const auto other = Open();
  EXPECT_EQ(run->Finish(call_).ValueOrDie()->Read({0, 4}, call_)->view(), "mine");
  EXPECT_TRUE(std::filesystem::exists(folder_.Inside("photos")));
  EXPECT_TRUE(std::filesystem::exists(folder_.Inside("sleeper-scratch-notes.txt")));
  EXPECT_NE(live->folder(), other->folder());
}

TEST_F(FolderScratchTest, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_.Inside("file")) << "a file";
  EXPECT_FALSE(FolderScratch::Open({folder_.Inside("file"), kBytesMax}, random_).ok());
  EXPECT_FALSE(FolderScratch::Open({folder_.Inside("file/below"), kBytesMax}, random_).ok());
  EXPECT_FALSE(FolderScratch::Open({"", kBytesMax}, random_).ok());
}

}  // namespace
}  // namespace sleeper::store
