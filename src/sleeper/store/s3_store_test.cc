#include "sleeper/store/s3_store.h"

#include <atomic>

#include <gmock/gmock.h>

#include "sleeper/base/event.h"
#include "sleeper/store/testing/s3_fixture.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const std::vector<net::HttpHeader> kObjectHeaders = {
    {"etag", "\"e\""}, {"last-modified", "Fri, 24 May 2013 00:00:00 GMT"}, {"content-length", "5"}};
const ObjectPath kPath("a/b");

class S3StoreTest : public S3Fixture {
 protected:
  Status Get() { return store().Get(kPath, call_).status(); }
  Status Head() { return store().Head(kPath, call_).status(); }
  Status GetRange(ByteRange range) { return store().GetRange(kPath, range, call_).status(); }
  Result<PutOutcome> Put(PutMode mode = PutMode::kIfAbsent) {
    return store().Put(kPath, Buffer::CopyOf("hello"), mode, call_);
  }
  Status Delete(const std::vector<ObjectPath>& paths) { return store().Delete(paths, call_); }
};

// --- What is asked ---------------------------------------------------------------------------------------------------

TEST_F(S3StoreTest, EveryRequestIsSigned) {
  http_.Answer(200, "hello", kObjectHeaders);
  ASSERT_TRUE(Get().ok());
  const net::HttpRequest request = http_.requests().at(0);
  EXPECT_THAT(Header(request, "Authorization").value_or(""), StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
  EXPECT_TRUE(Header(request, "x-amz-date").has_value());
  EXPECT_TRUE(Header(request, "x-amz-content-sha256").has_value());
  EXPECT_EQ(Header(request, "x-amz-security-token"), std::string(kFixtureToken));
  EXPECT_EQ(request.origin.ToString(), "http://s3.test");
}

TEST_F(S3StoreTest, AReadAsksForTheKeyBelowThePrefix) {
  http_.Answer(200, "hello", kObjectHeaders);
  const Object object = store().Get(kPath, call_).ValueOrDie();
  EXPECT_THAT(Lines(), ElementsAre("GET /bucket/top/a/b"));
  EXPECT_EQ(object.bytes.view(), "hello");
  EXPECT_EQ(object.info.etag, "e");
  EXPECT_EQ(object.info.size, 5);
  EXPECT_EQ(FormatWallTime(object.info.last_modified), "2013-05-24T00:00:00.000000Z");
}

TEST_F(S3StoreTest, ARangeIsAskedForByItsFirstAndLastByte) {
  http_.Answer(206, "3456", {{"content-range", "bytes 3-6/10"}});
  EXPECT_EQ(store().GetRange(kPath, {3, 4}, call_)->view(), "3456");
  EXPECT_EQ(Header(http_.requests().at(0), "Range"), "bytes=3-6");
}

TEST_F(S3StoreTest, ACreateHasACondition) {
  http_.Answer(200, "", {{"etag", "\"e\""}});
  http_.Answer(200, "", {{"etag", "\"e\""}});
  EXPECT_EQ(Put(PutMode::kIfAbsent), PutOutcome::kCreated);
  EXPECT_EQ(Put(PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_THAT(Lines(), ElementsAre("PUT /bucket/top/a/b", "PUT /bucket/top/a/b"));
  EXPECT_EQ(Header(http_.requests().at(0), "If-None-Match"), "*");
  EXPECT_EQ(Header(http_.requests().at(1), "If-None-Match"), std::nullopt);
  EXPECT_EQ(Body(http_.requests().at(0)), "hello");
}

TEST_F(S3StoreTest, AHeadReadsTheSizeFromTheHeaders) {
  http_.Answer(200, "", kObjectHeaders);
  EXPECT_EQ(store().Head(kPath, call_)->size, 5);
  EXPECT_THAT(Lines(), ElementsAre("HEAD /bucket/top/a/b"));
}

TEST_F(S3StoreTest, ABucketByHostHasNoBucketInThePath) {
  options_.bucket =
      FindS3Bucket({.name = "bucket", .endpoint = "http://s3.test", .addressing = "virtual"}).ValueOrDie();
  http_.Answer(200, "", kObjectHeaders);
  ASSERT_TRUE(store().Head(kPath, call_).ok());
  EXPECT_THAT(Lines(), ElementsAre("HEAD /top/a/b"));
  EXPECT_EQ(http_.requests().at(0).origin.host, "bucket.s3.test");
}

// --- Listings --------------------------------------------------------------------------------------------------------

std::string ListingXml(const std::vector<std::string>& keys, bool more = false, const std::string& token = "") {
  std::string xml = std::string("<ListBucketResult><IsTruncated>") + (more ? "true" : "false") + "</IsTruncated>";
  if (!token.empty()) xml += "<NextContinuationToken>" + token + "</NextContinuationToken>";
  for (const std::string& key : keys) {
    xml += "<Contents><Key>" + key +
           "</Key><LastModified>2013-05-24T00:00:00.000Z</LastModified><ETag>\"e\"</ETag><Size>1</Size></Contents>";
  }
  return xml + "</ListBucketResult>";
}

std::vector<std::string> PathsOf(const ListPage& page) {
  std::vector<std::string> paths;
  for (const ObjectInfo& object : page.objects) paths.push_back(object.path.value());
  return paths;
}

TEST_F(S3StoreTest, AListingBeginsAfterAKeyAndEndsWithThePrefix) {
  http_.Answer(200, ListingXml({"top/log/2", "top/log/3"}, /*more=*/true));
  const ListPage page = store().List(ObjectPath("log/"), ObjectPath("log/1"), 2, call_).ValueOrDie();
  EXPECT_THAT(Lines(), ElementsAre("GET /bucket?list-type=2&max-keys=2&prefix=top%2Flog%2F&start-after=top%2Flog%2F1"));
  EXPECT_THAT(PathsOf(page), ElementsAre("log/2", "log/3"));
  EXPECT_TRUE(page.more);
}

TEST_F(S3StoreTest, KeysThatNoPathCanHaveArePassedOverPageByPage) {
  http_.Answer(200, ListingXml({"top/", "top//x"}, /*more=*/true));
  http_.Answer(200, ListingXml({"top/a", "top/b/"}));
  const ListPage page = store().List(ObjectPath(""), ObjectPath(""), 2, call_).ValueOrDie();
  EXPECT_THAT(PathsOf(page), ElementsAre("a"));
  EXPECT_FALSE(page.more);
  EXPECT_THAT(Lines(), ElementsAre("GET /bucket?list-type=2&max-keys=2&prefix=top%2F",
                                   "GET /bucket?list-type=2&max-keys=2&prefix=top%2F&start-after=top%2F%2Fx"));
}

TEST_F(S3StoreTest, APageWithoutKeysIsNotTheEndOfAListingThatGoesOn) {
  http_.Answer(200, ListingXml({}, /*more=*/true, "one+1"));
  http_.Answer(200, ListingXml({}, /*more=*/true, "two"));
  http_.Answer(200, ListingXml({"top/b"}, /*more=*/true, "three"));
  const ListPage page = store().List(ObjectPath(""), ObjectPath("a"), 2, call_).ValueOrDie();
  EXPECT_THAT(PathsOf(page), ElementsAre("b"));
  EXPECT_TRUE(page.more);
  const std::string first = "GET /bucket?list-type=2&max-keys=2&prefix=top%2F&start-after=top%2Fa";
  EXPECT_THAT(Lines(), ElementsAre(first, first + "&continuation-token=one%2B1", first + "&continuation-token=two"));

  http_.Answer(200, ListingXml({}, /*more=*/true, "one"));
  http_.Answer(200, ListingXml({}));
  const ListPage last = store().List(ObjectPath(""), ObjectPath("b"), 2, call_).ValueOrDie();
  EXPECT_THAT(PathsOf(last), IsEmpty());
  EXPECT_FALSE(last.more);
}

TEST_F(S3StoreTest, AListingThatGoesOnButNotAnywhereIsAnError) {
  http_.Answer(200, ListingXml({}, /*more=*/true));
  const Status nowhere = store().List(ObjectPath(""), ObjectPath(""), 2, call_).status();
  EXPECT_TRUE(IsKind(nowhere, ErrorKind::kUnavailable)) << nowhere.ToString();
  EXPECT_THAT(nowhere.message(), HasSubstr("does not tell where to go on"));

  for (int i = 0; i < 2; ++i) http_.Answer(200, ListingXml({}, /*more=*/true, "the same"));
  EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath(""), 2, call_).status(), ErrorKind::kUnavailable));
}

