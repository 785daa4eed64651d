#include "sleeper/net/aws_signature.h"

#include <gmock/gmock.h>

namespace sleeper::net {
namespace {

using testing::EndsWith;

std::string AuthorizationOf(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers) {
    if (header.name == "Authorization") return header.value;
  }
  return "";
}

/// The examples in the documentation of S3, "Signature Calculations for the Authorization Header".
class S3ExamplesTest : public testing::Test {
 protected:
  std::string Sign(HttpRequest request) {
    const AwsCredentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                     .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
    SignAwsRequest(credentials, {.region = "us-east-1"}, ParseWallTime("2013-05-24T00:00:00Z").ValueOrDie(), request);
    return AuthorizationOf(request);
  }

  const Origin origin_ = {"https", "examplebucket.s3.amazonaws.com", 0};
};

TEST_F(S3ExamplesTest, GetsARangeOfAnObject) {
  EXPECT_EQ(Sign({.origin = origin_, .path = "/test.txt", .headers = {{"Range", "bytes=0-9"}}}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3ExamplesTest, PutsAnObjectWhoseNameHasASpecialCharacter) {
  EXPECT_THAT(
      Sign({.method = "PUT",
            .origin = origin_,
            .path = "/test$file.text",
            .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
            .body = {Buffer::CopyOf("Welcome to "), Buffer::CopyOf("Amazon S3.")}}),
      EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST_F(S3ExamplesTest, GetsASubresourceWithoutAValue) {
  EXPECT_THAT(Sign({.origin = origin_, .query = {{"lifecycle", ""}}}),
              EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST_F(S3ExamplesTest, ListsObjectsWhateverTheOrderOfTheQuery) {
  for (const std::vector<QueryParameter>& query :
       {std::vector<QueryParameter>{{"max-keys", "2"}, {"prefix", "J"}}, {{"prefix", "J"}, {"max-keys", "2"}}}) {
    EXPECT_THAT(Sign({.origin = origin_, .query = query}),
                EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
  }
}

/// The published test suite of Signature Version 4: without the header that S3 adds.
class SignatureSuiteTest : public testing::Test {
 protected:
  std::string Sign(HttpRequest request) {
    request.origin = {"https", "example.amazonaws.com", 0};
    const AwsCredentials credentials{.access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
    SignAwsRequest(credentials, {.region = "us-east-1", .service = "service"},
                   ParseWallTime("2015-08-30T12:36:00Z").ValueOrDie(), request, PayloadHash::kNoHeader);
    const std::string authorization = AuthorizationOf(request);
    return authorization.substr(authorization.rfind('=') + 1);
  }
};

TEST_F(SignatureSuiteTest, GetVanilla) {
  EXPECT_EQ(Sign({}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_F(SignatureSuiteTest, PostVanilla) {
  EXPECT_EQ(Sign({.method = "POST"}), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST_F(SignatureSuiteTest, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(Sign({.query = {{"Param2", "value2"}, {"Param1", "value1"}}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_F(SignatureSuiteTest, GetVanillaEmptyQueryKey) {
  EXPECT_EQ(Sign({.query = {{"Param1", "value1"}}}),
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
}

TEST_F(SignatureSuiteTest, GetVanillaQueryUnreserved) {
  const std::string unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  EXPECT_EQ(Sign({.query = {{unreserved, unreserved}}}),
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197");
}

TEST_F(SignatureSuiteTest, GetUnreserved) {
  EXPECT_EQ(Sign({.path = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}),
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
}

TEST_F(SignatureSuiteTest, GetUtf8) {
  EXPECT_EQ(Sign({.path = "/\xE1\x88\xB4"}), "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

// The expected values of the next two were computed with botocore 1.43.

TEST(AwsSignatureTest, ASessionTokenAndUnusualCharactersOfAPathAreSigned) {
  HttpRequest request{.method = "PUT",
                      .origin = {"https", "s3.eu-central-1.amazonaws.com", 0},
                      .path = "/bucket/größe/日本/a b+c%/'()*!~x",
                      .headers = {{"If-None-Match", "*"}},
                      .body = {Buffer::CopyOf("hello")}};
  const AwsCredentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                   .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                                   .session_token = Secret("session/token==")};
  SignAwsRequest(credentials, {.region = "eu-central-1"}, ParseWallTime("2013-05-24T00:00:00Z").ValueOrDie(), request);
  EXPECT_THAT(AuthorizationOf(request),
              EndsWith("SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
                       "Signature=001e2973cdc8d75afeafc5c0fcf5cfe8a2c5a157d54eff4ed23690afd49e37c5"));
}

TEST_F(S3ExamplesTest, SignsThePortAndUnusualCharactersOfAQuery) {
  EXPECT_THAT(Sign({.origin = {"http", "127.0.0.1", 9000},
                    .path = "/bucket",
                    .query = {{"list-type", "2"},
                              {"prefix", "a b/é"},
                              {"start-after", "a+=&"},
                              {"max-keys", "1000"},
                              {"uploads", ""}}}),
              EndsWith("Signature=13ac5b44434d8fa9bbdc1c73b68531bd956151f12b23c3e70f3cf11398acdbf7"));
}

TEST(AwsSignatureTest, BlanksAroundAndInsideAHeaderDoNotMatter) {
  const HttpRequest request{.origin = {"https", "h", 0}, .headers = {{"My-Header", "  a \t b  "}, {"my-header", "c"}}};
  EXPECT_EQ(CanonicalAwsRequest(request, "hash"), "GET\n/\n\nhost:h\nmy-header:a b,c\n\nhost;my-header\nhash");
}

TEST(AwsSignatureTest, ASecretIsNotPrinted) {
  std::ostringstream out;
  out << Secret("hush") << Secret();
  EXPECT_EQ(out.str(), "(secret)(none)");
}

}  // namespace
}  // namespace sleeper::net
