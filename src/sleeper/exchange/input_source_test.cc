#include "sleeper/exchange/input_source.h"

#include <fstream>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sleeper/base/time.h"
#include "sleeper/exchange/peeked_source.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::HasSubstr;

std::string ReadAll(InputSource& source, int64_t step) {
  std::string all;
  for (;;) {
    const Buffer bytes = ValueOf(source.Read(step, {}));
    if (bytes.empty()) return all;
    all += bytes.view();
  }
}

class InputSourceTest : public testing::Test {
 protected:
  std::string FileWith(const std::string& text) {
    const std::string path = folder_.Inside("file");
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  store::TemporaryFolder folder_;
  SystemClock clock_;
  store::MemoryStore store_{clock_};
};

TEST_F(InputSourceTest, FilesObjectsAndBuffersAreReadInOrderAndAnywhere) {
  const store::ObjectPath path("a/b");
  ASSERT_TRUE(store_.Put(path, Buffer::CopyOf("0123456789"), store::PutMode::kIfAbsent, {}).ok());
  std::vector<std::unique_ptr<InputSource>> sources;
  sources.push_back(ValueOf(OpenFileSource(FileWith("0123456789"))));
  sources.push_back(ValueOf(OpenObjectSource(store_, path, "s3://bucket/a/b", {})));
  sources.push_back(MakeBufferSource(Buffer::CopyOf("0123456789"), "buffer"));
  sources.push_back(ValueOf(PeekedSource::Open(MakeBufferSource(Buffer::CopyOf("0123456789"), "buffer"), 5, {})));
  for (const auto& source : sources) {
    EXPECT_EQ(source->size(), 10);
    EXPECT_EQ(ValueOf(source->ReadAt({7, 3}, {})).view(), "789");
    EXPECT_EQ(ValueOf(source->Read(4, {})).view(), "0123");
    EXPECT_EQ(ValueOf(source->ReadAt({0, 2}, {})).view(), "01");
    EXPECT_EQ(ReadAll(*source, 3), "456789");
    EXPECT_TRUE(ValueOf(source->Read(4, {})).empty());
  }
  EXPECT_EQ(sources[1]->name(), "s3://bucket/a/b");
}

TEST_F(InputSourceTest, APipeIsReadFromStartToEndAndHasNoSize) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "abc", 3), 3);
  ::close(ends[1]);
  const auto source = MakeDescriptorSource(ends[0], "standard input");
  EXPECT_EQ(source->size(), std::nullopt);
  EXPECT_EQ(ReadAll(*source, 100), "abc");
  ::close(ends[0]);
}

TEST_F(InputSourceTest, WorkThatWasCancelledIsNotWaitedFor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto source = MakeDescriptorSource(ends[0], "standard input");
  Cancellation cancellation;
  cancellation.Cancel();
  EXPECT_THAT(source->Read(100, {.cancellation = &cancellation}).status(),
              Fails(ErrorKind::kCancelled, "standard input: reading was stopped"));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(InputSourceTest, WhatIsNotThereOrNoFileIsRefusedWithItsName) {
  EXPECT_THAT(OpenFileSource(folder_.Inside("no")).status(), Fails(ErrorKind::kNotFound, HasSubstr("/no")));
  EXPECT_THAT(OpenFileSource(folder_.path()).status(), Fails(ErrorKind::kInvalid, HasSubstr(folder_.path())));
  EXPECT_THAT(OpenObjectSource(store_, store::ObjectPath("no"), "s3://bucket/no", {}).status(),
              Fails(ErrorKind::kNotFound, HasSubstr("s3://bucket/no")));
}

TEST_F(InputSourceTest, AFileThatShrinksWhileItIsReadIsNoCorruptionOfOurs) {
  const std::string path = FileWith("0123456789");
  const auto source = ValueOf(OpenFileSource(path));
  ASSERT_EQ(::truncate(path.c_str(), 5), 0);
  EXPECT_THAT(source->ReadAt({0, 10}, {}).status(), Fails(ErrorKind::kInvalid, HasSubstr("became shorter")));
}

}  // namespace
}  // namespace sleeper::exchange
