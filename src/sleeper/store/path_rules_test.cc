#include "sleeper/store/path_rules.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace sleeper::store {
namespace {

bool IsPath(const std::string& text) { return CheckObjectPath(ObjectPath(text)).ok(); }
bool IsPrefix(const std::string& text) { return CheckListPrefix(ObjectPath(text)).ok(); }

TEST(PathRulesTest, AcceptsTheNamesThatObjectsHave) {
  EXPECT_TRUE(IsPath("sleeper.json"));
  EXPECT_TRUE(IsPath("tables/1f2e/log/ffffffffffffffff"));
  EXPECT_TRUE(IsPath("a b/50%/+x/it's/.hidden/..."));
  EXPECT_TRUE(IsPath("größe/日本/\xF0\x9F\x98\x80"));
  EXPECT_TRUE(IsPath(std::string(1024, 'x')));
}

TEST(PathRulesTest, RefusesEmptyPartsAndEndsThatAreSlashes) {
  for (const char* path : {"", "/", "/a", "a/", "a//b"}) EXPECT_FALSE(IsPath(path)) << path;
}

TEST(PathRulesTest, RefusesPartsThatFileSystemsGiveAMeaning) {
  for (const char* path : {".", "..", "a/./b", "a/..", "../a"}) EXPECT_FALSE(IsPath(path)) << path;
}

TEST(PathRulesTest, RefusesControlCharacters) {
  EXPECT_FALSE(IsPath("a\nb"));
  EXPECT_FALSE(IsPath(std::string("a\0b", 3)));
  EXPECT_FALSE(IsPath("a\x7f"));
  EXPECT_FALSE(IsPath("a\xC2\x85"));
}

TEST(PathRulesTest, RefusesWhatIsNotUtf8) {
  EXPECT_FALSE(IsPath("a\xff"));
  EXPECT_FALSE(IsPath("a\x80"));
  EXPECT_FALSE(IsPath("a\xC3")) << "a character that was cut off";
  EXPECT_FALSE(IsPath("a\xC0\xAF")) << "too long a form of '/'";
  EXPECT_FALSE(IsPath("a\xE0\x80\xAF")) << "too long a form of '/'";
  EXPECT_FALSE(IsPath("a\xED\xA0\x80")) << "a surrogate";
  EXPECT_FALSE(IsPath("a\xF4\x90\x80\x80")) << "beyond U+10FFFF";
}

TEST(PathRulesTest, RefusesMoreThan1024Bytes) {
  EXPECT_FALSE(IsPath(std::string(1025, 'x')));
  EXPECT_FALSE(IsPrefix(std::string(1025, 'x')));
}

TEST(PathRulesTest, SaysWhatIsWrong) {
  const Status status = CheckObjectPath(ObjectPath("a//b"));
  EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid));
  EXPECT_NE(status.message().find("empty part: 'a//b'"), std::string::npos) << status.message();
}

TEST(PathRulesTest, APrefixMayBeEmptyAndEndAnywhere) {
  for (const char* prefix : {"", "a", "a/", "a/b", "a/.", "a/..", "gr\xC3", "\xF0\x9F\x98"})
    EXPECT_TRUE(IsPrefix(prefix)) << prefix;
}

TEST(PathRulesTest, APrefixThatNoPathStartsWithIsRefused) {
  for (const char* prefix : {"/", "/a", "a//", "a/../", "./", "a\n", "\xff"}) EXPECT_FALSE(IsPrefix(prefix)) << prefix;
}

TEST(PathRulesTest, AListingAsksForAtLeastOneObject) {
  EXPECT_TRUE(CheckListArguments(ObjectPath("a/"), ObjectPath("a/b"), 1).ok());
  EXPECT_TRUE(IsKind(CheckListArguments(ObjectPath(""), ObjectPath(""), 0), ErrorKind::kInvalid));
}

TEST(PathRulesTest, ByFoldersASlashComesBeforeEveryOtherCharacter) {
  const std::vector<std::string_view> by_folder = {"B", "a/1", "a/2", "a-1", "a.1", "a0", "b"};
  for (size_t i = 0; i < by_folder.size(); ++i) {
    for (size_t j = 0; j < by_folder.size(); ++j)
      EXPECT_EQ(ComesFirstByFolder(by_folder[i], by_folder[j]), i < j) << by_folder[i] << ", " << by_folder[j];
  }
}

TEST(PathRulesTest, ARangeLiesInsideItsObject) {
  const ObjectPath path("a");
  EXPECT_TRUE(CheckRange(path, {0, 10}, 10).ok());
  EXPECT_TRUE(CheckRange(path, {10, 0}, 10).ok());
  EXPECT_TRUE(IsKind(CheckRange(path, {0, 11}, 10), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(CheckRange(path, {11, 0}, 10), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(CheckRange(path, {-1, 1}, 10), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(CheckRange(path, {5, -1}, 10), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(CheckRange(path, {INT64_MAX, INT64_MAX}, 10), ErrorKind::kInvalid));
}

}  // namespace
}  // namespace sleeper::store
