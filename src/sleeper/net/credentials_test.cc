#include <fstream>
#include <map>

#include <gmock/gmock.h>

#include "sleeper/net/credentials_sources.h"
#include "sleeper/net/testing/fake_http_client.h"

namespace sleeper::net {
namespace {

using testing::HasSubstr;
using testing::Not;

class StoppedClock final : public Clock {
 public:
  WallTime Now() const override { return now; }
  Instant MonotonicNow() const override { return Instant() + (now - kStart); }

  const WallTime kStart = ParseWallTime("2026-01-01T12:00:00Z").ValueOrDie();
  WallTime now = kStart;
};

class CredentialsTest : public testing::Test {
 protected:
  AwsEnvironment Environment(const std::map<std::string, std::string>& variables) {
    return AwsEnvironment::From([&](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  }

  Result<AwsCredentials> Default(const AwsEnvironment& environment, const AwsProfile& profile = {}) {
    return DefaultCredentials(environment, profile, "eu-west-1", http_, clock_)->Get(call_);
  }

  std::string TokenFile(const std::string& text) {
    std::string path = testing::TempDir() + "sleeper_credentials_test_token";
    std::ofstream(path) << text;
    return path;
  }

  FakeHttpClient http_;
  StoppedClock clock_;
  CallContext call_;
};

TEST_F(CredentialsTest, KeysInTheEnvironmentComeFirst) {
  const auto profile = AwsProfile::Parse("default", "[default]\naws_access_key_id=B\naws_secret_access_key=b\n", "");
  const AwsCredentials found =
      Default(Environment({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "a"}, {"AWS_SESSION_TOKEN", "t"}}),
              profile)
          .ValueOrDie();
  EXPECT_EQ(found, (AwsCredentials{"A", Secret("a"), Secret("t"), std::nullopt}));
  EXPECT_EQ(Default(Environment({}), profile)->access_key_id, "B");
  EXPECT_TRUE(http_.requests().empty());
}

TEST_F(CredentialsTest, HalfOfAKeyPairIsDenied) {
  EXPECT_TRUE(IsKind(Default(Environment({{"AWS_ACCESS_KEY_ID", "A"}})).status(), ErrorKind::kDenied));
}

TEST_F(CredentialsTest, TheCredentialsFileWinsOverTheConfigFile) {
  const auto profile = AwsProfile::Parse("work",
                                         "[default]\naws_access_key_id = D\n"
                                         "[work]\n# a comment\naws_access_key_id = W ; of work\n"
                                         "aws_secret_access_key=a=b/c+d#e\n",
                                         "[default]\nregion = r0\n[profile work]\nregion = r1\naws_access_key_id = X\n"
                                         "s3 =\n  addressing_style = path\n\r\n[profile workshop]\nregion = r2\n");
  EXPECT_EQ(profile.Setting("aws_access_key_id"), "W");
  EXPECT_EQ(profile.Setting("aws_secret_access_key"), "a=b/c+d#e");
  EXPECT_EQ(profile.Setting("region"), "r1");
  EXPECT_EQ(profile.Setting("s3.addressing_style"), "path");
  EXPECT_EQ(profile.Setting("absent"), std::nullopt);
}

TEST_F(CredentialsTest, AnIndentedSectionIsReadAsAnyOther) {
  const auto profile = AwsProfile::Parse("default", "[default]\n\taws_access_key_id = A\n\taws_secret_access_key = a\n",
                                         "[default]\n  s3 =\n    addressing_style = path\n  region = r\n"
                                         "[profile p]\n    region = other\n");
  EXPECT_EQ(Default(Environment({}), profile)->access_key_id, "A");
  EXPECT_EQ(profile.Setting("s3.addressing_style"), "path");
  EXPECT_EQ(profile.Setting("region"), "r");
}

TEST_F(CredentialsTest, ANamedProfileThatIsNowhereIsInvalid) {
  const AwsEnvironment named = Environment({{"AWS_PROFILE", "p"}, {"AWS_CONFIG_FILE", "/nonexistent/config"}});
  EXPECT_TRUE(IsKind(AwsProfile::Read(named).status(), ErrorKind::kInvalid));
  EXPECT_TRUE(AwsProfile::Read(Environment({}))->empty());
}

TEST_F(CredentialsTest, AFileMayBeADeviceButNotAFolderOrAbsent) {
  EXPECT_EQ(ReadSmallFile("/dev/null"), "");
  EXPECT_TRUE(IsKind(ReadSmallFile("/dev/zero").status(), ErrorKind::kInvalid)) << "it does not end";
  EXPECT_TRUE(IsKind(ReadSmallFile("/").status(), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(ReadSmallFile("/nonexistent/file").status(), ErrorKind::kNotFound));
  EXPECT_EQ(ReadSmallFile(TokenFile("text\n")), "text\n");
}

TEST_F(CredentialsTest, AProfileThatAssumesARoleIsDeniedWithAHint) {
  const auto profile = AwsProfile::Parse("default", "", "[default]\nrole_arn = r\nsource_profile = s\n");
  const Status status = Default(Environment({}), profile).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied));
  EXPECT_THAT(HintOf(status), HasSubstr("export-credentials"));
}

TEST_F(CredentialsTest, KeysBesideARoleAreNotTakenForThoseOfTheRole) {
  const auto profile = AwsProfile::Parse("default", "[default]\naws_access_key_id=A\naws_secret_access_key=a\n",
                                         "[default]\nrole_arn = arn:r\nsource_profile = default\n");
  const Status status = Default(Environment({}), profile).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied)) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("role_arn"));
}

