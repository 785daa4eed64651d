#include "sleeper/store/s3_bucket.h"

#include <algorithm>

#include "sleeper/net/aws_domain.h"

namespace sleeper::store {
namespace {

constexpr std::string_view kRegionDefault = "us-east-1";
constexpr size_t kNameMin = 3;
constexpr size_t kNameMax = 63;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Status CheckName(std::string_view name) {
  const bool has_plain_characters =
      std::all_of(name.begin(), name.end(), [](char c) { return IsLowerOrDigit(c) || c == '-' || c == '.'; });
  if (name.size() >= kNameMin && name.size() <= kNameMax && has_plain_characters && IsLowerOrDigit(name.front()) &&
      IsLowerOrDigit(name.back()))
    return Status::OK();
  // As in s3://KEY:SECRET@BUCKET, which is not quoted.
  if (name.find_first_of(":@") != std::string_view::npos) {
    return WithHint(Error(ErrorKind::kInvalid, "the name of the bucket holds a user, a password or a port"),
                    "write s3://BUCKET/PREFIX; keys and the endpoint are settings of their own: docs/guide/s3.md");
  }
  return Error(ErrorKind::kInvalid, "'", name.substr(0, kNameMax + 1),
               "' is no name of a bucket: it has 3 to 63 lower-case letters, digits, \"-\" and \".\"");
}

/// A region becomes part of a host name.
Status CheckRegion(std::string_view region) {
  const bool is_plain = std::all_of(region.begin(), region.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
  if (!region.empty() && region.size() <= kNameMax && is_plain) return Status::OK();
  return WithHint(Error(ErrorKind::kInvalid, "'", region.substr(0, kNameMax + 1), "' is no name of a region"),
                  "set AWS_REGION, for example to eu-west-1");
}

Result<net::Origin> EndpointOf(const S3BucketSettings& settings, const std::string& region) {
  if (!settings.endpoint) {
    return net::Origin{.scheme = "https", .host = "s3." + region + net::AwsDomain(region)};
  }
  auto url = net::ParseUrl(*settings.endpoint);
  if (!url.ok()) return WithContext(url.status(), "the endpoint of S3");
  if (url->path != "/" || !url->query.empty())
    return Error(ErrorKind::kInvalid, "the endpoint of S3 has a path or a query: only scheme, host and port are used");
  return url->origin;
}

/// A certificate for *.host does not cover a name with dots before it.
S3Addressing UsualAddressing(const S3BucketSettings& settings) {
  const bool has_dots = settings.name.find('.') != std::string::npos;
  return settings.endpoint || has_dots ? S3Addressing::kPath : S3Addressing::kVirtualHost;
}

}  // namespace

net::Origin S3Bucket::RequestOrigin() const {
  net::Origin origin = endpoint;
  if (addressing == S3Addressing::kVirtualHost) origin.host = name + "." + origin.host;
  return origin;
}

std::string S3Bucket::RequestPath(std::string_view key) const {
  std::string path = "/";
  if (addressing == S3Addressing::kPath) {
    path += name;
    if (!key.empty()) path += '/';
  }
  path += key;
  return path;
}

Result<S3Bucket> FindS3Bucket(const S3BucketSettings& settings) {
  TRY(CheckName(settings.name));
  S3Bucket bucket{.name = settings.name,
                  .region = settings.region.value_or(std::string(kRegionDefault)),
                  .endpoint = {},
                  .addressing = UsualAddressing(settings)};
  TRY(CheckRegion(bucket.region));
  TRY_ASSIGN(bucket.endpoint, EndpointOf(settings, bucket.region));
  const std::string addressing = settings.addressing.value_or("auto");
  if (addressing == "path") {
    bucket.addressing = S3Addressing::kPath;
  } else if (addressing == "virtual") {
    bucket.addressing = S3Addressing::kVirtualHost;
  } else if (addressing != "auto") {
    return Error(ErrorKind::kInvalid, "s3.addressing_style is path, virtual or auto, not '", addressing, "'");
  }
  return bucket;
}

}  // namespace sleeper::store
