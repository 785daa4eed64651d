#include "sleeper/exchange/find_objects.h"

#include <algorithm>
#include <fnmatch.h>

#include "sleeper/exchange/expand_inputs.h"
#include "sleeper/store/path_rules.h"

namespace sleeper::exchange {
namespace {

constexpr std::string_view kGlobCharacters = "*?[";

/// True if one of the names between the slashes of a path is passed over.
bool HasNamePassedOver(std::string_view path) {
  for (;;) {
    const size_t slash = path.find('/');
    if (IsPassedOver(path.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

/// What of a bucket is meant by a folder or a glob: where to look, and which keys count. Value.
class Selection {
 public:
  static Selection OfFolder(const std::string& folder) { return {folder, "", 0}; }

  static Selection OfGlob(std::string pattern) {
    while (pattern.ends_with('/')) pattern.pop_back();
    const auto depth = std::count(pattern.begin(), pattern.end(), '/');
    const std::string literal = pattern.substr(0, pattern.find_first_of(kGlobCharacters));
    return {literal, std::move(pattern), depth};
  }

  /// All keys that count begin with it.
  const std::string& prefix() const { return prefix_; }

  bool Contains(const std::string& key) const {
    if (pattern_.empty()) return !HasNamePassedOver(std::string_view(key).substr(prefix_.size()));
    // As much of the key as is as deep as the pattern: an object, or the folder that it is in.
    size_t end = key.find('/');
    for (auto slashes = depth_; slashes > 0 && end != std::string::npos; --slashes) end = key.find('/', end + 1);
    const std::string matched = key.substr(0, end);
    if (::fnmatch(pattern_.c_str(), matched.c_str(), FNM_PATHNAME | FNM_PERIOD) != 0) return false;
    const size_t last_slash = matched.rfind('/');
    return !HasNamePassedOver(std::string_view(key).substr(last_slash == std::string::npos ? 0 : last_slash + 1));
  }

 private:
  Selection(std::string prefix, std::string pattern, std::ptrdiff_t depth)
      : prefix_(std::move(prefix)), pattern_(std::move(pattern)), depth_(depth) {}

  std::string prefix_;
  /// Empty: a folder.
  std::string pattern_;
  /// Slashes in the pattern.
  std::ptrdiff_t depth_;
};

Result<std::vector<std::string>> ListSelected(store::ObjectStore& bucket, const Selection& selection,
                                              std::optional<InputFormat> format, const CallContext& call) {
  const store::ObjectPath prefix(selection.prefix());
  std::vector<std::string> keys;
  store::ObjectPath after;
  for (;;) {
    TRY_ASSIGN(const store::ListPage page, bucket.List(prefix, after, store::kListPageMax, call));
    for (const store::ObjectInfo& object : page.objects) {
      const std::string& key = object.path.value();
      if (!selection.Contains(key) || (!format && !FormatOfName(key))) continue;
      if (keys.size() == kInputsMax) return Error(ErrorKind::kExhausted, "more than ", kInputsMax, " input objects");
      keys.push_back(key);
    }
    if (!page.more || page.objects.empty()) return keys;
    after = page.objects.back().path;
  }
}

}  // namespace

bool IsPassedOver(std::string_view name) {
  return name.starts_with('.') || name.starts_with('_') || name.ends_with(".crc");
}

Result<std::vector<std::string>> FindObjects(store::ObjectStore& bucket, const std::string& text,
                                             std::optional<InputFormat> format, const CallContext& call) {
  if (!text.empty() && !text.ends_with('/')) {
    const Status named = bucket.Head(store::ObjectPath(text), call).status();
    if (named.ok()) return std::vector{text};
    if (!IsKind(named, ErrorKind::kNotFound)) return named;
  }
  const bool is_glob = text.find_first_of(kGlobCharacters) != std::string::npos;
  const std::string folder = text.empty() || text.ends_with('/') ? text : text + "/";
  TRY_ASSIGN(std::vector<std::string> keys,
             ListSelected(bucket, is_glob ? Selection::OfGlob(text) : Selection::OfFolder(folder), format, call));
  if (keys.empty()) return NothingFound(is_glob ? "no input matches" : "no such object, and no input below it");
  return keys;
}

}  // namespace sleeper::exchange
