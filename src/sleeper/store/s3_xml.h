#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/net/http.h"
#include "sleeper/store/s3_answer.h"

namespace sleeper::store {

/// One page of ListObjectsV2. Keys are those of the bucket.
struct S3Listing {
  struct Entry {
    std::string key;
    int64_t size = 0;
    std::string etag;
    WallTime last_modified;
  };

  std::vector<Entry> entries;
  bool more = false;
  /// Where the store itself would go on; may be empty.
  std::string next_token;
};

/// One page of ListMultipartUploads.
struct S3Uploads {
  struct Entry {
    std::string key;
    std::string upload_id;
    WallTime initiated;
  };

  std::vector<Entry> entries;
  bool more = false;
  std::string next_key;
  std::string next_upload_id;
};

/// What could not be deleted of those that DeleteObjects names.
struct S3DeleteFault {
  std::string key;
  S3Complaint complaint;
};

// The readers of answers. kUnavailable if the body is not what it should be: cut off, or from something in between.

Result<S3Listing> ParseS3Listing(std::string_view xml);
Result<S3Uploads> ParseS3Uploads(std::string_view xml);
Result<std::vector<S3DeleteFault>> ParseS3Deletion(std::string_view xml);
Result<std::string> ParseS3UploadId(std::string_view xml);

/// An answer to CompleteMultipartUpload may be an error although its status is 200.
Result<S3Complaint> ParseS3Completion(std::string_view xml);

// The writers of requests.

std::string S3DeletionXml(std::span<const std::string> keys);
/// Part n of `etags` has number n + 1.
std::string S3CompletionXml(std::span<const std::string> etags);

/// What proves to S3 that the body of a request came whole: its MD5, or its SHA-256 if there is no MD5. Servers other
/// than AWS may know the former only.
std::vector<net::HttpHeader> S3BodyProof(std::string_view body, const std::optional<std::string>& md5);

/// An ETag without its quotation marks.
std::string PlainEtag(std::string_view etag);

}  // namespace sleeper::store
