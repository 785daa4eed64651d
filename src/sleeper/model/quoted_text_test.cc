#include "sleeper/model/quoted_text.h"

#include <string>

#include <gtest/gtest.h>

#include "sleeper/base/utf8.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;

TEST(Quoted, KeepsPrintableText) {
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("it's é and 😀"), "'it's é and 😀'");
}

TEST(Quoted, StaysOnOneLineAndValidUtf8) {
  EXPECT_EQ(Quoted("a\nb\0\x7F"s), "'a\\nb\\x00\\x7f'");
  EXPECT_EQ(Quoted("\xFF\xC3"), "'\\xff\\xc3'");
  EXPECT_EQ(Quoted("\xE2\x82"), "'\\xe2\\x82'");
}

TEST(Quoted, DoesNotSpeakToTheTerminal) {
  EXPECT_EQ(Quoted("\x1b[2J\u009b2J\u009d"), "'\\x1b[2J\\xc2\\x9b2J\\xc2\\x9d'");
}

TEST(Quoted, CutsLongTextBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "é";
  const std::string quoted = Quoted(text);
  EXPECT_LT(quoted.size(), 100U);
  EXPECT_TRUE(IsUtf8(quoted)) << quoted;
  EXPECT_TRUE(quoted.ends_with("é…'")) << quoted;
}

TEST(HexDigits, AreLowerCasePairs) { EXPECT_EQ(HexDigits("\x00\x1F\xAB"s), "001fab"); }

}  // namespace
}  // namespace sleeper::model
