#include "sleeper/store/file_system_kind.h"

#include <gtest/gtest.h>

namespace sleeper::store {
namespace {

TEST(FileSystemKindTest, DisksOfThisMachineAreLocal) {
  for (const uint64_t magic : {0xEF53, 0x58465342, 0x01021994}) EXPECT_TRUE(FileSystemKindOf(magic).is_local) << magic;
  EXPECT_TRUE(FileSystemKindOf(0x9123683E).is_local);
}

TEST(FileSystemKindTest, NetworkFileSystemsAreNotAndHaveNames) {
  EXPECT_FALSE(FileSystemKindOf(0x6969).is_local);
  EXPECT_EQ(FileSystemKindOf(0x6969).name, "NFS");
  EXPECT_FALSE(FileSystemKindOf(0xFE534D42).is_local);
  EXPECT_FALSE(FileSystemKindOf(0x65735546).is_local);
}

TEST(FileSystemKindTest, WhatIsUnknownIsNotTrusted) {
  EXPECT_FALSE(FileSystemKindOf(0x1234).is_local);
  EXPECT_EQ(FileSystemKindOf(0x1234).name, "unknown (0x1234)");
}

}  // namespace
}  // namespace sleeper::store
