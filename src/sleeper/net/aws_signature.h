#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/time.h"
#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/http.h"

namespace sleeper::net {

/// What a signature is valid for.
struct SigningScope {
  std::string region;
  std::string service = "s3";
};

enum class PayloadHash {
  kHeader,    ///< Also as the header x-amz-content-sha256, which S3 wants.
  kNoHeader,  ///< As other services have it.
};

/// Adds the headers x-amz-date, x-amz-security-token (for temporary credentials), x-amz-content-sha256 and
/// Authorization: AWS Signature Version 4, with the path encoded once, as S3 has it. Signs all headers that are there,
/// and Host.
void SignAwsRequest(const AwsCredentials& credentials, const SigningScope& scope, WallTime now, HttpRequest& request,
                    PayloadHash payload_hash = PayloadHash::kHeader);

/// The first thing that is hashed, for tests and for those who compare it with what a server reports.
/// REQUIRES: the headers to sign are all there, but Host.
std::string CanonicalAwsRequest(const HttpRequest& request, std::string_view payload_hash);

}  // namespace sleeper::net
