#include "sleeper/store/file_names.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/store/path_rules.h"

namespace sleeper::store {
namespace {

TEST(FileNamesTest, MostPartsAreTheirOwnNames) {
  for (const char* part : {"sleeper.json", "0000-ffff.parquet", "a b", "it's+1=(2)", "größe"})
    EXPECT_EQ(FileNameOf(part), part);
}

TEST(FileNamesTest, WhatSomeFileSystemsRefuseIsEscaped) {
  EXPECT_EQ(FileNameOf("50%"), "50%25");
  EXPECT_EQ(FileNameOf("a\\b:c*d?e\"f<g>h|"), "a%5Cb%3Ac%2Ad%3Fe%22f%3Cg%3Eh%7C");
  EXPECT_EQ(FileNameOf(".hidden"), "%2Ehidden");
  EXPECT_EQ(FileNameOf("..."), "%2E.%2E");
  EXPECT_EQ(FileNameOf("end."), "end%2E");
  EXPECT_EQ(FileNameOf("end "), "end%20");
}

TEST(FileNamesTest, NamesThatWereNotMadeSoAreForeign) {
  for (const char* name : {".hidden", "50%", "%4", "%41", "%2f", "%2F", "a%zz", "end.", "q?", "a\nb", "\xff"}) {
    EXPECT_EQ(PartOf(name), std::nullopt) << name;
  }
}

TEST(FileNamesTest, EveryPartComesBackFromItsName) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(seed);
  SeededRandom random(seed);
  constexpr std::string_view kAlphabet = "ab.% \\:*?\"<>|2EF~";
  for (int i = 0; i < 2000; ++i) {
    std::string part;
    for (uint64_t left = 1 + random.Below(6); left > 0; --left) part += kAlphabet[random.Below(kAlphabet.size())];
    if (part == "." || part == "..") continue;
    EXPECT_EQ(PartOf(FileNameOf(part)), part);
  }
}

TEST(FileNamesTest, APlaceIsFoldersAndAName) {
  const FilePlace place = PlaceOf(ObjectPath("tables/.x/50%")).ValueOrDie();
  EXPECT_THAT(place.folders, testing::ElementsAre("tables", "%2Ex"));
  EXPECT_EQ(place.name, "50%25");
}

}  // namespace
}  // namespace sleeper::store
