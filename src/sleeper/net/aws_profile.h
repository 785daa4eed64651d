#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/net/aws_environment.h"

namespace sleeper::net {

/// Settings of one profile of the shared files. Immutable value. It may hold secrets: it is not to be printed.
class AwsProfile {
 public:
  /// Reads the profile that the environment names ("default" if none) from the credentials file and the config file;
  /// the former wins. Files that do not exist hold nothing. kInvalid if a profile is named and is in neither.
  static Result<AwsProfile> Read(const AwsEnvironment& environment);

  /// Reads it from the texts of the two files.
  static AwsProfile Parse(std::string_view name, std::string_view credentials_text, std::string_view config_text);

  const std::string& name() const { return name_; }

  /// A setting, also a nested one: "region", "s3.addressing_style".
  std::optional<std::string> Setting(std::string_view key) const;
  bool empty() const { return settings_.empty(); }

 private:
  std::string name_;
  std::map<std::string, std::string, std::less<>> settings_;
};

/// The text of a small file. kNotFound if there is none, kInvalid if it is too large or cannot be read.
Result<std::string> ReadSmallFile(const std::string& path);

}  // namespace sleeper::net
