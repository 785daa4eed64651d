#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/http.h"
#include "sleeper/store/s3_answer.h"
#include "sleeper/store/s3_bucket.h"

namespace sleeper::store {

/// A request for a bucket, or for one of its objects.
struct S3Request {
  /// As S3 calls it, for messages: "GetObject".
  std::string_view operation;
  std::string_view method = "GET";
  /// Empty: the bucket itself.
  std::string key;
  std::vector<net::QueryParameter> query;
  std::vector<net::HttpHeader> headers;
  std::vector<Buffer> body;
  int64_t answer_bytes_max = int64_t{16} << 20;
};

/// Signs requests and sends them. Thread-safe.
class S3Connection {
 public:
  /// `http`, `credentials` and `clock` must outlive the connection.
  S3Connection(S3Bucket bucket, net::HttpClient& http, net::CredentialsSource& credentials, const Clock& clock)
      : bucket_(std::move(bucket)), http_(http), credentials_(credentials), clock_(clock) {}

  /// The answer, whatever its status. Failures as those of HttpClient, and kDenied without credentials. A request that
  /// is refused for its credentials is sent once more if there are others by now.
  Result<net::HttpResponse> Send(const S3Request& request, const CallContext& call);

  /// The answer if it is a success; otherwise FailureOf it.
  Result<net::HttpResponse> Ask(const S3Request& request, const CallContext& call);

  /// What went wrong with a request whose answer is not ok().
  Status FailureOf(const S3Request& request, const net::HttpResponse& response) const;

  /// "GetObject s3://bucket/key".
  std::string Describe(const S3Request& request) const;

  const Clock& clock() const { return clock_; }

 private:
  S3Asked AskedBy(const S3Request& request) const;
  Result<net::HttpResponse> SendSigned(const S3Request& request, const net::AwsCredentials& credentials,
                                       const CallContext& call);

  const S3Bucket bucket_;
  net::HttpClient& http_;
  net::CredentialsSource& credentials_;
  const Clock& clock_;
};

}  // namespace sleeper::store
