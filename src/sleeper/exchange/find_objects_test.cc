#include "sleeper/exchange/find_objects.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/time.h"
#include "sleeper/exchange/expand_inputs.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

class FindObjectsTest : public testing::Test {
 protected:
  void Make(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      ASSERT_TRUE(store_.Put(store::ObjectPath(key), Buffer::CopyOf("x"), store::PutMode::kIfAbsent, {}).ok()) << key;
    }
  }

  Result<std::vector<std::string>> Find(const std::string& text, std::optional<InputFormat> format = std::nullopt) {
    return FindObjects(store_, text, format, {});
  }

  SystemClock clock_;
  /// Listings come in pages of two objects.
  store::MemoryStore store_{clock_, {.list_page_max = 2}};
};

TEST_F(FindObjectsTest, AKeyIsItsObjectWhateverItLooksLike) {
  Make({"in/a[1].csv", "in/a1.csv", "in/_x.txt"});
  EXPECT_THAT(ValueOf(Find("in/a[1].csv")), ElementsAre("in/a[1].csv"));
  EXPECT_THAT(ValueOf(Find("in/_x.txt")), ElementsAre("in/_x.txt"));
}

TEST_F(FindObjectsTest, APrefixStandsForTheInputsBelowItAtAnyDepthInOrder) {
  Make({"in/b.csv", "in/a/z.parquet", "in/a/y.ndjson.zst", "in/_SUCCESS", "in/.hidden.csv", "in/_temporary/x.csv",
        "in/a/.b/c.csv", "in/x.crc", "in/readme.txt", "in-between.csv", "other.csv"});
  for (const char* text : {"in", "in/"}) {
    EXPECT_THAT(ValueOf(Find(text)), ElementsAre("in/a/y.ndjson.zst", "in/a/z.parquet", "in/b.csv")) << text;
  }
  EXPECT_THAT(ValueOf(Find("in/a")), ElementsAre("in/a/y.ndjson.zst", "in/a/z.parquet"));
  EXPECT_THAT(ValueOf(Find("in/_temporary")), ElementsAre("in/_temporary/x.csv"));
  EXPECT_THAT(ValueOf(Find("in", InputFormat::kCsv)),
              ElementsAre("in/a/y.ndjson.zst", "in/a/z.parquet", "in/b.csv", "in/readme.txt"));
}

TEST_F(FindObjectsTest, NothingBehindTheBucketStandsForAllOfIt) {
  Make({"a.csv", "b/c.csv"});
  EXPECT_THAT(ValueOf(Find("")), ElementsAre("a.csv", "b/c.csv"));
}

TEST_F(FindObjectsTest, AGlobMatchesWithinOneFolder) {
  Make({"in/2001-a.csv", "in/2001-b.csv", "in/2002.csv", "in/.2001.csv", "in/_2001.csv", "in/2001/deep.csv",
        "in/2001-x.txt", "in2/2001.csv"});
  EXPECT_THAT(ValueOf(Find("in/2001-*.csv")), ElementsAre("in/2001-a.csv", "in/2001-b.csv"));
  EXPECT_THAT(ValueOf(Find("in/200[2-9].csv")), ElementsAre("in/2002.csv"));
  EXPECT_THAT(ValueOf(Find("in/200?.*")), ElementsAre("in/2002.csv"));
  EXPECT_THAT(ValueOf(Find("in*/*.csv")), ElementsAre("in/2001-a.csv", "in/2001-b.csv", "in/2002.csv", "in2/2001.csv"));
}

TEST_F(FindObjectsTest, AGlobThatMatchesAFolderStandsForWhatIsBelow) {
  Make({"in/day=1/a.parquet", "in/day=1/x/b.parquet", "in/day=1/_c.parquet", "in/day=2/d.parquet", "in/e.parquet"});
  EXPECT_THAT(ValueOf(Find("in/day=*")),
              ElementsAre("in/day=1/a.parquet", "in/day=1/x/b.parquet", "in/day=2/d.parquet"));
  EXPECT_THAT(ValueOf(Find("in/*/")),
              ElementsAre("in/day=1/a.parquet", "in/day=1/x/b.parquet", "in/day=2/d.parquet", "in/e.parquet"));
}

TEST_F(FindObjectsTest, NothingFoundSaysWhatCounts) {
  Make({"in/readme.txt"});
  EXPECT_THAT(Find("in").status(), Fails(ErrorKind::kNotFound, HasSubstr("no input below it")));
  EXPECT_THAT(Find("in/*.csv").status(), Fails(ErrorKind::kNotFound, HasSubstr("no input matches")));
  EXPECT_THAT(HintOf(Find("nothing.csv").status()), HasSubstr("--input-format"));
}

TEST(ExpandUrls, StandForTheObjectsThatAreFoundAndNameTheirFormats) {
  const UrlFinder find = [](const std::string& url) -> Result<std::vector<std::string>> {
    if (url == "s3://b/none") return Error(ErrorKind::kNotFound, "no such object");
    return std::vector<std::string>{url + "/1.csv", url + "/2.parquet"};
  };
  EXPECT_THAT(ValueOf(ExpandInputs({"s3://b/in"}, std::nullopt, find)),
              ElementsAre(InputPath{InputPlace::kUrl, "s3://b/in/1.csv", InputFormat::kCsv, ','},
                          InputPath{InputPlace::kUrl, "s3://b/in/2.parquet", InputFormat::kParquet, ','}));
  EXPECT_THAT(ExpandInputs({"s3://b/none"}, std::nullopt, find).status(),
              Fails(ErrorKind::kNotFound, "s3://b/none: no such object"));
  EXPECT_THAT(ExpandInputs({"s3://b/in", "s3://b/in"}, std::nullopt, find).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("named twice: s3://b/in/1.csv")));
}

}  // namespace
}  // namespace sleeper::exchange
