#include "sleeper/base/base64.h"

#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper {
namespace {

TEST(Base64, EncodesTheVectorsOfTheStandard) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("foob"), "Zm9vYg==");
  EXPECT_EQ(EncodeBase64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(EncodeBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(EncodeBase64("\xFB\xEF\xFF"), "++//");
}

TEST(Base64, DecodesWhatItEncodes) {
  const uint64_t seed = 20'010'131;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 500; ++i) {
    std::string bytes;
    for (uint64_t size = random.Below(40); bytes.size() < size;) bytes += static_cast<char>(random.Next());
    Result<std::string> decoded = DecodeBase64(EncodeBase64(bytes));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, bytes);
  }
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "=g==", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm-v", "Zh==", "Zm9=", "Z=8="}) {
    Result<std::string> decoded = DecodeBase64(text);
    EXPECT_FALSE(decoded.ok()) << text;
    EXPECT_TRUE(decoded.ok() || IsKind(decoded.status(), ErrorKind::kInvalid)) << text;
  }
}

}  // namespace
}  // namespace sleeper
