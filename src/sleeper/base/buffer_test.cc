#include "sleeper/base/buffer.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

TEST(Buffer, HoldsTheBytesOfAString) {
  std::string bytes("a\0b", 3);
  Buffer buffer = Buffer::FromString(bytes);
  EXPECT_EQ(buffer.view(), bytes);
  EXPECT_EQ(buffer.size(), 3);
  EXPECT_EQ(buffer.span()[2], 'b');
  EXPECT_FALSE(buffer.empty());
}

TEST(Buffer, ShortStringsStayValidWhenTheBufferIsCopiedAndMoved) {
  Buffer first = Buffer::FromString("ab");
  Buffer copy = first;
  Buffer moved = std::move(first);
  EXPECT_EQ(copy.view(), "ab");
  EXPECT_EQ(copy.data(), moved.data());
}

TEST(Buffer, AnEmptyBufferIsEmpty) {
  EXPECT_TRUE(Buffer().empty());
  EXPECT_EQ(Buffer().view(), "");
  EXPECT_EQ(Buffer(), Buffer::FromString(""));
  EXPECT_TRUE(Buffer().Slice({0, 0}).empty());
}

TEST(Buffer, WrapsMemoryWithoutCopyingAndKeepsItsOwner) {
  auto owner = std::make_shared<const std::string>("some bytes");
  const auto* data = reinterpret_cast<const uint8_t*>(owner->data());
  std::weak_ptr<const std::string> alive = owner;
  Buffer slice;
  {
    Buffer buffer = Buffer::Wrap(owner, data, 10);
    EXPECT_EQ(buffer.data(), data);
    slice = buffer.Slice({5, 5});
  }
  owner.reset();
  EXPECT_FALSE(alive.expired());
  EXPECT_EQ(slice.view(), "bytes");
  slice = Buffer();
  EXPECT_TRUE(alive.expired());
}

TEST(Buffer, CopiesBytesThatDoNotLast) {
  std::string bytes = "before";
  Buffer buffer = Buffer::CopyOf(bytes);
  bytes = "after!";
  EXPECT_EQ(buffer.view(), "before");
}

TEST(Buffer, SlicesAnyRangeInside) {
  Buffer buffer = Buffer::FromString("0123456789");
  EXPECT_EQ(buffer.Slice({0, 10}).view(), "0123456789");
  EXPECT_EQ(buffer.Slice({3, 4}).view(), "3456");
  EXPECT_EQ(buffer.Slice({3, 4}).Slice({1, 2}).view(), "45");
  EXPECT_EQ(buffer.Slice({10, 0}).view(), "");
}

TEST(Buffer, EqualityIsThatOfTheBytes) {
  EXPECT_EQ(Buffer::FromString("xabx").Slice({1, 2}), Buffer::FromString("ab"));
  EXPECT_FALSE(Buffer::FromString("ab") == Buffer::FromString("abc"));
}

TEST(BufferDeathTest, ASliceMustLieInside) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Buffer buffer = Buffer::FromString("0123456789");
  EXPECT_DEATH(buffer.Slice({8, 3}), "a slice reaches past its buffer: 8 \\+ 3 of 10");
  EXPECT_DEATH(buffer.Slice({-1, 3}), "a slice reaches past");
  EXPECT_DEATH(buffer.Slice({INT64_MAX, INT64_MAX}), "a slice reaches past");
}

TEST(ByteRange, EndsBehindItsLastByte) {
  ByteRange range{10, 5};
  EXPECT_EQ(range.end(), 15);
  EXPECT_EQ(range, (ByteRange{10, 5}));
}

}  // namespace
}  // namespace sleeper
