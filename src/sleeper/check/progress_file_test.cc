#include "sleeper/check/progress_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::check {
namespace {

using model::Fails;
using model::ValueOf;
using ::testing::HasSubstr;

const model::TableId kTable("00000000000000aa");
const model::FileId kFile("ab/0000000000000001-ab00000000000000");
const model::FileId kOther("cd/0000000000000002-cd00000000000000");

class ProgressFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProgressFile> Open() { return ValueOf(ProgressFile::Open(path_, kTable)); }
  std::string Text() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/progress";
};

TEST_F(ProgressFileTest, RemembersFilesForTheNextProcess) {
  ASSERT_TRUE(Open()->Add(kFile).ok());
  const auto next = Open();
  EXPECT_TRUE(next->Contains(kFile));
  EXPECT_FALSE(next->Contains(kOther));
  ASSERT_TRUE(next->Add(kOther).ok());
  EXPECT_TRUE(Open()->Contains(kFile));
  EXPECT_TRUE(Open()->Contains(kOther));
}

TEST_F(ProgressFileTest, IsWrittenAsItsFormatSays) {
  const auto progress = Open();
  ASSERT_TRUE(progress->Add(kFile).ok());
  ASSERT_TRUE(progress->Add(kFile).ok());
  ASSERT_TRUE(progress->Add(kOther).ok());
  EXPECT_EQ(Text(), "sleeper check 1 00000000000000aa\n" + kFile.value() + "\n" + kOther.value() + "\n");
}

TEST_F(ProgressFileTest, DoesNotBelieveALineWithoutAnEnd) {
  Write("sleeper check 1 00000000000000aa\n" + kFile.value() + "\n" + kOther.value());
  const auto progress = Open();
  EXPECT_TRUE(progress->Contains(kFile));
  EXPECT_FALSE(progress->Contains(kOther));
  ASSERT_TRUE(progress->Add(model::FileId("ef/0000000000000003-ef00000000000000")).ok());
  EXPECT_TRUE(Open()->Contains(model::FileId("ef/0000000000000003-ef00000000000000")));
}

TEST_F(ProgressFileTest, RefusesAnotherTableAndOtherFiles) {
  ASSERT_TRUE(Open()->Add(kFile).ok());
  EXPECT_THAT(ProgressFile::Open(path_, model::TableId("00000000000000bb")).status(),
              Fails(ErrorKind::kInvalid, HasSubstr(path_)));
  Write("dear diary\n");
  EXPECT_THAT(ProgressFile::Open(path_, kTable).status(), Fails(ErrorKind::kInvalid, HasSubstr(path_)));
  EXPECT_EQ(Text(), "dear diary\n");
  EXPECT_THAT(ProgressFile::Open(folder_.path() + "/no/such", kTable).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("/no/such")));
}

TEST_F(ProgressFileTest, GoesWhenTheCheckIsComplete) {
  const auto progress = Open();
  ASSERT_TRUE(progress->Add(kFile).ok());
  ASSERT_TRUE(progress->Remove().ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ProgressFileTest, IsEmptiedIfItCannotBeDeleted) {
  const auto progress = Open();
  ASSERT_TRUE(progress->Add(kFile).ok());
  std::filesystem::rename(path_, folder_.path() + "/moved");
  std::filesystem::create_directories(path_ + "/in the way");
  ASSERT_TRUE(progress->Remove().ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() + "/moved"));
  EXPECT_TRUE(std::filesystem::exists(path_ + "/in the way"));
}

}  // namespace
}  // namespace sleeper::check
