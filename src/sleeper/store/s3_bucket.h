#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/net/url.h"

namespace sleeper::store {

enum class S3Addressing {
  kPath,         ///< https://endpoint/bucket/key
  kVirtualHost,  ///< https://bucket.endpoint/key
};

/// Where a bucket is. Immutable value.
struct S3Bucket {
  std::string name;
  std::string region;
  /// Without the name of the bucket.
  net::Origin endpoint;
  S3Addressing addressing = S3Addressing::kPath;

  /// Whom a request for the bucket goes to, and the path (not encoded) of one of its objects, or of itself if `key` is
  /// empty.
  net::Origin RequestOrigin() const;
  std::string RequestPath(std::string_view key) const;

  friend bool operator==(const S3Bucket&, const S3Bucket&) = default;
};

/// What a user may say about how a bucket is reached.
struct S3BucketSettings {
  std::string name;
  /// us-east-1 if none is said.
  std::optional<std::string> region;
  /// AWS itself if none is said.
  std::optional<std::string> endpoint;
  /// "path", "virtual" or "auto"; by itself virtual-host addressing at AWS, and path addressing elsewhere.
  std::optional<std::string> addressing;
};

/// kInvalid if the bucket cannot have that name, or the endpoint or addressing cannot be understood.
Result<S3Bucket> FindS3Bucket(const S3BucketSettings& settings);

}  // namespace sleeper::store
