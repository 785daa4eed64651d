#include "sleeper/net/aws_environment.h"

namespace sleeper::net {

AwsEnvironment AwsEnvironment::From(const std::function<std::optional<std::string>(const char* name)>& variable) {
  const auto first_of = [&](const char* name, const char* other) {
    std::optional<std::string> value = variable(name);
    return value ? value : variable(other);
  };
  const auto in_home = [&](const char* name, const char* path) {
    std::optional<std::string> value = variable(name);
    const std::optional<std::string> home = variable("HOME");
    if (!value && home) value = *home + path;
    return value;
  };
  AwsEnvironment environment;
  environment.access_key_id = variable("AWS_ACCESS_KEY_ID");
  environment.secret_access_key = Secret(variable("AWS_SECRET_ACCESS_KEY").value_or(""));
  environment.session_token = Secret(variable("AWS_SESSION_TOKEN").value_or(""));
  environment.region = first_of("AWS_REGION", "AWS_DEFAULT_REGION");
  environment.s3_endpoint = first_of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  environment.sts_endpoint = first_of("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL");
  environment.certificate_bundle = variable("AWS_CA_BUNDLE");
  environment.attempts_max = variable("AWS_MAX_ATTEMPTS");
  environment.profile = first_of("AWS_PROFILE", "AWS_DEFAULT_PROFILE");
  environment.credentials_file = in_home("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  environment.config_file = in_home("AWS_CONFIG_FILE", "/.aws/config");
  environment.web_identity_token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  environment.role_arn = variable("AWS_ROLE_ARN");
  environment.role_session_name = variable("AWS_ROLE_SESSION_NAME");
  environment.container_relative_uri = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  environment.container_full_uri = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  environment.container_token = Secret(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(""));
  environment.container_token_file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  environment.instance_metadata_disabled = variable("AWS_EC2_METADATA_DISABLED") == "true";
  return environment;
}

}  // namespace sleeper::net