TEST_F(S3StoreTest, PagesWithoutKeysHaveABound) {
  for (int i = 0; i < 1500; ++i) http_.Answer(200, ListingXml({}, /*more=*/true, std::to_string(i)));
  const Status failure = store().List(ObjectPath(""), ObjectPath(""), 2, call_).status();
  EXPECT_TRUE(IsKind(failure, ErrorKind::kUnavailable)) << failure.ToString();
  EXPECT_THAT(failure.message(), HasSubstr("1000 pages in a row"));
  EXPECT_EQ(http_.requests().size(), 1000U);
}

TEST_F(S3StoreTest, AListingOutOfOrderOrFromElsewhereIsRefused) {
  for (const std::vector<std::string>& keys :
       {std::vector<std::string>{"top/b", "top/a"}, {"top/a", "top/a"}, {"elsewhere/a"}}) {
    http_.Answer(200, ListingXml(keys));
    EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath(""), 10, call_).status(), ErrorKind::kInternal));
  }
  http_.Answer(200, ListingXml({"top/a"}));
  EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath("a"), 10, call_).status(), ErrorKind::kInternal))
      << "start-after was ignored";
}

TEST_F(S3StoreTest, AListingMayGoByFoldersInsteadOfKeys) {
  http_.Answer(200, ListingXml({"top/a/1", "top/a-1", "top/a0"}));
  const ListPage page = store().List(ObjectPath(""), ObjectPath(""), 10, call_).ValueOrDie();
  EXPECT_THAT(PathsOf(page), ElementsAre("a/1", "a-1", "a0"));
}

