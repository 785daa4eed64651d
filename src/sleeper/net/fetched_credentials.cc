#include <algorithm>
#include <utility>

#include <arpa/inet.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "sleeper/net/aws_domain.h"
#include "sleeper/net/credentials_sources.h"

namespace sleeper::net {
namespace {

constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kInstanceHost = "169.254.169.254";
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";
/// Elsewhere than on EC2 nobody answers: that must not take long.
constexpr Duration kMetadataTimeMax = std::chrono::seconds(2);
constexpr int64_t kAnswerBytesMax = 64 << 10;

Status Denied(std::string_view who, std::string_view why) {
  return Error(ErrorKind::kDenied, "credentials from ", who, ": ", why);
}

/// The answer, of whatever status.
Result<HttpResponse> Send(HttpClient& http, const HttpRequest& request, std::string_view who, const CallContext& call) {
  Result<HttpResponse> response = http.Send(request, call);
  if (response.ok()) return response;
  Status failure = response.status();
  // Asking for credentials changes nothing.
  if (IsKind(failure, ErrorKind::kOutcomeUnknown)) failure = WithKind(failure, ErrorKind::kUnavailable);
  return WithContext(failure, "credentials from " + std::string(who));
}

/// The body of an answer of status 200. Bodies may hold secrets, so none is quoted.
Result<std::string> BodyOf(const HttpResponse& response, std::string_view who) {
  if (response.status >= 500 || response.status == 429) {
    return Error(ErrorKind::kUnavailable, "credentials from ", who, ": it answered with status ", response.status);
  }
  if (response.status != 200) return Denied(who, "it answered with status " + std::to_string(response.status));
  return std::string(response.body.view());
}

/// Asks and expects status 200.
Result<std::string> Ask(HttpClient& http, const HttpRequest& request, std::string_view who, const CallContext& call) {
  TRY_ASSIGN(const HttpResponse response, Send(http, request, who, call));
  return BodyOf(response, who);
}

/// The JSON that containers and instances are given.
Result<AwsCredentials> ParseCredentialsJson(const std::string& text, std::string_view who) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto field = [&](const char* name) -> std::string {
    if (!json.is_object() || !json.contains(name) || !json[name].is_string()) return "";
    return json[name].get<std::string>();
  };
  AwsCredentials credentials{.access_key_id = field("AccessKeyId"),
                             .secret_access_key = Secret(field("SecretAccessKey")),
                             .session_token = Secret(field("Token")),
                             .expires = std::nullopt};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return Denied(who, "its answer holds no keys");
  if (!field("Expiration").empty()) {
    TRY_ASSIGN(credentials.expires, ParseWallTime(field("Expiration")));
  }
  return credentials;
}

class FromWebIdentity final : public CredentialsSource {
 public:
  FromWebIdentity(const AwsEnvironment& environment, std::string region, HttpClient& http)
      : environment_(environment), region_(std::move(region)), http_(http) {}

  Result<AwsCredentials> Get(const CallContext& call) override {
    if (!environment_.web_identity_token_file || !environment_.role_arn)
      return Error(ErrorKind::kNotFound, "the environment names no web identity");
    const Result<std::string> token = ReadSmallFile(*environment_.web_identity_token_file);
    if (!token.ok()) return WithKind(WithContext(token.status(), "AWS_WEB_IDENTITY_TOKEN_FILE"), ErrorKind::kDenied);
    TRY_ASSIGN(const Url endpoint,
               ParseUrl(environment_.sts_endpoint.value_or("https://sts." + region_ + AwsDomain(region_))));
    HttpRequest request{.method = "POST", .origin = endpoint.origin, .answer_bytes_max = kAnswerBytesMax};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = {Buffer::FromString(
        EncodeQuery({{"Action", "AssumeRoleWithWebIdentity"},
                     {"Version", "2011-06-15"},
                     {"RoleArn", *environment_.role_arn},
                     {"RoleSessionName", environment_.role_session_name.value_or("sleeper")},
                     {"WebIdentityToken", token->substr(0, token->find_last_not_of(" \r\n\t") + 1)}}))};
    TRY_ASSIGN(const std::string text, Ask(http_, request, kWho, call));
    return ParseXml(text);
  }

 private:
  static constexpr std::string_view kWho = "the security token service";

  static Result<AwsCredentials> ParseXml(const std::string& text) {
    pugi::xml_document document;
    document.load_buffer(text.data(), text.size());
    const pugi::xml_node found = document.child("AssumeRoleWithWebIdentityResponse")
                                     .child("AssumeRoleWithWebIdentityResult")
                                     .child("Credentials");
    AwsCredentials credentials{.access_key_id = found.child_value("AccessKeyId"),
                               .secret_access_key = Secret(found.child_value("SecretAccessKey")),
                               .session_token = Secret(found.child_value("SessionToken")),
                               .expires = std::nullopt};
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
      return Denied(kWho, "its answer holds no keys");
    TRY_ASSIGN(credentials.expires, ParseWallTime(found.child_value("Expiration")));
    return credentials;
  }

  const AwsEnvironment environment_;
  const std::string region_;
  HttpClient& http_;
};

class FromContainer final : public CredentialsSource {
 public:
  FromContainer(const AwsEnvironment& environment, HttpClient& http) : environment_(environment), http_(http) {}

