#include "sleeper/store/s3_connection.h"

#include "sleeper/net/aws_signature.h"

namespace sleeper::store {

std::string S3Connection::Describe(const S3Request& request) const {
  return std::string(request.operation) + " s3://" + bucket_.name + "/" + request.key;
}

S3Asked S3Connection::AskedBy(const S3Request& request) const {
  return {.what = Describe(request), .method = std::string(request.method), .region = bucket_.region};
}

Status S3Connection::FailureOf(const S3Request& request, const net::HttpResponse& response) const {
  return S3Failure(AskedBy(request), response);
}

Result<net::HttpResponse> S3Connection::Send(const S3Request& request, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const net::AwsCredentials credentials, credentials_.Get(call));
  TRY_ASSIGN(net::HttpResponse response, SendSigned(request, credentials, call));
  if (response.ok() || !IsRefusalOfToken(AskedBy(request), response)) return response;
  // The clock here may be slow, so that they seemed to be valid.
  credentials_.Refused(credentials.access_key_id);
  const Result<net::AwsCredentials> others = credentials_.Get(call);
  if (!others.ok() || *others == credentials) return response;
  return SendSigned(request, *others, call);
}

Result<net::HttpResponse> S3Connection::SendSigned(const S3Request& request, const net::AwsCredentials& credentials,
                                                   const CallContext& call) {
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
