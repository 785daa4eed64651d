#include "sleeper/net/aws_profile.h"

#include <filesystem>
#include <fstream>

namespace sleeper::net {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;
constexpr std::string_view kBlanks = " \t\r";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The value without a comment, which starts with "#" or ";" after a blank.
std::string_view WithoutComment(std::string_view value) {
  for (size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t'))
      return value.substr(0, i);
  }
  return value;
}

/// Goes through the lines of a file in the form of AWS: sections in brackets, "key = value", and lines that belong to a
/// key above them which has no value, since they are indented further than it is.
class SectionReader {
 public:
  SectionReader(std::string_view section, std::map<std::string, std::string, std::less<>>& settings)
      : section_(section), settings_(settings) {}

  void Read(std::string_view text) {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      ReadLine(text.substr(0, end));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }

 private:
  void ReadLine(std::string_view line) {
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty() || trimmed.front() == '#' || trimmed.front() == ';') return;
    if (trimmed.front() == '[') {
      const std::string_view name = trimmed.substr(1, trimmed.find(']') - 1);
      is_inside_ = Trim(name) == section_;
      parent_.clear();
      return;
    }
    const size_t equals = trimmed.find('=');
    if (!is_inside_ || equals == std::string_view::npos) return;
    const size_t indent = line.find_first_not_of(kBlanks);
    std::string key(Trim(trimmed.substr(0, equals)));
    const std::string_view value = Trim(WithoutComment(trimmed.substr(equals + 1)));
    if (!parent_.empty() && indent > parent_indent_) {
      key = parent_ + "." + key;
    } else {
      parent_ = value.empty() ? key : "";
      parent_indent_ = indent;
    }
    if (!value.empty()) settings_.insert_or_assign(std::move(key), std::string(value));
  }

  const std::string section_;
  std::map<std::string, std::string, std::less<>>& settings_;
  bool is_inside_ = false;
  /// The key that lines below belong to, if there is one, and how far it is indented.
  std::string parent_;
  size_t parent_indent_ = 0;
};

Result<std::string> ReadIfThere(const std::optional<std::string>& path) {
  if (!path) return "";
  Result<std::string> text = ReadSmallFile(*path);
  if (IsKind(text.status(), ErrorKind::kNotFound)) return "";
  return text;
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) return Error(ErrorKind::kNotFound, "there is no file ", path);
  std::ifstream file(path, std::ios::binary);
  // Read rather than asked for its size, which a device such as /dev/null does not have.
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && !file.good()) return Error(ErrorKind::kInvalid, "file ", path, " cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) return Error(ErrorKind::kInvalid, "file ", path, " is longer than 1 MiB");
  return text;
}

AwsProfile AwsProfile::Parse(std::string_view name, std::string_view credentials_text, std::string_view config_text) {
  AwsProfile profile;
  profile.name_ = std::string(name);
  if (name == "default") SectionReader("default", profile.settings_).Read(config_text);
  SectionReader("profile " + std::string(name), profile.settings_).Read(config_text);
  SectionReader(name, profile.settings_).Read(credentials_text);
  return profile;
}

Result<AwsProfile> AwsProfile::Read(const AwsEnvironment& environment) {
  TRY_ASSIGN(const std::string credentials, ReadIfThere(environment.credentials_file));
  TRY_ASSIGN(const std::string config, ReadIfThere(environment.config_file));
  AwsProfile profile = Parse(environment.profile.value_or("default"), credentials, config);
  if (environment.profile && profile.empty()) {
    return WithHint(Error(ErrorKind::kInvalid, "AWS_PROFILE names profile '", *environment.profile,
                          "', which is in neither of the shared files"),
                    "the files are ~/.aws/credentials and ~/.aws/config");
  }
  return profile;
}

std::optional<std::string> AwsProfile::Setting(std::string_view key) const {
  const auto found = settings_.find(key);
  if (found == settings_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sleeper::net
