#include "sleeper/store/s3_connection.h"

#include "sleeper/net/aws_signature.h"
#include "sleeper/store/s3_answer.h"

namespace sleeper::store {

std::string S3Connection::Describe(const S3Request& request) const {
  return std::string(request.operation) + " s3://" + bucket_.name + "/" + request.key;
}

Status S3Connection::FailureOf(const S3Request& request, const net::HttpResponse& response) const {
  return S3Failure({.what = Describe(request), .method = std::string(request.method), .region = bucket_.region},
                   response);
}

Result<net::HttpResponse> S3Connection::Send(const S3Request& request, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const net::AwsCredentials credentials, credentials_.Get(call));
  net::HttpRequest http{.method = std::string(request.method),
                        .origin = bucket_.RequestOrigin(),
                        .path = bucket_.RequestPath(request.key),
                        .query = request.query,
                        .headers = request.headers,
                        .body = request.body,
                        .answer_bytes_max = request.answer_bytes_max};
  net::SignAwsRequest(credentials, {.region = bucket_.region}, clock_.Now(), http);
  auto response = http_.Send(http, call);
  if (!response.ok()) return WithContext(response.status(), Describe(request));
  return response;
}

Result<net::HttpResponse> S3Connection::Ask(const S3Request& request, const CallContext& call) {
  TRY_ASSIGN(net::HttpResponse response, Send(request, call));
  if (!response.ok()) return FailureOf(request, response);
  return response;
}

}  // namespace sleeper::store
