#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/store/s3_answer.h"
#include "sleeper/store/s3_xml.h"

namespace sleeper::store {
namespace {

/// What a store answers is read, or cannot be read for now; nothing else.
template <typename T>
void CheckAnswer(const Result<T>& answer) {
  SLEEPER_CHECK(answer.ok() || IsKind(answer.status(), ErrorKind::kUnavailable), answer.status().ToString());
}

}  // namespace
}  // namespace sleeper::store

// The input is the body of an answer of S3, read as each of those that there are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::store;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const Result<S3Listing> listing = ParseS3Listing(body);
  CheckAnswer(listing);
  std::vector<std::string> texts;
  if (listing.ok()) {
    for (const S3Listing::Entry& entry : listing->entries) {
      SLEEPER_CHECK(entry.size >= 0, "a negative size");
      texts.push_back(entry.key);
    }
  }
  CheckAnswer(ParseS3Uploads(body));
  CheckAnswer(ParseS3Deletion(body));
  CheckAnswer(ParseS3UploadId(body));
  CheckAnswer(ParseS3Completion(body));
  const S3Complaint complaint = ParseS3Complaint(body);
  for (const int status : {200, 307, 400, 403, 404, 409, 412, 416, 429, 500, 503}) {
    SLEEPER_CHECK(!S3Failure("a request", true, status, complaint).ok(), "a failure that is none");
    SLEEPER_CHECK(!S3Failure("a request", false, status, complaint).ok(), "a failure that is none");
    const net::HttpResponse response{
        status, {{"x-amz-bucket-region", std::string(body)}, {"location", std::string(body)}}, Buffer::CopyOf(body)};
    SLEEPER_CHECK(!S3Failure({"a request", "HEAD", "a-region"}, response).ok(), "a failure that is none");
    (void)IsPreconditionFailed(status, complaint);
  }
  // Keys are written back in requests.
  texts.emplace_back(body.substr(0, 1024));
  (void)S3DeletionXml(texts);
  (void)S3CompletionXml(texts);
  return 0;
}