TEST_F(S3StoreTest, AListingThatIsCutOffCanBeAskedForAgain) {
  const std::string whole = ListingXml({"top/a"});
  http_.Answer(200, whole.substr(0, whole.size() / 2));
  EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath(""), 10, call_).status(), ErrorKind::kUnavailable));
}

// --- What the answers mean -------------------------------------------------------------------------------------------

TEST_F(S3StoreTest, EveryAnswerToAReadHasItsKind) {
  using enum ErrorKind;
  const std::vector<std::tuple<int, std::string, ErrorKind>> cases = {{400, "InvalidArgument", kInvalid},
                                                                      {400, "ExpiredToken", kDenied},
                                                                      {403, "AccessDenied", kDenied},
                                                                      {403, "RequestTimeTooSkewed", kDenied},
                                                                      {404, "NoSuchKey", kNotFound},
                                                                      {404, "NoSuchBucket", kNotFound},
                                                                      {409, "OperationAborted", kUnavailable},
                                                                      {412, "PreconditionFailed", kConflict},
                                                                      {429, "", kThrottled},
                                                                      {500, "InternalError", kUnavailable},
                                                                      {503, "SlowDown", kThrottled},
                                                                      {503, "", kThrottled},
                                                                      {507, "", kExhausted}};
  for (const auto& [status, code, kind] : cases) {
    http_.Answer(status, code.empty() ? "" : S3ErrorXml(code));
    const Status failure = Get();
    EXPECT_TRUE(IsKind(failure, kind)) << status << " " << code << " " << failure.ToString();
    EXPECT_THAT(failure.message(), StartsWith("GetObject s3://bucket/top/a/b: the store answered"));
  }
}

