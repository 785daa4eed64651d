#include "sleeper/engine/location.h"

#include <gtest/gtest.h>

namespace sleeper::engine {
namespace {

TEST(Location, IsAFolder) {
  const auto location = Location::Parse("data/my instance");
  ASSERT_TRUE(location.ok());
  EXPECT_EQ(location->kind, Location::Kind::kFolder);
  EXPECT_EQ(location->folder, "data/my instance");
  EXPECT_EQ(location->ToString(), "data/my instance");
}

TEST(Location, IsAFileUrl) {
  const auto location = Location::Parse("file:///data/instance");
  ASSERT_TRUE(location.ok());
  EXPECT_EQ(location->folder, "/data/instance");
}

TEST(Location, IsAFolderWhateverFollowsItsFirstSlash) {
  for (const char* folder : {"/data/of://b", "data/of://b", "//b://c"}) {
    ASSERT_TRUE(Location::Parse(folder).ok()) << folder;
    EXPECT_EQ(Location::Parse(folder)->folder, folder);
  }
  const Location location = *Location::Parse("file:////b://c");
  EXPECT_EQ(location.folder, "//b://c");
  EXPECT_EQ(*Location::Parse(location.ToString()), location);
}

TEST(Location, IsABucketOrAPrefixInOne) {
  const auto bucket = Location::Parse("s3://bucket");
  ASSERT_TRUE(bucket.ok());
  EXPECT_EQ(bucket->bucket, "bucket");
  EXPECT_EQ(bucket->prefix, "");
  const auto prefix = Location::Parse("s3://bucket/a/b/");
  ASSERT_TRUE(prefix.ok());
  EXPECT_EQ(prefix->prefix, "a/b");
  EXPECT_EQ(prefix->ToString(), "s3://bucket/a/b");
}

TEST(Location, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "file://relative", "s3://", "s3:///prefix", "gs://bucket", "http://host/x"}) {
    const auto location = Location::Parse(text);
    ASSERT_FALSE(location.ok()) << text;
    EXPECT_EQ(KindOf(location.status()), ErrorKind::kInvalid) << text;
    EXPECT_NE(HintOf(location.status()), "") << text;
  }
}

TEST(Location, IsRefusedWithoutTheUserAndThePasswordInIt) {
  for (const char* text : {"http://us3r:s3cr3t@host/x", "gs://s3cr3t@bucket", "http://us3r:s3@cr3t/s3cr3t@host",
                           "file://us3r:s3cr3t@host/x", "s3:///us3r:s3cr3t@bucket"}) {
    const auto location = Location::Parse(text);
    ASSERT_FALSE(location.ok()) << text;
    EXPECT_EQ(location.status().message().find("cr3t"), std::string::npos) << location.status().message();
    EXPECT_EQ(location.status().message().find("us3r"), std::string::npos) << location.status().message();
  }
}

}  // namespace
}  // namespace sleeper::engine
