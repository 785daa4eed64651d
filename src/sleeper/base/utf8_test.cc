#include "sleeper/base/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

using std::string_literals::operator""s;

TEST(Utf8, AcceptsTheFirstAndTheLastCharacterOfEachSize) {
  for (const std::string& text : {""s, "\0"s, "\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xEF\xBF\xBF"s,
                                  "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s,
                                  "plain letters, longer than a word"s, "1234567\xF0\x9F\x98\x80 8"s}) {
    EXPECT_TRUE(IsUtf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, RefusesBrokenCharacters) {
  for (const std::string& text :
       {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC2"s, "\xC2\x41"s, "\xE0\x9F\xBF"s, "\xE0\xA0"s, "\xED\xA0\x80"s,
        "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s, "\xF0\x90\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFE"s,
        "\xFF"s, "12345678\xFF"s, "12345678901234\xC3"s}) {
    EXPECT_FALSE(IsUtf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, FindsTheByteThatIsNotAsciiWhereverItStands) {
  for (size_t size = 0; size < 200; ++size) {
    std::string text(size, '\x7F');
    EXPECT_TRUE(IsAscii(text)) << size;
    for (size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(IsAscii(text)) << at << " of " << size;
      text[at] = '\0';
      EXPECT_TRUE(IsAscii(text)) << at << " of " << size;
    }
  }
}

}  // namespace
}  // namespace sleeper