TEST_F(CredentialsTest, AWebIdentityIsExchangedForTheKeysOfARole) {
  http_.Answer(200,
               "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
               "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>a"
               "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-01-01T13:00:00Z</Expiration>"
               "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
  const AwsCredentials found =
      Default(Environment({{"AWS_WEB_IDENTITY_TOKEN_FILE", TokenFile("to/ken\n")}, {"AWS_ROLE_ARN", "arn:role"}}))
          .ValueOrDie();
  EXPECT_EQ(found, (AwsCredentials{"A", Secret("a"), Secret("t"), clock_.now + std::chrono::hours(1)}));
  const HttpRequest request = http_.requests().at(0);
  EXPECT_EQ(request.ToUrl(), "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(request.body.at(0).view(),
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=sleeper&"
            "WebIdentityToken=to%2Fken");
}

TEST_F(CredentialsTest, AContainerIsAskedWithItsToken) {
  http_.Answer(200, R"({"AccessKeyId":"A","SecretAccessKey":"a","Token":"t","Expiration":"2026-01-01T13:00:00Z"})");
  const AwsEnvironment environment =
      Environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1?a=b"},
                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", TokenFile("bearer\n")}});
  EXPECT_EQ(Default(environment)->session_token, Secret("t"));
  const HttpRequest request = http_.requests().at(0);
  EXPECT_EQ(request.ToUrl(), "http://169.254.170.23/v1?a=b");
  EXPECT_EQ(request.headers, (std::vector<HttpHeader>{{"Authorization", "bearer"}}));
  EXPECT_EQ(request.proxy, Proxy::kNone);
}

TEST_F(CredentialsTest, ATokenDoesNotGoInPlainTextToOtherMachines) {
  const AwsEnvironment environment = Environment(
      {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush"}});
  EXPECT_TRUE(IsKind(Default(environment).status(), ErrorKind::kDenied));
  const AwsEnvironment lookalike =
      Environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.example.com/"}});
  EXPECT_TRUE(IsKind(Default(lookalike).status(), ErrorKind::kDenied));
  EXPECT_TRUE(http_.requests().empty());
}

TEST_F(CredentialsTest, AnInstanceIsAskedForItsRoleWithASession) {
  http_.Answer(200, "session");
  http_.Answer(200, "my-role\n");
  http_.Answer(200, R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"a","Token":"t"})");
  EXPECT_EQ(Default(Environment({}))->access_key_id, "A");
  const std::vector<HttpRequest> requests = http_.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[2].ToUrl(), "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  EXPECT_EQ(requests[2].headers, (std::vector<HttpHeader>{{"X-aws-ec2-metadata-token", "session"}}));
}

TEST_F(CredentialsTest, ATokenServiceIsAskedInTheDomainOfItsRegion) {
  const AwsEnvironment environment =
      Environment({{"AWS_WEB_IDENTITY_TOKEN_FILE", TokenFile("t")}, {"AWS_ROLE_ARN", "arn:aws-cn:iam::1:role/r"}});
  (void)DefaultCredentials(environment, {}, "cn-north-1", http_, clock_)->Get(call_);
  ASSERT_FALSE(http_.requests().empty());
  EXPECT_EQ(http_.requests()[0].origin.host, "sts.cn-north-1.amazonaws.com.cn");
}

TEST_F(CredentialsTest, AMetadataServiceThatIsSlowOrInTroubleIsUnavailable) {
  http_.Answer(503);
  EXPECT_TRUE(IsKind(Default(Environment({})).status(), ErrorKind::kUnavailable)) << "it may have some in a moment";
  http_.Answer(404);
  EXPECT_TRUE(IsKind(Default(Environment({})).status(), ErrorKind::kDenied)) << "no service of that kind";
  http_.Answer(200, "session");
  http_.Fail(Error(ErrorKind::kCancelled, "GET did not end before its deadline"));
  const Status late = Default(Environment({})).status();
  EXPECT_TRUE(IsKind(late, ErrorKind::kUnavailable)) << "the caller has not given up: " << late.ToString();
}

TEST_F(CredentialsTest, NoCredentialsAnywhereIsDeniedWithAHint) {
  http_.Fail(Error(ErrorKind::kUnavailable, "nobody there"));
  const Status status = Default(Environment({})).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied)) << status.ToString();
  EXPECT_THAT(HintOf(status), HasSubstr("AWS_ACCESS_KEY_ID"));
  EXPECT_TRUE(IsKind(Default(Environment({{"AWS_EC2_METADATA_DISABLED", "true"}})).status(), ErrorKind::kDenied));
  EXPECT_EQ(http_.requests().size(), 1U) << "the metadata service is not asked where that is forbidden";
}

