#include "sleeper/store/folder_listing.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "sleeper/store/file_names.h"
#include "sleeper/store/object_stamp.h"

namespace sleeper::store {
namespace {

/// How often a folder is scanned that keeps changing. readdir is no snapshot: while others make and remove files, a
/// scan may show a new file and miss an older new one. What it may not miss is a file that was there before and stays.
/// So after the last scan the union of all is taken, which still keeps the promise of ObjectStore.
constexpr int kScansMax = 8;

/// A file or folder that may belong to the page. The key is its part of the path; that of a folder ends with "/", which
/// makes the order of the keys of a folder the order of all paths below it.
struct Entry {
  std::string key;
  std::string file_name;

  bool is_folder() const { return key.ends_with('/'); }
  friend bool operator<(const Entry& a, const Entry& b) { return a.key < b.key; }
  friend bool operator==(const Entry& a, const Entry& b) { return a.key == b.key; }
};

/// Orders a heap so that the least key is on top.
bool IsLater(const Entry& a, const Entry& b) { return b < a; }

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// Whether the entry is a file or a folder; nothing if it is neither, or gone.
std::optional<unsigned char> TypeOf(int folder, const dirent& entry) {
  if (entry.d_type == DT_REG || entry.d_type == DT_DIR) return entry.d_type;
  if (entry.d_type != DT_UNKNOWN) return std::nullopt;
  struct stat attributes;
  if (fstatat(folder, entry.d_name, &attributes, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (S_ISREG(attributes.st_mode)) return DT_REG;
  if (S_ISDIR(attributes.st_mode)) return DT_DIR;
  return std::nullopt;
}

/// When entries last came to a folder or left it.
struct FolderTime {
  std::timespec modified;
  std::timespec changed;

  friend bool operator==(const FolderTime& a, const FolderTime& b) {
    return a.modified.tv_sec == b.modified.tv_sec && a.modified.tv_nsec == b.modified.tv_nsec &&
           a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
  }
};

Result<FolderTime> TimeOf(int folder, const std::string& path) {
  struct stat attributes;
  if (fstat(folder, &attributes) != 0) return SystemError(errno, "inspect folder", path);
  return FolderTime{attributes.st_mtim, attributes.st_ctim};
}

/// Collects one page, folder by folder. Confined.
class Listing {
 public:
  Listing(FolderTree& tree, const PageRequest& request, const Clock& clock, const CallContext& call)
      : tree_(tree), request_(request), clock_(clock), call_(call) {}

  Result<ListPage> Run() {
    const size_t slash = request_.prefix.rfind('/');
    const std::string start = slash == std::string::npos ? "" : request_.prefix.substr(0, slash + 1);
    std::vector<std::string> names;
    for (size_t begin = 0; begin < start.size();) {
      const size_t end = start.find('/', begin);
      names.push_back(FileNameOf(std::string_view(start).substr(begin, end - begin)));
      if (names.back().size() > kFileNameBytesMax) return ListPage();
      begin = end + 1;
    }
    TRY_ASSIGN(std::optional<FolderChain> chain, tree_.Find(names));
    if (chain) TRY(ListFolder(*chain, start));
    return std::move(page_);
  }

 private:
  /// True if paths that start with `start` may belong to the page: all of them (`start` is a folder), or the one (a
  /// file).
  bool MayHold(std::string_view start, bool is_folder) const {
    const std::string_view prefix = request_.prefix;
    const std::string_view after = request_.after;
    if (!start.starts_with(prefix) && !(is_folder && prefix.starts_with(start))) return false;
    return start > after || (is_folder && after.starts_with(start));
  }

  /// The entries of one scan that may belong to the page, in any order.
  Result<std::vector<Entry>> Scan(int folder, const std::string& path) const {
    FileDescriptor open = OpenAt(folder, ".", O_RDONLY | O_DIRECTORY);
    if (!open.is_open()) {
      // A folder that was removed is an empty one.
      if (errno == ENOENT) return std::vector<Entry>();
      return SystemError(errno, "open folder", path);
    }
    const std::unique_ptr<DIR, CloseFolder> entries(fdopendir(open.number()));
    if (entries == nullptr) return SystemError(errno, "read folder", path);
    open.Release();
    std::vector<Entry> found;
    for (;;) {
      errno = 0;
      const dirent* entry = readdir(entries.get());
      if (entry == nullptr) break;
      std::optional<std::string> part = PartOf(entry->d_name);
      if (!part) continue;
      const std::optional<unsigned char> type = TypeOf(folder, *entry);
      if (!type) continue;
      const bool is_folder = *type == DT_DIR;
      if (is_folder) *part += '/';
      if (MayHold(path + *part, is_folder)) found.push_back({*std::move(part), entry->d_name});
    }
    if (errno != 0) return SystemError(errno, "read folder", path);
    return found;
  }

  /// The same from a scan during which the folder did not change, or of several.
  Result<std::vector<Entry>> ScanUnchanged(int folder, const std::string& path) const {
    std::vector<Entry> all;
    for (int i = 0; i < kScansMax; ++i) {
      TRY(call_.Check(clock_));
      TRY_ASSIGN(const FolderTime before, TimeOf(folder, path));
      TRY_ASSIGN(std::vector<Entry> found, Scan(folder, path));
      TRY_ASSIGN(const FolderTime after, TimeOf(folder, path));
      if (before == after) return found;
      all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
    }
    return all;
  }

  /// Adds the objects of the last folder of `chain`, whose paths start with `path`, until the page is full.
  Status ListFolder(FolderChain& chain, const std::string& path) {
    TRY_ASSIGN(std::vector<Entry> entries, ScanUnchanged(chain.leaf(), path));
    // A page needs few entries of a large folder: a heap gives the first ones without sorting the rest.
    std::make_heap(entries.begin(), entries.end(), IsLater);
    bool is_confirmed = true;
    while (!entries.empty() && !page_.more) {
      std::pop_heap(entries.begin(), entries.end(), IsLater);
      const Entry entry = std::move(entries.back());
      entries.pop_back();
      if (!entry.is_folder()) {
        TRY_ASSIGN(const bool is_on_disk, AddFile(chain, entry, path));
        is_confirmed = is_confirmed && is_on_disk;
        continue;
      }
      TRY_ASSIGN(const bool exists, FolderTree::Descend(chain, entry.file_name));
      if (!exists) continue;
      TRY(ListFolder(chain, path + entry.key));
      chain.folders.pop_back();
      chain.names.pop_back();
    }
    return is_confirmed ? Status::OK() : tree_.Confirm(chain);
  }

  /// Adds the file if it is an object. False if its entry is not known to be on disk.
  Result<bool> AddFile(const FolderChain& chain, const Entry& entry, const std::string& path) {
    struct stat attributes;
    if (fstatat(chain.leaf(), entry.file_name.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return true;
      return SystemError(errno, "inspect", path + entry.key);
    }
    if (!S_ISREG(attributes.st_mode)) return true;
    if (page_.objects.size() == request_.objects_max) {
      page_.more = true;
      return true;
    }
    page_.objects.push_back(InfoOf(ObjectPath(path + entry.key), attributes));
    return attributes.st_nlink == 1;
  }

  FolderTree& tree_;
  const PageRequest& request_;
  const Clock& clock_;
  const CallContext& call_;
  ListPage page_;
};

}  // namespace

Result<ListPage> ListFolders(FolderTree& tree, const PageRequest& request, const Clock& clock,
                             const CallContext& call) {
  return Listing(tree, request, clock, call).Run();
}

}  // namespace sleeper::store