TEST_F(S3StoreTest, EveryAnswerToACreateTellsWhetherItMayBeRepeated) {
  using enum ErrorKind;
  const std::vector<std::tuple<int, std::string, ErrorKind>> cases = {{400, "RequestTimeout", kUnavailable},
                                                                      {403, "AccessDenied", kDenied},
                                                                      {404, "NoSuchBucket", kNotFound},
                                                                      {409, "ConditionalRequestConflict", kUnavailable},
                                                                      {409, "", kConflict},
                                                                      {429, "", kThrottled},
                                                                      {500, "InternalError", kOutcomeUnknown},
                                                                      {502, "", kOutcomeUnknown},
                                                                      {503, "SlowDown", kThrottled},
                                                                      {503, "", kOutcomeUnknown},
                                                                      {504, "", kOutcomeUnknown}};
  for (const auto& [status, code, kind] : cases) {
    http_.Answer(status, code.empty() ? "" : S3ErrorXml(code));
    const Status failure = Put().status();
    EXPECT_TRUE(IsKind(failure, kind)) << status << " " << code << " " << failure.ToString();
  }
  EXPECT_THAT(http_.requests(), SizeIs(cases.size())) << "the adapter repeats nothing";
}

TEST_F(S3StoreTest, ACreateOfWhatIsThereAnswersThatItExists) {
  http_.Answer(412, S3ErrorXml("PreconditionFailed"));
  EXPECT_EQ(Put(PutMode::kIfAbsent), PutOutcome::kExists);
  http_.Answer(412, S3ErrorXml("PreconditionFailed"));
  EXPECT_TRUE(IsKind(Put(PutMode::kReplace).status(), ErrorKind::kConflict)) << "nothing was asked of it";
}

TEST_F(S3StoreTest, AFailureOfTheConnectionKeepsItsKindAndNamesTheRequest) {
  for (const ErrorKind kind : {ErrorKind::kUnavailable, ErrorKind::kOutcomeUnknown, ErrorKind::kCancelled}) {
    http_.Fail(Error(kind, "PUT to http://s3.test: reset"));
    const Status failure = Put().status();
    EXPECT_TRUE(IsKind(failure, kind));
    EXPECT_THAT(failure.message(), StartsWith("PutObject s3://bucket/top/a/b: PUT to http://s3.test"));
  }
  http_.Fail(WithHint(Error(ErrorKind::kDenied, "the server's certificate is not trusted"), "AWS_CA_BUNDLE"));
  EXPECT_EQ(HintOf(Get()), "AWS_CA_BUNDLE") << "a hint of the connection is kept";
}

