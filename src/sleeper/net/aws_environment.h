#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sleeper/net/secret.h"

namespace sleeper::net {

/// The environment variables that tools of AWS read, as a main found them. Value.
struct AwsEnvironment {
  /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
  std::optional<std::string> access_key_id;
  Secret secret_access_key;
  Secret session_token;
  /// AWS_REGION, or else AWS_DEFAULT_REGION.
  std::optional<std::string> region;
  /// AWS_ENDPOINT_URL_S3, or else AWS_ENDPOINT_URL; AWS_ENDPOINT_URL_STS, or else AWS_ENDPOINT_URL.
  std::optional<std::string> s3_endpoint;
  std::optional<std::string> sts_endpoint;
  /// AWS_CA_BUNDLE.
  std::optional<std::string> certificate_bundle;
  /// AWS_MAX_ATTEMPTS.
  std::optional<std::string> attempts_max;
  /// AWS_PROFILE, or else AWS_DEFAULT_PROFILE.
  std::optional<std::string> profile;
  /// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or else files in the folder .aws of HOME.
  std::optional<std::string> credentials_file;
  std::optional<std::string> config_file;
  /// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME.
  std::optional<std::string> web_identity_token_file;
  std::optional<std::string> role_arn;
  std::optional<std::string> role_session_name;
  /// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN and
  /// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.
  std::optional<std::string> container_relative_uri;
  std::optional<std::string> container_full_uri;
  Secret container_token;
  std::optional<std::string> container_token_file;
  /// AWS_EC2_METADATA_DISABLED is "true".
  bool instance_metadata_disabled = false;

  /// Asks `variable` for each of them; it answers nothing for one that is not set, or empty.
  static AwsEnvironment From(const std::function<std::optional<std::string>(const char* name)>& variable);
};

}  // namespace sleeper::net
