#include "sleeper/exchange/output_sink.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/time.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::HasSubstr;

class OutputSinkTest : public testing::Test {
 protected:
  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  int FilesInFolder() const {
    const std::filesystem::directory_iterator files(folder_.path());
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.Inside("out.csv");
};

TEST_F(OutputSinkTest, AFileAppearsWholeWhenItIsFinished) {
  auto sink = ValueOf(OpenFileSink(path_));
  EXPECT_FALSE(sink->is_stream());
  ASSERT_TRUE(sink->Append("abc", {}).ok());
  ASSERT_TRUE(sink->Append(std::string(3 << 20, 'x'), {}).ok());
  ASSERT_TRUE(sink->Append("def", {}).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(sink->Finish({}).ok());
  sink = nullptr;
  EXPECT_EQ(Content(path_), "abc" + std::string(3 << 20, 'x') + "def");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(OutputSinkTest, AFileThatIsDroppedLeavesTheOldOneAndNothingElse) {
  std::ofstream(path_) << "old";
  {
    const auto sink = ValueOf(OpenFileSink(path_));
    ASSERT_TRUE(sink->Append(std::string(3 << 20, 'x'), {}).ok());
    EXPECT_EQ(FilesInFolder(), 2);
  }
  EXPECT_EQ(FilesInFolder(), 1);
  EXPECT_EQ(Content(path_), "old");
}

TEST_F(OutputSinkTest, AnOldFileIsReplacedAlsoBehindALink) {
  std::ofstream(path_) << "old";
  const std::string link = folder_.Inside("link");
  std::filesystem::create_symlink(path_, link);
  const auto sink = ValueOf(OpenFileSink(link));
  ASSERT_TRUE(sink->Append("new", {}).ok());
  ASSERT_TRUE(sink->Finish({}).ok());
  EXPECT_EQ(Content(path_), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(OutputSinkTest, TwoSinksOfOneFileDoNotMixTheirBytes) {
  const auto first = ValueOf(OpenFileSink(path_));
  const auto second = ValueOf(OpenFileSink(path_));
  ASSERT_TRUE(first->Append("first", {}).ok());
  ASSERT_TRUE(second->Append("second", {}).ok());
  ASSERT_TRUE(first->Finish({}).ok());
  ASSERT_TRUE(second->Finish({}).ok());
  EXPECT_EQ(Content(path_), "second");
}

TEST_F(OutputSinkTest, ADeviceIsWrittenToAsItIs) {
  const auto sink = ValueOf(OpenFileSink("/dev/null"));
  EXPECT_TRUE(sink->is_stream());
  ASSERT_TRUE(sink->Append("abc", {}).ok());
  ASSERT_TRUE(sink->Finish({}).ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(OutputSinkTest, AFullDiskIsExhaustion) {
  const auto sink = ValueOf(OpenFileSink("/dev/full"));
  ASSERT_TRUE(sink->Append("abc", {}).ok());
  EXPECT_THAT(sink->Finish({}), Fails(ErrorKind::kExhausted, HasSubstr("/dev/full")));
}

TEST_F(OutputSinkTest, PathsThatCannotBeWrittenAreRefused) {
  EXPECT_THAT(OpenFileSink(folder_.path()).status(), Fails(ErrorKind::kInvalid, HasSubstr(folder_.path())));
  EXPECT_THAT(OpenFileSink(folder_.Inside("no/out.csv")).status(),
              Fails(ErrorKind::kNotFound, HasSubstr("no/out.csv")));
}

TEST_F(OutputSinkTest, AReaderOfAPipeThatGoesAwayCancelsTheOutput) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto sink = MakeDescriptorSink(ends[1], "standard output");
  EXPECT_TRUE(sink->is_stream());
  ::close(ends[0]);
  ASSERT_TRUE(sink->Append("abc", {}).ok());
  EXPECT_THAT(sink->Finish({}), Fails(ErrorKind::kCancelled, "whoever read standard output has gone away"));
  ::close(ends[1]);
}

TEST_F(OutputSinkTest, AnObjectAppearsWhenItIsFinished) {
  const SystemClock clock;
  store::MemoryStore store(clock);
  const store::ObjectPath object("out/a.csv");
  const auto sink = ValueOf(OpenObjectSink(store, object, "s3://bucket/out/a.csv", {}));
  ASSERT_TRUE(sink->Append("abc", {}).ok());
  EXPECT_TRUE(IsKind(store.Head(object, {}).status(), ErrorKind::kNotFound));
  ASSERT_TRUE(sink->Finish({}).ok());
  EXPECT_EQ(ValueOf(store.Get(object, {})).bytes.view(), "abc");
}

}  // namespace
}  // namespace sleeper::exchange