TEST_F(S3StoreTest, WhatAPersonCanMendHasAHint) {
  const std::vector<std::tuple<int, std::string, std::string>> cases = {
      {403, "RequestTimeTooSkewed", "clock of this machine"},
      {400, "ExpiredToken", "get new ones"},
      {403, "AccessDenied", "permission"},
      {403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"},
      {403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"},
      {400, "InvalidToken", "AWS_SESSION_TOKEN"},
      {404, "NoSuchBucket", "create the bucket"},
      {400, "AuthorizationHeaderMalformed", "AWS_REGION"},
      {403, "", "are the credentials right"}};
  for (const auto& [status, code, hint] : cases) {
    http_.Answer(status, code.empty() ? "" : S3ErrorXml(code));
    EXPECT_THAT(HintOf(Get()), HasSubstr(hint)) << code;
  }
}

TEST_F(S3StoreTest, ARefusedHeadSaysWhatItMayMeanAsItsAnswerHasNoBody) {
  http_.Answer(400);
  http_.Answer(400, "", {{"x-amz-bucket-region", "us-east-1"}});
  for (int i = 0; i < 2; ++i) {
    const Status failure = Head();
    EXPECT_TRUE(IsKind(failure, ErrorKind::kDenied)) << failure.ToString();
    EXPECT_THAT(HintOf(failure), HasSubstr("expired"));
    EXPECT_THAT(HintOf(failure), HasSubstr("AWS_REGION"));
  }
  http_.Answer(400, "", {{"x-amz-bucket-region", "eu-west-1"}});
  const Status elsewhere = Head();
  EXPECT_TRUE(IsKind(elsewhere, ErrorKind::kInvalid)) << "as a GET whose body says so";
  EXPECT_EQ(HintOf(elsewhere), "set AWS_REGION to eu-west-1");
}

TEST_F(S3StoreTest, ARegionThatIsSetAlreadyIsNoHint) {
  http_.Answer(400, S3ErrorXml("ExpiredToken"), {{"x-amz-bucket-region", "us-east-1"}});
  EXPECT_THAT(HintOf(Get()), HasSubstr("get new ones"));
}

TEST_F(S3StoreTest, ARedirectIsNotFollowedButSaysWhatToSet) {
  http_.Answer(307, S3ErrorXml("TemporaryRedirect"), {{"x-amz-bucket-region", "eu-west-1"}});
  const Status with_region = Get();
  EXPECT_TRUE(IsKind(with_region, ErrorKind::kInvalid)) << "asked again it is the same: " << with_region.ToString();
  EXPECT_EQ(HintOf(with_region), "set AWS_REGION to eu-west-1");

  const std::vector<net::HttpHeader> location = {{"location", "https://bucket.s3-eu-west-1.amazonaws.com/top/a/b?x=y"}};
  http_.Answer(307, S3ErrorXml("TemporaryRedirect"), location);
  http_.Answer(307, "", location);
  for (const Status& of_new_bucket : {Get(), Head()}) {
    EXPECT_TRUE(IsKind(of_new_bucket, ErrorKind::kInvalid)) << of_new_bucket.ToString();
    EXPECT_THAT(of_new_bucket.message(), EndsWith("sends to https://bucket.s3-eu-west-1.amazonaws.com"));
    EXPECT_THAT(HintOf(of_new_bucket), HasSubstr("new bucket"));
    EXPECT_THAT(HintOf(of_new_bucket), HasSubstr("AWS_REGION"));
  }

  http_.Answer(302, "", {{"location", "https://portal.example/login"}});
  const Status of_portal = Put().status();
  EXPECT_TRUE(IsKind(of_portal, ErrorKind::kInvalid)) << of_portal.ToString();
  EXPECT_THAT(of_portal.message(), EndsWith("sends to https://portal.example"));
  EXPECT_THAT(HintOf(of_portal), HasSubstr("AWS_ENDPOINT_URL"));
  EXPECT_THAT(http_.requests(), SizeIs(4));
}

/// Hands out key1, and after each refusal of those of last time the next ones, up to key3.
class RotatingCredentials final : public net::CredentialsSource {
 public:
  Result<net::AwsCredentials> Get(const CallContext& /*call*/) override {
    return net::AwsCredentials{.access_key_id = Id(), .secret_access_key = net::Secret("secret"), .expires = {}};
  }

  void Refused(std::string_view access_key_id) override {
    if (access_key_id == Id() && number_ < 3) ++number_;
  }

 private:
  std::string Id() const { return "key" + std::to_string(number_); }

  int number_ = 1;
};

TEST_F(S3StoreTest, WhatWasRefusedForItsTokenIsAskedOnceMoreWithNewCredentials) {
  credentials_ = std::make_unique<RotatingCredentials>();
  http_.Answer(400, S3ErrorXml("ExpiredToken"));
  http_.Answer(200, "", {{"etag", "\"e\""}});
  EXPECT_EQ(Put(), PutOutcome::kCreated);
  http_.Answer(400);
  http_.Answer(200, "", kObjectHeaders);
  EXPECT_TRUE(Head().ok());
  const std::vector<net::HttpRequest> requests = http_.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(Body(requests[0]), "hello");
  EXPECT_EQ(Body(requests[1]), "hello");
  const std::vector<std::string> ids = {"key1", "key2", "key2", "key3"};
  for (size_t i = 0; i < ids.size(); ++i)
    EXPECT_THAT(Header(requests[i], "Authorization").value_or(""), HasSubstr("Credential=" + ids[i] + "/"));

  http_.Answer(400, S3ErrorXml("InvalidToken"));
  EXPECT_TRUE(IsKind(Get(), ErrorKind::kDenied)) << "there are no newer ones";
  EXPECT_EQ(http_.requests().size(), 5U);
}

TEST_F(S3StoreTest, NewCredentialsThatAreRefusedAsWellAreTheEndOfIt) {
  credentials_ = std::make_unique<RotatingCredentials>();
  for (int i = 0; i < 3; ++i) http_.Answer(400, S3ErrorXml("ExpiredToken"));
  EXPECT_TRUE(IsKind(Put().status(), ErrorKind::kDenied));
  EXPECT_EQ(http_.requests().size(), 2U);
}

TEST_F(S3StoreTest, AMissingPermissionIsNoReasonForNewCredentials) {
  credentials_ = std::make_unique<RotatingCredentials>();
  http_.Answer(403, S3ErrorXml("AccessDenied"));
  EXPECT_TRUE(IsKind(Put().status(), ErrorKind::kDenied));
  EXPECT_EQ(http_.requests().size(), 1U);
}

TEST_F(S3StoreTest, NoErrorHoldsASecret) {
  const std::string echo = "<Error><Code>InvalidToken</Code><Message>bad</Message><Token-0>" +
                           std::string(kFixtureToken) + "</Token-0></Error>";
  http_.Answer(400, echo);
  http_.Answer(403, S3ErrorXml("SignatureDoesNotMatch"));
  http_.Answer(500, "");
  http_.Answer(200, "no headers");
  http_.Fail(Error(ErrorKind::kUnavailable, "refused"));
  for (int i = 0; i < 5; ++i) {
    const Status failure = Get();
    ASSERT_FALSE(failure.ok());
    const std::string text = failure.ToString() + HintOf(failure);
    EXPECT_THAT(text, Not(HasSubstr("hush")));
    EXPECT_THAT(text, Not(HasSubstr("AWS4-HMAC")));
  }
}

TEST_F(S3StoreTest, ARangeThatIsNotAnsweredExactlyIsAnError) {
  http_.Answer(206, "345", {{"content-range", "bytes 3-6/10"}});
  EXPECT_TRUE(IsKind(GetRange({3, 4}), ErrorKind::kUnavailable)) << "the body was cut off";
  http_.Answer(206, "89", {{"content-range", "bytes 8-9/10"}});
  EXPECT_TRUE(IsKind(GetRange({8, 4}), ErrorKind::kInvalid)) << "the range reaches past the end";
  http_.Answer(416, S3ErrorXml("InvalidRange"));
  EXPECT_TRUE(IsKind(GetRange({10, 1}), ErrorKind::kInvalid));
  http_.Answer(200, "0123456789");
  EXPECT_TRUE(IsKind(GetRange({3, 4}), ErrorKind::kInternal)) << "the header Range was ignored";
}

TEST_F(S3StoreTest, AnAnswerWithoutEtagOrTimeIsNotTakenForAnObject) {
  http_.Answer(200, "hello", {{"etag", "\"e\""}});
  EXPECT_TRUE(IsKind(Get(), ErrorKind::kUnavailable));
  http_.Answer(200, "hello", {{"last-modified", "Fri, 24 May 2013 00:00:00 GMT"}});
  EXPECT_TRUE(IsKind(Get(), ErrorKind::kUnavailable));
}

TEST_F(S3StoreTest, AnAnswerWithoutEtagToAPutDoesNotTellThatTheObjectIsThere) {
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    http_.Answer(200, "<html>Welcome</html>");
    const Status failure = Put(mode).status();
    EXPECT_TRUE(IsKind(failure, ErrorKind::kOutcomeUnknown)) << failure.ToString();
    EXPECT_THAT(failure.message(), StartsWith("PutObject s3://bucket/top/a/b: "));
    EXPECT_THAT(HintOf(failure), HasSubstr("does the endpoint speak S3?"));
  }
}

// --- Deletion --------------------------------------------------------------------------------------------------------

TEST_F(S3StoreTest, OneObjectIsDeletedByItsKeyAndMayBeMissing) {
  http_.Answer(204);
  http_.Answer(404, S3ErrorXml("NoSuchKey"));
  http_.Answer(404, S3ErrorXml("NoSuchBucket"));
  EXPECT_TRUE(Delete({kPath}).ok());
  EXPECT_TRUE(Delete({kPath}).ok());
  EXPECT_TRUE(IsKind(Delete({kPath}), ErrorKind::kNotFound));
  EXPECT_THAT(Lines().front(), "DELETE /bucket/top/a/b");
}

TEST_F(S3StoreTest, ManyObjectsAreDeletedAThousandAtATime) {
  std::vector<ObjectPath> paths;
  for (int i = 0; i < 2500; ++i) paths.emplace_back(std::to_string(10'000 + i));
  for (int i = 0; i < 3; ++i) http_.Answer(200, "<DeleteResult/>");
  ASSERT_TRUE(Delete(paths).ok());
  EXPECT_THAT(Lines(), ElementsAre("POST /bucket?delete=", "POST /bucket?delete=", "POST /bucket?delete="));
  const std::string first = Body(http_.requests().at(0));
  EXPECT_THAT(first, HasSubstr("<Key>top/10000</Key>"));
  EXPECT_THAT(first, HasSubstr("<Key>top/10999</Key>"));
  EXPECT_THAT(first, Not(HasSubstr("<Key>top/11000</Key>")));
  EXPECT_TRUE(Header(http_.requests().at(0), "Content-MD5").has_value());
}

TEST_F(S3StoreTest, AKeyThatCannotBeDeletedIsNamedAndTheRestIsDeletedAllTheSame) {
  std::vector<ObjectPath> paths;
  for (int i = 0; i < 1500; ++i) paths.emplace_back(std::to_string(10'000 + i));
  http_.Answer(200,
               "<DeleteResult><Error><Key>top/10001</Key><Code>NoSuchKey</Code></Error>"
               "<Error><Key>top/10007</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>");
  http_.Answer(200, "<DeleteResult/>");
  const Status failure = Delete(paths);
  EXPECT_TRUE(IsKind(failure, ErrorKind::kDenied));
  EXPECT_THAT(failure.message(), HasSubstr("top/10007"));
  EXPECT_THAT(http_.requests(), SizeIs(2));
}

TEST_F(S3StoreTest, NothingIsAskedToDeleteNothing) {
  EXPECT_TRUE(Delete({}).ok());
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(S3StoreTest, OldUploadsAreAbortedByTheDateOfTheStore) {
  http_.Answer(200,
               "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
               "<Upload><Key>top/a</Key><UploadId>old</UploadId><Initiated>2013-05-23T00:00:00Z</Initiated></Upload>"
               "<Upload><Key>top/b</Key><UploadId>new</UploadId><Initiated>2013-05-23T23:30:00Z</Initiated></Upload>"
               "</ListMultipartUploadsResult>",
               {{"date", "Fri, 24 May 2013 00:00:00 GMT"}});
  http_.Answer(404, S3ErrorXml("NoSuchUpload"));
  EXPECT_TRUE(store().DropAbandonedWrites(ObjectPath(""), std::chrono::hours(1), call_).ok());
  EXPECT_THAT(Lines(), ElementsAre("GET /bucket?uploads=&prefix=top%2F", "DELETE /bucket/top/a?uploadId=old"));
}

/// A page without uploads that is not the last one.
std::string MarkerXml(const std::string& key, const std::string& upload_id) {
  return "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>" + key +
         "</NextKeyMarker><NextUploadIdMarker>" + upload_id + "</NextUploadIdMarker></ListMultipartUploadsResult>";
}

TEST_F(S3StoreTest, UploadsAreListedPageByPage) {
  const std::vector<net::HttpHeader> date = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}};
  http_.Answer(200, MarkerXml("top/a", "2"), date);
  // Those of one key come in the order of their time.
  http_.Answer(200, MarkerXml("top/a", "1"), date);
  http_.Answer(200, MarkerXml("top/b", "0"), date);
  http_.Answer(200, "<ListMultipartUploadsResult/>", date);
  EXPECT_TRUE(store().DropAbandonedWrites(ObjectPath(""), std::chrono::hours(1), call_).ok());
  const std::string first = "GET /bucket?uploads=&prefix=top%2F";
  EXPECT_THAT(Lines(), ElementsAre(first, first + "&key-marker=top%2Fa&upload-id-marker=2",
                                   first + "&key-marker=top%2Fa&upload-id-marker=1",
                                   first + "&key-marker=top%2Fb&upload-id-marker=0"));
}

TEST_F(S3StoreTest, AListOfUploadsThatDoesNotGoOnIsRefused) {
  const std::vector<std::pair<std::string, std::string>> second_markers = {{"top/b", "1"}, {"top/a", "2"}};
  for (const auto& [key, upload_id] : second_markers) {
    http_.Answer(200, MarkerXml("top/b", "1"), {{"date", "Fri, 24 May 2013 00:00:00 GMT"}});
    http_.Answer(200, MarkerXml(key, upload_id), {{"date", "Fri, 24 May 2013 00:00:00 GMT"}});
    const Status failure = store().DropAbandonedWrites(ObjectPath(""), std::chrono::hours(1), call_);
    EXPECT_TRUE(IsKind(failure, ErrorKind::kInternal)) << key << " " << failure.ToString();
    EXPECT_THAT(failure.message(), StartsWith("ListMultipartUploads s3://bucket/"));
  }
}

TEST_F(S3StoreTest, PagesOfUploadsOfOneKeyHaveABound) {
  for (int i = 0; i < 1500; ++i)
    http_.Answer(200, MarkerXml("top/a", std::to_string(i % 2)), {{"date", "Fri, 24 May 2013 00:00:00 GMT"}});
  const Status failure = store().DropAbandonedWrites(ObjectPath(""), std::chrono::hours(1), call_);
  EXPECT_TRUE(IsKind(failure, ErrorKind::kInternal)) << failure.ToString();
  EXPECT_EQ(http_.requests().size(), 1001U);
}

// --- Ranges at the same time -----------------------------------------------------------------------------------------

/// The answers wait until `kTogether` requests are there: an executor with one worker must not keep them apart.
class S3RangesTest : public S3Fixture {
 protected:
  static constexpr int kTogether = 6;
  static constexpr int kRanges = 30;

  S3RangesTest() : S3Fixture([this](const auto& request, const auto&) { return Answer(request); }) {
    options_.ranges_parallel_max = kTogether;
  }

  Result<net::HttpResponse> Answer(const net::HttpRequest& request) {
    const int flying = ++flying_;
    int most = most_flying_;
    while (most < flying && !most_flying_.compare_exchange_weak(most, flying)) {
    }
    if (flying == kTogether) together_.Set();
    together_.Wait();
    const std::string range = Header(request, "Range").value_or("");
    const std::string first = range.substr(6, range.find('-') - 6);
    --flying_;
    return net::HttpResponse{206, {{"content-range", "bytes " + first + "-" + first + "/100"}}, Buffer::CopyOf("x")};
  }

  std::atomic<int> flying_ = 0;
  std::atomic<int> most_flying_ = 0;
  Event together_{executor_};
};

TEST_F(S3RangesTest, AreReadTogetherUpToTheirBoundWhateverTheNumberOfWorkers) {
  std::vector<ByteRange> ranges;
  for (int i = 0; i < kRanges; ++i) ranges.push_back({i, 1});
  const auto buffers = store().GetRanges(kPath, ranges, call_);
  ASSERT_TRUE(buffers.ok()) << buffers.status().ToString();
  EXPECT_THAT(*buffers, SizeIs(kRanges));
  EXPECT_EQ(most_flying_, kTogether);
}

}  // namespace
}  // namespace sleeper::store
