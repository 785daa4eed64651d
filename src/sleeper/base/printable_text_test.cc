#include "sleeper/base/printable_text.h"

#include <gtest/gtest.h>

#include "sleeper/base/utf8.h"

namespace sleeper {
namespace {

using std::string_literals::operator""s;

TEST(PrintableText, KeepsWhatIsPrintable) {
  for (const char* text : {"", "a ~", "it's é and 😀", "a\\x1b", "\u00a0", "\ufeff", "ÿ"}) {
    EXPECT_EQ(PrintableText(text), text);
    EXPECT_TRUE(IsPrintableText(text)) << text;
  }
}

TEST(PrintableText, WritesControlCharactersOut) {
  EXPECT_EQ(PrintableText("a\nb\tc\r\0\x1b]0;x\x07"s), "a\\nb\\tc\\x0d\\x00\\x1b]0;x\\x07");
  EXPECT_EQ(PrintableText("\x7f"), "\\x7f");
  // CSI and OSC in one character: U+009B and U+009D.
  EXPECT_EQ(PrintableText("é\u009b31m\u009d0;x\u009c"), "é\\xc2\\x9b31m\\xc2\\x9d0;x\\xc2\\x9c");
  EXPECT_FALSE(IsPrintableText("\u009b"));
}

TEST(PrintableText, WritesBytesThatAreNoUtf8Out) {
  // Some terminals take a lone byte 9B for CSI.
  EXPECT_EQ(PrintableText("\x9b\xff\xe2\x82z"), "\\x9b\\xff\\xe2\\x82z");
  EXPECT_EQ(PrintableText("\xc2"), "\\xc2");
  EXPECT_FALSE(IsPrintableText("\xff"));
}

TEST(PrintableText, NoTextOfOneOrTwoBytesLeavesAControlCharacterAndDoingItTwiceChangesNothing) {
  for (int code = 0; code < 65'536; ++code) {
    const std::string text = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    const std::string printable = PrintableText(text);
    ASSERT_TRUE(IsUtf8(printable)) << code;
    ASSERT_EQ(PrintableText(printable), printable) << code;
    for (size_t i = 0; i < printable.size(); ++i) {
      const auto byte = static_cast<unsigned char>(printable[i]);
      ASSERT_FALSE(byte < 0x20 || byte == 0x7f) << code;
      ASSERT_FALSE(byte == 0xC2 && static_cast<unsigned char>(printable[i + 1]) < 0xA0) << code;
    }
  }
}

TEST(WithoutUser, BlanksWhatMayBeAUserAndAPassword) {
  EXPECT_EQ(WithoutUser("http://u:p@host/x"), "http://…@host/x");
  EXPECT_EQ(WithoutUser("s3://key@bucket"), "s3://…@bucket");
  EXPECT_EQ(WithoutUser("http://u:p@q/r@host"), "http://…@host");
  EXPECT_EQ(WithoutUser("u:p@host:80"), "…@host:80");
}

TEST(WithoutUser, KeepsOtherAddresses) {
  for (const char* url : {"", "s3://bucket/mail@example/x", "http://host:80/x", "/data/a", "file:///a@b"}) {
    EXPECT_EQ(WithoutUser(url), url);
  }
}

}  // namespace
}  // namespace sleeper