TEST_F(CredentialsTest, TemporaryCredentialsAreFetchedAgainBeforeTheyExpire) {
  const auto answer = [&](const std::string& key, const std::string& expiration) {
    http_.Answer(200, R"({"AccessKeyId":")" + key + R"(","SecretAccessKey":"a","Expiration":")" + expiration + "\"}");
  };
  const auto source =
      DefaultCredentials(Environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"}}), {}, "r", http_, clock_);
  const auto key = [&] { return source->Get(call_)->access_key_id; };
  answer("first", "2026-01-01T13:00:00Z");
  EXPECT_EQ(key(), "first");
  clock_.now += std::chrono::minutes(54);
  EXPECT_EQ(key(), "first") << "without asking";
  clock_.now += std::chrono::minutes(2);
  http_.Answer(500);
  EXPECT_EQ(key(), "first") << "valid for four minutes yet, and nobody has newer ones";
  const size_t asked = http_.requests().size();
  EXPECT_EQ(key(), "first");
  EXPECT_EQ(http_.requests().size(), asked) << "nobody waits again for a place that has just failed";
  answer("second", "2026-01-01T14:00:00Z");
  clock_.now += std::chrono::seconds(15);
  EXPECT_EQ(key(), "second");
  clock_.now += std::chrono::hours(2);
  EXPECT_FALSE(source->Get(call_).ok()) << "expired, and nobody has newer ones";
}

TEST_F(CredentialsTest, TemporaryCredentialsThatAServerRefusesAreFetchedAgain) {
  const auto answer = [&](const std::string& key) {
    http_.Answer(200, R"({"AccessKeyId":")" + key + R"(","SecretAccessKey":"a","Expiration":"2026-01-01T13:00:00Z"})");
  };
  const auto source =
      DefaultCredentials(Environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"}}), {}, "r", http_, clock_);
  const auto key = [&] { return source->Get(call_)->access_key_id; };
  answer("first");
  EXPECT_EQ(key(), "first");
  source->Refused("of another place");
  EXPECT_EQ(key(), "first");
  source->Refused("first");
  answer("second");
  EXPECT_EQ(key(), "second");
  source->Refused("first");
  EXPECT_EQ(key(), "second") << "of a request that was on its way meanwhile";
  source->Refused("second");
  EXPECT_EQ(key(), "second") << "as new as can be: whoever gives them is not asked for each request";
  EXPECT_EQ(http_.requests().size(), 2U);
  clock_.now += std::chrono::seconds(15);
  source->Refused("second");
  answer("third");
  EXPECT_EQ(key(), "third");
}

TEST_F(CredentialsTest, KeysThatDoNotExpireAreKeptWhoeverRefusesThem) {
  const auto source = DefaultCredentials(Environment({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "a"}}), {},
                                         "r", http_, clock_);
  ASSERT_EQ(source->Get(call_)->access_key_id, "A");
  source->Refused("A");
  EXPECT_EQ(source->Get(call_)->access_key_id, "A");
}

TEST_F(CredentialsTest, NoErrorHoldsASecret) {
  http_.Answer(403, R"({"SecretAccessKey":"hush"})");
  const Status status = Default(Environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"},
                                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush"}}))
                            .status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace sleeper::net
