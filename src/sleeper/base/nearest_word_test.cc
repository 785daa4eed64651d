#include "sleeper/base/nearest_word.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

TEST(NearestWord, IsAFewLettersAway) {
  const std::vector<std::string_view> words = {"--limit", "--select", "--output"};
  EXPECT_EQ(NearestWord("--limt", words, 2), "--limit");
  EXPECT_EQ(NearestWord("--selcet", words, 2), "--select");
  EXPECT_EQ(NearestWord("--verbose", words, 2), "");
  EXPECT_EQ(NearestWord("", words, 2), "");
}

TEST(NearestWord, MayDifferAtBothEnds) {
  const std::vector<std::string_view> words = {"abcdefgx"};
  EXPECT_EQ(NearestWord("xbcdefgh", words, 2), "abcdefgx");
  EXPECT_EQ(NearestWord("xbcdefgh", words, 1), "");
  EXPECT_EQ(NearestWord("bcdefgxx", words, 2), "abcdefgx");
  EXPECT_EQ(NearestWord("bcdefgxx", words, 1), "");
}

TEST(NearestWord, IsTheFirstOfThoseThatAreEquallyNear) {
  const std::vector<std::string_view> words = {"cut", "cat", "cot"};
  EXPECT_EQ(NearestWord("cxt", words, 1), "cut");
  EXPECT_EQ(NearestWord("cot", words, 0), "cot");
}

TEST(NearestWord, DoesNotCompareWhatNobodyTypes) {
  const std::string name(1'000'000, 'x');
  const std::string one_more = name + "x";
  const std::vector<std::string_view> words = {one_more};
  EXPECT_EQ(NearestWord(name, words, 8), "");
}

}  // namespace
}  // namespace sleeper
