#include "sleeper/store/s3_answer.h"

#include <gtest/gtest.h>

#include "sleeper/net/digest.h"
#include "sleeper/store/s3_bucket.h"
#include "sleeper/store/s3_xml.h"

namespace sleeper::store {
namespace {

ErrorKind KindOfAnswer(bool is_read, int status, const std::string& code = "") {
  return KindOf(S3Failure("GetObject s3://b/k", is_read, status, {code, "why"}));
}

TEST(S3AnswerTest, EveryAnswerHasOneKind) {
  struct Case {
    int status;
    std::string code;
    ErrorKind of_read;
    ErrorKind of_write;
  };
  using enum ErrorKind;
  for (const Case& one : std::vector<Case>{{400, "InvalidArgument", kInvalid, kInvalid},
                                           {400, "ExpiredToken", kDenied, kDenied},
                                           {400, "RequestTimeout", kUnavailable, kUnavailable},
                                           {400, "AuthorizationHeaderMalformed", kInvalid, kInvalid},
                                           {401, "", kDenied, kDenied},
                                           {403, "AccessDenied", kDenied, kDenied},
                                           {403, "RequestTimeTooSkewed", kDenied, kDenied},
                                           {403, "", kDenied, kDenied},
                                           {404, "NoSuchKey", kNotFound, kNotFound},
                                           {404, "NoSuchUpload", kConflict, kConflict},
                                           {409, "ConditionalRequestConflict", kUnavailable, kUnavailable},
                                           {409, "", kConflict, kConflict},
                                           {412, "PreconditionFailed", kConflict, kConflict},
                                           {429, "", kThrottled, kThrottled},
                                           {500, "InternalError", kUnavailable, kOutcomeUnknown},
                                           {502, "", kUnavailable, kOutcomeUnknown},
                                           {503, "SlowDown", kThrottled, kThrottled},
                                           {503, "", kThrottled, kOutcomeUnknown},
                                           {504, "", kUnavailable, kOutcomeUnknown},
                                           {507, "", kExhausted, kExhausted}}) {
    EXPECT_EQ(KindOfAnswer(true, one.status, one.code), one.of_read) << one.status << " " << one.code;
    EXPECT_EQ(KindOfAnswer(false, one.status, one.code), one.of_write) << one.status << " " << one.code;
  }
}

TEST(S3AnswerTest, AnErrorIsReadFromTheBody) {
  const S3Complaint complaint =
      ParseS3Complaint("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>a &amp; b</Message></Error>");
  EXPECT_EQ(complaint.code, "SlowDown");
  EXPECT_EQ(complaint.message, "a & b");
  for (const char* body : {"", "<Err", "<html/>", "text"}) EXPECT_EQ(ParseS3Complaint(body).code, "") << body;
}

TEST(S3AnswerTest, ARedirectNamesTheRegionToSet) {
  const net::HttpResponse response{301, {{"x-amz-bucket-region", "eu-west-1"}}, Buffer()};
  const Status failure = S3Failure({"HeadObject s3://b/k", "HEAD", "us-east-1"}, response);
  EXPECT_TRUE(IsKind(failure, ErrorKind::kInvalid));
  EXPECT_EQ(HintOf(failure), "set AWS_REGION to eu-west-1");
}

TEST(S3XmlTest, AListingIsRead) {
  const S3Listing listing =
      ParseS3Listing(
          "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>"
          "<NextContinuationToken>1ueGcx/+=</NextContinuationToken>"
          "<Contents><Key>a&lt;&amp;b</Key><LastModified>2009-10-12T17:50:30.123456789Z</LastModified>"
          "<ETag>&quot;e&quot;</ETag><Size>434234</Size></Contents></ListBucketResult>")
          .ValueOrDie();
  EXPECT_TRUE(listing.more);
  EXPECT_EQ(listing.next_token, "1ueGcx/+=");
  ASSERT_EQ(listing.entries.size(), 1U);
  EXPECT_EQ(listing.entries[0].key, "a<&b");
  EXPECT_EQ(listing.entries[0].etag, "e");
  EXPECT_EQ(listing.entries[0].size, 434234);
  EXPECT_EQ(FormatWallTime(listing.entries[0].last_modified), "2009-10-12T17:50:30.000000Z");
}

TEST(S3XmlTest, AListingThatIsCutOffOrOddIsRefused) {
  for (const char* xml : {"", "<ListBucketResult>", "<ListBucketResult><Contents/></ListBucketResult>", "<html/>",
                          "<ListBucketResult><Contents><Key>k</Key><ETag>e</ETag><Size>-1</Size></Contents>"
                          "</ListBucketResult>"}) {
    EXPECT_TRUE(IsKind(ParseS3Listing(xml).status(), ErrorKind::kUnavailable)) << xml;
  }
}

TEST(S3XmlTest, ACompletionMayBeAnErrorInDisguise) {
  EXPECT_EQ(ParseS3Completion("<CompleteMultipartUploadResult/>")->code, "");
  EXPECT_EQ(ParseS3Completion("<Error><Code>InternalError</Code></Error>")->code, "InternalError");
  EXPECT_FALSE(ParseS3Completion("").ok());
}

TEST(S3XmlTest, KeysAreEscaped) {
  const std::vector<std::string> keys = {"a<&>b", "é"};
  EXPECT_NE(S3DeletionXml(keys).find("<Object><Key>a&lt;&amp;&gt;b</Key></Object><Object><Key>é</Key></Object>"),
            std::string::npos);
}

TEST(S3XmlTest, ABodyIsProvenByItsMd5OrWhereThereIsNoneByItsSha256) {
  const std::vector<net::HttpHeader> by_md5 = S3BodyProof("abc", net::Md5("abc").value());
  EXPECT_EQ(by_md5, (std::vector<net::HttpHeader>{{"Content-MD5", "kAFQmDzST7DWlj99KOF/cg=="}}));
  const std::vector<net::HttpHeader> by_sha256 = S3BodyProof("abc", std::nullopt);
  EXPECT_EQ(by_sha256,
            (std::vector<net::HttpHeader>{{"x-amz-sdk-checksum-algorithm", "SHA256"},
                                          {"x-amz-checksum-sha256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}}));
}

TEST(S3BucketTest, ABucketIsAddressedByHostAtAwsAndByPathElsewhere) {
  const S3Bucket aws = FindS3Bucket({.name = "my-bucket", .region = "eu-west-1"}).ValueOrDie();
  EXPECT_EQ(aws.RequestOrigin().ToString() + aws.RequestPath("a/b"),
            "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b");
  EXPECT_EQ(aws.RequestPath(""), "/");
  const S3Bucket other = FindS3Bucket({.name = "my-bucket", .endpoint = "http://127.0.0.1:9000"}).ValueOrDie();
  EXPECT_EQ(other.RequestOrigin().ToString() + other.RequestPath("a/b"), "http://127.0.0.1:9000/my-bucket/a/b");
  EXPECT_EQ(other.RequestPath(""), "/my-bucket");
  EXPECT_EQ(FindS3Bucket({.name = "with.dots"})->addressing, S3Addressing::kPath);
  EXPECT_EQ(FindS3Bucket({.name = "abc", .endpoint = "http://h", .addressing = "virtual"})->RequestOrigin().host,
            "abc.h");
}

TEST(S3AnswerTest, WhatTheServerSaysStaysOnOneLineAndDoesNotSpeakToTheTerminal) {
  const Status failure = S3Failure("GetObject s3://b/k", true, 400, {"No\x7f", "a\nb\x1b[2J\u009b2J"});
  EXPECT_EQ(failure.message(), "GetObject s3://b/k: the store answered 400 No\\x7f: a\\nb\\x1b[2J\\xc2\\x9b2J");
}

TEST(S3BucketTest, KeysBeforeTheNameOfABucketAreNotQuoted) {
  for (const char* name : {"KEY:SECRET@bucket", "KEY:SECRET", "SECRET@bucket"}) {
    const Status refused = FindS3Bucket({.name = name}).status();
    EXPECT_TRUE(IsKind(refused, ErrorKind::kInvalid)) << name;
    EXPECT_EQ((refused.message() + HintOf(refused)).find("SECRET"), std::string::npos) << refused.ToString();
  }
}

TEST(S3BucketTest, WhatCannotBeReachedIsInvalid) {
  for (const S3BucketSettings& settings :
       {S3BucketSettings{.name = "A_b"}, S3BucketSettings{.name = "ab"}, S3BucketSettings{.name = "a/b"},
        S3BucketSettings{.name = "abc", .region = "evil.com/"}, S3BucketSettings{.name = "abc", .endpoint = "h"},
        S3BucketSettings{.name = "abc", .endpoint = "http://h/path"},
        S3BucketSettings{.name = "abc", .addressing = "other"}}) {
    EXPECT_TRUE(IsKind(FindS3Bucket(settings).status(), ErrorKind::kInvalid)) << settings.name;
  }
}

}  // namespace
}  // namespace sleeper::store
