#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/net/credentials_sources.h"
#include "sleeper/net/testing/fake_http_client.h"
#include "sleeper/store/s3_store.h"

namespace sleeper::store {

inline constexpr std::string_view kFixtureSecret = "hush-hush-secret-key";
inline constexpr std::string_view kFixtureToken = "hush-hush-session-token";

/// "<Error>…</Error>", as S3 answers it.
inline std::string S3ErrorXml(const std::string& code, const std::string& message = "why") {
  return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>";
}

/// A store of S3 whose server is a script or a function: bucket "bucket" at http://s3.test, prefix "top".
class S3Fixture : public testing::Test {
 protected:
  explicit S3Fixture(net::FakeHttpClient::Handler handler = nullptr) : http_(std::move(handler)) {
    options_.bucket = FindS3Bucket({.name = "bucket", .endpoint = "http://s3.test"}).ValueOrDie();
    options_.prefix = "top";
    options_.upload.part_bytes = 10;
    // Short waits: what is tested is what is made again.
    options_.upload.retries = {.attempts_max = 3,
                               .wait_first = Duration(1),
                               .wait_max = Duration(1),
                               .throttled_wait_first = Duration(1),
                               .throttled_wait_max = Duration(1)};
  }

  S3Store& store() {
    if (!store_) store_.emplace(options_, http_, *credentials_, executor_, random_);
    return *store_;
  }

  /// The value of a header of a request, or nothing.
  static std::optional<std::string> Header(const net::HttpRequest& request, std::string_view name) {
    for (const net::HttpHeader& header : request.headers) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }

  static std::string Body(const net::HttpRequest& request) {
    std::string text;
    for (const Buffer& part : request.body) text += part.view();
    return text;
  }

  /// "PUT /bucket/top/a?uploadId=u&partNumber=1".
  static std::string Line(const net::HttpRequest& request) {
    const std::string query = net::EncodeQuery(request.query);
    return request.method + " " + request.path + (query.empty() ? "" : "?" + query);
  }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const net::HttpRequest& request : http_.requests()) lines.push_back(Line(request));
    return lines;
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{1, clock_};
  net::FakeHttpClient http_;
  std::unique_ptr<net::CredentialsSource> credentials_ =
      net::FixedCredentials({.access_key_id = "AKIDEXAMPLE",
                             .secret_access_key = net::Secret(std::string(kFixtureSecret)),
                             .session_token = net::Secret(std::string(kFixtureToken)),
                             .expires = std::nullopt});
  S3StoreOptions options_;
  std::optional<S3Store> store_;
  CallContext call_;
};

}  // namespace sleeper::store
