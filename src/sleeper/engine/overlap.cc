#include "sleeper/engine/overlap.h"

#include <deque>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sleeper/state/layout.h"
#include "sleeper/store/path_rules.h"

namespace sleeper::engine {
namespace {

/// Sorts after every character that a path may hold.
constexpr std::string_view kLastCharacter = "\U0010FFFF";

/// What one look into a folder finds.
struct FolderContents {
  bool is_instance = false;
  /// Each ends with "/".
  std::vector<std::string> folders;
};

/// Looks into folders, within a number of listings that all of them share. Confined.
class FolderSearch {
 public:
  FolderSearch(store::ObjectStore& store, const CallContext& call) : store_(store), call_(call) {}

  bool is_exhausted() const { return listings_left_ == 0; }

  /// `folder` is empty or ends with "/". Folders inside it are passed over as a whole.
  Result<FolderContents> LookInto(const std::string& folder) {
    FolderContents contents;
    store::ObjectPath after;
    while (listings_left_ > 0) {
      --listings_left_;
      TRY_ASSIGN(const store::ListPage page, store_.List(store::ObjectPath(folder), after, store::kListPageMax, call_));
      for (const store::ObjectInfo& object : page.objects) Note(object.path.value(), folder, contents);
      if (!page.more || page.objects.empty() || contents.is_instance) break;
      after = page.objects.back().path;
      const bool is_inside_a_folder = !contents.folders.empty() && after.value().starts_with(contents.folders.back());
      if (is_inside_a_folder) after = store::ObjectPath(contents.folders.back() + std::string(kLastCharacter));
    }
    return contents;
  }

 private:
  static void Note(const std::string& path, const std::string& folder, FolderContents& contents) {
    if (path == folder + state::InstanceFilePath().value()) contents.is_instance = true;
    const size_t slash = path.find('/', folder.size());
    if (slash == std::string::npos) return;
    std::string inner = path.substr(0, slash + 1);
    if (contents.folders.empty() || contents.folders.back() != inner) contents.folders.push_back(std::move(inner));
  }

  store::ObjectStore& store_;
  const CallContext& call_;
  int listings_left_ = kOverlapListingsMax;
};

Result<std::optional<Location>> FindFolderAbove(const Location& location) {
  std::error_code failure;
  std::filesystem::path folder = std::filesystem::weakly_canonical(location.folder, failure);
  if (failure) folder = std::filesystem::absolute(location.folder, failure);
  if (failure) return std::nullopt;
  while (folder.has_parent_path() && folder != folder.root_path()) {
    folder = folder.parent_path();
    if (std::filesystem::exists(folder / state::InstanceFilePath().value(), failure)) {
      return Location{.kind = Location::Kind::kFolder, .folder = folder.string(), .bucket = {}, .prefix = {}};
    }
  }
  return std::nullopt;
}

Result<std::optional<Location>> FindPrefixAbove(const Location& location, const MachineOptions& options,
                                                const StorePorts& ports, const CallContext& call) {
  Location above = location;
  while (!above.prefix.empty()) {
    const size_t slash = above.prefix.rfind('/');
    above.prefix.resize(slash == std::string::npos ? 0 : slash);
    TRY_ASSIGN(const OpenedStore opened, OpenStore(above, options, StorePurpose::kInstance, ports));
    const Status found = opened.objects().Head(state::InstanceFilePath(), call).status();
    if (found.ok()) return above;
    if (!IsKind(found, ErrorKind::kNotFound) && !IsKind(found, ErrorKind::kDenied)) return found;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> FindInstanceBelow(store::ObjectStore& store, const CallContext& call) {
  FolderSearch search(store, call);
  std::deque<std::string> folders = {""};
  while (!folders.empty() && !search.is_exhausted()) {
    const std::string folder = std::move(folders.front());
    folders.pop_front();
    TRY_ASSIGN(FolderContents contents, search.LookInto(folder));
    if (contents.is_instance && !folder.empty()) return folder;
    for (std::string& inner : contents.folders) folders.push_back(std::move(inner));
  }
  return std::nullopt;
}

Result<std::optional<Location>> FindInstanceAbove(const Location& location, const MachineOptions& options,
                                                  const StorePorts& ports, const CallContext& call) {
  if (location.kind == Location::Kind::kFolder) return FindFolderAbove(location);
  return FindPrefixAbove(location, options, ports, call);
}

Status RefuseOverlap(const Location& location, store::ObjectStore& store, const MachineOptions& options,
                     const StorePorts& ports, const CallContext& call) {
  TRY_ASSIGN(const std::optional<Location> above, FindInstanceAbove(location, options, ports, call));
  if (above) {
    return WithHint(Error(ErrorKind::kConflict, location.ToString(), " lies inside the instance ", above->ToString()),
                    "an instance owns all that is under its root: choose a place beside it");
  }
  TRY_ASSIGN(const std::optional<std::string> below, FindInstanceBelow(store, call));
  if (below) {
    return WithHint(Error(ErrorKind::kConflict, "there is an instance below ", location.ToString(), ", at ", *below),
                    "an instance owns all that is under its root: choose a place beside it");
  }
  return Status::OK();
}

}  // namespace sleeper::engine
