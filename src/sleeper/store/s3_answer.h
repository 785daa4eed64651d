#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/net/http.h"

namespace sleeper::store {

/// For answers that no server of S3 would give.
inline constexpr const char* kForeignEndpointHint =
    "does the endpoint speak S3? It comes from AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile";

/// An error as S3 tells it, in the body of an answer.
struct S3Complaint {
  std::string code;
  std::string message;
};

/// What the body says; nothing in it if it is no such body.
S3Complaint ParseS3Complaint(std::string_view body);

/// What went wrong with a request that was answered with an error: the one place where the answers of S3 become kinds.
/// `what` names the request: "GetObject s3://bucket/key". A request that is not `is_read` and whose answer does not
/// tell that it had no effect is kOutcomeUnknown.
Status S3Failure(std::string_view what, bool is_read, int http_status, const S3Complaint& complaint);

/// What was asked, as far as it gives an answer its meaning.
struct S3Asked {
  /// As above.
  std::string what;
  /// That of HTTP. Answers to HEAD have no body to tell what is wrong.
  std::string method;
  /// The one that the request was signed for.
  std::string region;

  /// True of requests that change nothing.
  bool is_read() const { return method == "GET" || method == "HEAD"; }
};

/// The same of a response that is not ok().
Status S3Failure(const S3Asked& asked, const net::HttpResponse& response);

/// True if a response that is not ok() says that the credentials are out of date, or may say so: a HEAD is not told the
/// reason. The request had no effect.
bool IsRefusalOfToken(const S3Asked& asked, const net::HttpResponse& response);

/// True if the answer says that there was an object already.
bool IsPreconditionFailed(int http_status, const S3Complaint& complaint);

}  // namespace sleeper::store
