#include "sleeper/store/s3_answer.h"

#include <algorithm>
#include <array>

#include <pugixml.hpp>

#include "sleeper/base/printable_text.h"
#include "sleeper/net/url.h"
#include "sleeper/store/given_up_write.h"

namespace sleeper::store {
namespace {

constexpr size_t kMessageBytesMax = 300;

/// Of a 400 without a body, which is all that a HEAD gets where a GET is told the reason.
constexpr const char* kUnexplainedRefusalHint =
    "the reason is not told; most often temporary credentials have expired, the keys or the session token are not "
    "whole, or AWS_REGION is not the bucket's region";

/// Of a 307.
constexpr const char* kNewBucketHint =
    "a new bucket may take some hours until every address leads to it: set AWS_REGION to its region";
constexpr const char* kRedirectHint =
    "requests are signed for one address and not sent on to another: are AWS_REGION and the endpoint "
    "(AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile) those of the bucket?";

struct CodeMeaning {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

/// Codes that say more than the status of HTTP does.
constexpr std::array kCodes = {
    CodeMeaning{"SlowDown", ErrorKind::kThrottled, ""},
    CodeMeaning{"SlowDownRead", ErrorKind::kThrottled, ""},
    CodeMeaning{"SlowDownWrite", ErrorKind::kThrottled, ""},
    CodeMeaning{"ServiceUnavailable", ErrorKind::kThrottled, ""},
    CodeMeaning{"Throttling", ErrorKind::kThrottled, ""},
    CodeMeaning{"ThrottlingException", ErrorKind::kThrottled, ""},
    CodeMeaning{"RequestLimitExceeded", ErrorKind::kThrottled, ""},
    CodeMeaning{"TooManyRequests", ErrorKind::kThrottled, ""},
    // The request was not read to its end, or gave way to another one that was under way.
    CodeMeaning{"RequestTimeout", ErrorKind::kUnavailable, ""},
    CodeMeaning{"IncompleteBody", ErrorKind::kUnavailable, ""},
    CodeMeaning{"BadDigest", ErrorKind::kUnavailable, ""},
    CodeMeaning{"XAmzContentSHA256Mismatch", ErrorKind::kUnavailable, ""},
    CodeMeaning{"ConditionalRequestConflict", ErrorKind::kUnavailable, ""},
    CodeMeaning{"OperationAborted", ErrorKind::kUnavailable, ""},
    CodeMeaning{"AccessDenied", ErrorKind::kDenied, "the credentials lack a permission on this bucket or prefix"},
    CodeMeaning{"InvalidAccessKeyId", ErrorKind::kDenied, "is AWS_ACCESS_KEY_ID right, and meant for this endpoint?"},
    CodeMeaning{"XAdminUserNotFound", ErrorKind::kDenied, "is AWS_ACCESS_KEY_ID right, and meant for this endpoint?"},
    CodeMeaning{"SignatureDoesNotMatch", ErrorKind::kDenied, "is AWS_SECRET_ACCESS_KEY right?"},
    CodeMeaning{"ExpiredToken", ErrorKind::kDenied, "the temporary credentials have expired: get new ones"},
    CodeMeaning{"ExpiredTokenException", ErrorKind::kDenied, "the temporary credentials have expired: get new ones"},
    CodeMeaning{"TokenRefreshRequired", ErrorKind::kDenied, "the temporary credentials have expired: get new ones"},
    CodeMeaning{"InvalidToken", ErrorKind::kDenied, "is AWS_SESSION_TOKEN that of these keys?"},
    CodeMeaning{"RequestTimeTooSkewed", ErrorKind::kDenied, "the clock of this machine is wrong: set it"},
    CodeMeaning{"AuthorizationHeaderMalformed", ErrorKind::kInvalid, "set AWS_REGION to the bucket's region"},
    CodeMeaning{"PermanentRedirect", ErrorKind::kInvalid, "set AWS_REGION to the bucket's region"},
    CodeMeaning{"TemporaryRedirect", ErrorKind::kInvalid, kNewBucketHint},
    CodeMeaning{"NoSuchBucket", ErrorKind::kNotFound, "create the bucket first; sleeper does not"},
    CodeMeaning{"NoSuchUpload", ErrorKind::kConflict, kGivenUpWriteHint},
    // Servers that keep objects in folders.
    CodeMeaning{"ObjectParentIsFile", ErrorKind::kInvalid, ""},
    CodeMeaning{"ExistingObjectIsDirectory", ErrorKind::kInvalid, ""},
    CodeMeaning{"QuotaExceeded", ErrorKind::kExhausted, ""},
    CodeMeaning{"StorageFull", ErrorKind::kExhausted, ""},
    CodeMeaning{"XMinioStorageFull", ErrorKind::kExhausted, ""},
};

ErrorKind KindOfStatus(int status, bool is_read, bool is_from_s3) {
  const ErrorKind lost = is_read ? ErrorKind::kUnavailable : ErrorKind::kOutcomeUnknown;
  switch (status) {
    case 401:
    case 403:
    case 407:
      return ErrorKind::kDenied;
    case 404:
      return ErrorKind::kNotFound;
    case 409:
    case 412:
      return ErrorKind::kConflict;
    case 408:
      return lost;
    case 429:
      return ErrorKind::kThrottled;
    case 503:
      // Of S3 it means that the request was turned away; of something in between it may mean anything.
      return is_read || is_from_s3 ? ErrorKind::kThrottled : lost;
    case 507:
      return ErrorKind::kExhausted;
    default:
      break;
  }
  if (status >= 500) return lost;
  return ErrorKind::kInvalid;
}

/// One line of bounded length.
std::string Quote(std::string_view text) { return PrintableText(text.substr(0, kMessageBytesMax)); }

struct Meaning {
  ErrorKind kind;
  std::string hint;
};

Meaning MeaningOf(bool is_read, int http_status, const S3Complaint& complaint) {
  const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                   [&](const CodeMeaning& meaning) { return meaning.code == complaint.code; });
  if (found != kCodes.end()) return {found->kind, std::string(found->hint)};
  return {KindOfStatus(http_status, is_read, !complaint.code.empty()), ""};
}

std::string MessageOf(int http_status, const S3Complaint& complaint) {
  std::string message = ": the store answered " + std::to_string(http_status);
  if (!complaint.code.empty()) message += " " + Quote(complaint.code);
  if (!complaint.message.empty()) message += ": " + Quote(complaint.message);
  return message;
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Whom a redirect names: its path and query are those of the request, or belong to nobody here.
std::string TargetOf(const net::HttpResponse& response) {
  const auto url = net::ParseUrl(response.Header("location"));
  if (!IsRedirect(response.status) || !url.ok()) return "";
  return ", and sends to " + Quote(url->origin.ToString());
}

/// The region of the bucket, if the answer says that the request was signed for another one.
std::string OtherRegion(const S3Asked& asked, const net::HttpResponse& response) {
  if (!IsRedirect(response.status) && response.status != 400) return "";
  const std::string_view region = response.Header("x-amz-bucket-region");
  return region == asked.region ? "" : Quote(region);
}

/// True of the bare 400 that a HEAD gets.
bool IsUnexplained(const S3Asked& asked, const net::HttpResponse& response) {
  return response.status == 400 && asked.method == "HEAD" && response.body.empty() &&
         OtherRegion(asked, response).empty();
}

}  // namespace

S3Complaint ParseS3Complaint(std::string_view body) {
  pugi::xml_document document;
  if (body.empty() || !document.load_buffer(body.data(), body.size())) return {};
  const pugi::xml_node error = document.child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

Status S3Failure(std::string_view what, bool is_read, int http_status, const S3Complaint& complaint) {
  const Meaning meaning = MeaningOf(is_read, http_status, complaint);
  return WithHint(Error(meaning.kind, what, MessageOf(http_status, complaint)), meaning.hint);
}

Status S3Failure(const S3Asked& asked, const net::HttpResponse& response) {
  const S3Complaint complaint = ParseS3Complaint(response.body.view());
  Meaning meaning = MeaningOf(asked.is_read(), response.status, complaint);
  const std::string other_region = OtherRegion(asked, response);
  if (!other_region.empty()) {
    meaning.hint = "set AWS_REGION to " + other_region;
  } else if (IsRedirect(response.status) && meaning.hint.empty()) {
    meaning.hint = response.status == 307 ? kNewBucketHint : kRedirectHint;
  } else if (IsUnexplained(asked, response)) {
    meaning = {ErrorKind::kDenied, kUnexplainedRefusalHint};
  } else if (response.status == 403 && meaning.hint.empty()) {
    meaning.hint = "are the credentials right, and do they give permission on this bucket and prefix?";
  }
  return WithHint(Error(meaning.kind, asked.what, MessageOf(response.status, complaint), TargetOf(response)),
                  meaning.hint);
}

bool IsRefusalOfToken(const S3Asked& asked, const net::HttpResponse& response) {
  constexpr std::array<std::string_view, 4> kRefusals = {"ExpiredToken", "ExpiredTokenException",
                                                         "TokenRefreshRequired", "InvalidToken"};
  const std::string code = ParseS3Complaint(response.body.view()).code;
  return std::find(kRefusals.begin(), kRefusals.end(), code) != kRefusals.end() || IsUnexplained(asked, response);
}

bool IsPreconditionFailed(int http_status, const S3Complaint& complaint) {
  return http_status == 412 || complaint.code == "PreconditionFailed";
}

}  // namespace sleeper::store
