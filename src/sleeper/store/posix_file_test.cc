#include "sleeper/store/posix_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::store {
namespace {

TEST(PosixFileTest, AFullDiskIsExhaustedAndSaysWhatToDo) {
  const Status status = SystemError(ENOSPC, "write", "a/b");
  EXPECT_TRUE(IsKind(status, ErrorKind::kExhausted));
  EXPECT_NE(status.message().find("cannot write 'a/b': No space left on device"), std::string::npos)
      << status.message();
  EXPECT_FALSE(HintOf(status).empty());
}

TEST(PosixFileTest, SystemErrorsHaveTheKindThatTheCallerReactsTo) {
  EXPECT_EQ(KindOfSystemError(ENOENT), ErrorKind::kNotFound);
  EXPECT_EQ(KindOfSystemError(EACCES), ErrorKind::kDenied);
  EXPECT_EQ(KindOfSystemError(EROFS), ErrorKind::kDenied);
  EXPECT_EQ(KindOfSystemError(EDQUOT), ErrorKind::kExhausted);
  EXPECT_EQ(KindOfSystemError(EMFILE), ErrorKind::kExhausted);
  EXPECT_EQ(KindOfSystemError(EIO), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOfSystemError(EXDEV), ErrorKind::kInvalid);
  EXPECT_EQ(KindOfSystemError(EBADF), ErrorKind::kInternal);
}

TEST(PosixFileTest, WritingToAFullDeviceIsExhausted) {
  const FileDescriptor full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY);
  if (!full.is_open()) GTEST_SKIP() << "there is no /dev/full";
  const std::vector<uint8_t> bytes(10);
  EXPECT_TRUE(IsKind(WriteFully(full.number(), bytes, "full"), ErrorKind::kExhausted));
}

TEST(PosixFileTest, AFileThatEndsTooEarlyIsCorrupt) {
  const TemporaryFolder folder;
  const FileDescriptor file = OpenAt(AT_FDCWD, folder.Inside("f"), O_RDWR | O_CREAT, 0600);
  const std::vector<uint8_t> bytes(10, 'x');
  ASSERT_TRUE(WriteFully(file.number(), bytes, "f").ok());
  EXPECT_EQ(ReadFully(file.number(), {2, 8}, "f")->view(), "xxxxxxxx");
  EXPECT_TRUE(IsKind(ReadFully(file.number(), {2, 9}, "f").status(), ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace sleeper::store
