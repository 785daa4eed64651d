#include "sleeper/base/byte_prefix.h"

#include <gtest/gtest.h>

namespace sleeper {
namespace {

TEST(BytePrefix, HasTheFirstBytesInFrontAndZerosBehindTheEnd) {
  EXPECT_EQ(BytePrefix("abcdefghi", 9), 0x6162636465666768U);
  EXPECT_EQ(BytePrefix("abcdefghi", 8), 0x6162636465666768U);
  EXPECT_EQ(BytePrefix("abcdefghi", 7), 0x6162636465666700U);
  EXPECT_EQ(BytePrefix("\xFFxxxxxxxx", 1), 0xFF00000000000000U);
  EXPECT_EQ(BytePrefix("abcdefghi", 0), 0U);
}

}  // namespace
}  // namespace sleeper