  Result<AwsCredentials> Get(const CallContext& call) override {
    std::string address;
    if (environment_.container_relative_uri) {
      address = std::string(kContainerHost) + *environment_.container_relative_uri;
    } else if (environment_.container_full_uri) {
      address = *environment_.container_full_uri;
    } else {
      return Error(ErrorKind::kNotFound, "the environment names no container credentials");
    }
    TRY_ASSIGN(const Url url, ParseUrl(address));
    TRY(CheckAddress(url));
    HttpRequest request{.origin = url.origin, .answer_bytes_max = kAnswerBytesMax, .proxy = Proxy::kNone};
    TRY_ASSIGN(request.path, PercentDecode(url.path));
    TRY(AddQuery(url.query, request));
    TRY_ASSIGN(const Secret token, Token());
    if (!token.empty()) request.headers.push_back({"Authorization", token.Reveal()});
    TRY_ASSIGN(const std::string text, Ask(http_, request, kWho, call));
    return ParseCredentialsJson(text, kWho);
  }

 private:
  static constexpr std::string_view kWho = "the container";

  /// True of 127.x.y.z, but not of a name that begins so.
  static bool IsLoopback(const std::string& host) {
    in_addr address = {};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 && host.starts_with("127.");
  }

  /// The token must not go to just anybody in plain text.
  static Status CheckAddress(const Url& url) {
    const std::string& host = url.origin.host;
    const bool is_near = host == "169.254.170.2" || host == "169.254.170.23" || host == "[fd00:ec2::23]" ||
                         host == "localhost" || IsLoopback(host) || host == "[::1]";
    if (is_near || url.origin.scheme == "https") return Status::OK();
    return Denied(kWho, "AWS_CONTAINER_CREDENTIALS_FULL_URI names neither https nor an address of the machine itself");
  }

  static Status AddQuery(std::string_view query, HttpRequest& request) {
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      const size_t equals = std::min(pair.find('='), pair.size());
      TRY_ASSIGN(std::string name, PercentDecode(pair.substr(0, equals)));
      TRY_ASSIGN(std::string value, PercentDecode(pair.substr(std::min(equals + 1, pair.size()))));
      request.query.emplace_back(std::move(name), std::move(value));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
    }
    return Status::OK();
  }

  Result<Secret> Token() const {
    if (!environment_.container_token_file) return environment_.container_token;
    const Result<std::string> text = ReadSmallFile(*environment_.container_token_file);
    if (!text.ok()) return WithKind(WithContext(text.status(), std::string(kWho)), ErrorKind::kDenied);
    return Secret(text->substr(0, text->find_last_not_of(" \r\n\t") + 1));
  }

  const AwsEnvironment environment_;
  HttpClient& http_;
};

class FromInstance final : public CredentialsSource {
 public:
  FromInstance(const AwsEnvironment& environment, HttpClient& http, const Clock& clock)
      : is_disabled_(environment.instance_metadata_disabled), http_(http), clock_(clock) {}

  Result<AwsCredentials> Get(const CallContext& call) override {
    if (is_disabled_) return Error(ErrorKind::kNotFound, "AWS_EC2_METADATA_DISABLED is set");
    const CallContext brief = call.Until(clock_.MonotonicNow() + kMetadataTimeMax);
    HttpRequest request{.method = "PUT",
                        .origin = {.scheme = "http", .host = std::string(kInstanceHost)},
                        .path = "/latest/api/token",
                        .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}},
                        .answer_bytes_max = kAnswerBytesMax,
                        .proxy = Proxy::kNone};
    const Result<HttpResponse> answer = Send(http_, request, kWho, brief);
    TRY(call.Check(clock_));
    // Nobody there: this is no EC2 instance.
    if (!answer.ok()) return Error(ErrorKind::kNotFound, answer.status().message());
    const Result<std::string> token = BodyOf(*answer, kWho);
    // Somebody there who knows of no such tokens, which is not the same as one that has trouble.
    if (IsKind(token.status(), ErrorKind::kDenied)) return Error(ErrorKind::kNotFound, token.status().message());
    TRY(token.status());
    request.method = "GET";
    request.headers = {{"X-aws-ec2-metadata-token", *token}};
    request.path = kRolesPath;
    const Result<std::string> role = Ask(http_, request, kWho, brief);
    if (IsKind(role.status(), ErrorKind::kDenied)) return Error(ErrorKind::kNotFound, "the machine has no role");
    TRY(role.status());
    request.path += role->substr(0, role->find_first_of("\r\n"));
    TRY_ASSIGN(const std::string text, Ask(http_, request, kWho, brief));
    return ParseCredentialsJson(text, kWho);
  }

 private:
  static constexpr std::string_view kWho = "the machine's metadata service";

  const bool is_disabled_;
  HttpClient& http_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<CredentialsSource> CredentialsFromWebIdentity(const AwsEnvironment& environment, std::string region,
                                                              HttpClient& http) {
  return std::make_unique<FromWebIdentity>(environment, std::move(region), http);
}

std::unique_ptr<CredentialsSource> CredentialsFromContainer(const AwsEnvironment& environment, HttpClient& http) {
  return std::make_unique<FromContainer>(environment, http);
}

std::unique_ptr<CredentialsSource> CredentialsFromInstance(const AwsEnvironment& environment, HttpClient& http,
                                                           const Clock& clock) {
  return std::make_unique<FromInstance>(environment, http, clock);
}

}  // namespace sleeper::net
