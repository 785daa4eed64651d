#include "sleeper/state/byte_codec.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace sleeper::state {
namespace {

template <typename Write>
std::string Written(const Write& write) {
  ByteWriter out;
  write(out);
  return std::move(out).Take();
}

TEST(ByteCodec, ReadsWhatItWrites) {
  const std::string bytes = Written([](ByteWriter& out) {
    out.U8(7);
    out.U32(0x01020304);
    out.U64(std::numeric_limits<uint64_t>::max());
    for (uint64_t value : {0ULL, 127ULL, 128ULL, 300ULL, ~0ULL}) out.Varint(value);
    for (int64_t value : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) out.SignedVarint(value);
    out.Bytes("text");
  });
  ByteReader in(bytes);
  EXPECT_EQ(in.U8(), 7);
  EXPECT_EQ(in.U32(), 0x01020304U);
  EXPECT_EQ(in.U64(), std::numeric_limits<uint64_t>::max());
  for (uint64_t value : {0ULL, 127ULL, 128ULL, 300ULL, ~0ULL}) EXPECT_EQ(in.Varint(), value);
  for (int64_t value : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(in.SignedVarint(), value);
  }
  EXPECT_EQ(in.Bytes(), "text");
  EXPECT_TRUE(in.Finish().ok());
}

TEST(ByteCodec, WritesVarintsLeastBitsFirst) {
  EXPECT_EQ(Written([](ByteWriter& out) { out.Varint(300); }), "\xac\x02");
  EXPECT_EQ(Written([](ByteWriter& out) { out.U32(0x01020304); }), "\x04\x03\x02\x01");
}

TEST(ByteCodec, AFailureSticks) {
  ByteReader in("\x01");
  in.U32();
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.U8(), 0) << "even though a byte was there";
  EXPECT_TRUE(IsKind(in.Finish(), ErrorKind::kCorrupt));
}

TEST(ByteCodec, RefusesNumbersThatAreNotInTheirShortestForm) {
  ByteReader in(std::string_view("\x80\x00", 2));
  in.Varint();
  EXPECT_TRUE(in.failed());
  ByteReader large("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  large.Varint();
  EXPECT_TRUE(large.failed());
}

TEST(ByteCodec, RefusesListsThatTheBytesCannotHold) {
  ByteReader in("\x05\x01\x02\x03\x04");
  EXPECT_EQ(in.Count(), 0U);
  EXPECT_TRUE(in.failed());
}

TEST(ByteCodec, RefusesBytesThatAreLeftOver) {
  ByteReader in("ab");
  in.U8();
  EXPECT_TRUE(IsKind(in.Finish(), ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace sleeper::state
