#include "sleeper/engine/location.h"

#include "sleeper/base/printable_text.h"

namespace sleeper::engine {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr std::string_view kS3Scheme = "s3://";

Status Refuse(std::string_view text, std::string_view why) {
  return WithHint(Error(ErrorKind::kInvalid, "location '", WithoutUser(text), "': ", why),
                  "a location is a folder, file:///FOLDER or s3://BUCKET/PREFIX");
}

/// Of a URL, what comes before "://" is a name, and not the first folders of a path.
bool LooksLikeUrl(std::string_view text) {
  const size_t colon = text.find("://");
  return colon != std::string_view::npos && text.find('/') > colon;
}

}  // namespace

Result<Location> Location::Parse(std::string_view text) {
  Location location;
  if (text.empty()) return Refuse(text, "it is empty");
  if (text.starts_with(kFileScheme)) {
    const std::string_view path = text.substr(kFileScheme.size());
    if (!path.starts_with('/')) return Refuse(text, "a file URL has three slashes and an absolute path");
    location.folder = std::string(path);
    return location;
  }
  if (text.starts_with(kS3Scheme)) {
    location.kind = Kind::kS3;
    const std::string_view rest = text.substr(kS3Scheme.size());
    const size_t slash = rest.find('/');
    location.bucket = std::string(rest.substr(0, slash));
    std::string_view prefix = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    location.prefix = std::string(prefix);
    if (location.bucket.empty()) return Refuse(text, "it names no bucket");
    return location;
  }
  if (LooksLikeUrl(text)) return Refuse(text, "its scheme is not known");
  location.folder = std::string(text);
  return location;
}

std::string Location::ToString() const {
  if (kind == Kind::kFolder) return folder;
  return std::string(kS3Scheme) + bucket + (prefix.empty() ? "" : "/" + prefix);
}

}  // namespace sleeper::engine
