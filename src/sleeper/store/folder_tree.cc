#include "sleeper/store/folder_tree.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>
#include <sys/vfs.h>

#include "sleeper/store/file_system_kind.h"

namespace sleeper::store {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr unsigned kFolderMode = 0777;

/// About 3 MB.
constexpr size_t kConfirmedEntriesMax = 65'536;

/// True if `error` says that there is no such folder: nothing, or a file or symbolic link instead.
bool IsAbsence(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP; }

/// Who this folder is; nothing on file systems that do not tell when a folder was made.
std::optional<ConfirmedEntries::Id> IdOfFolder(int folder) {
  struct statx attributes;
  if (statx(folder, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &attributes) != 0) return std::nullopt;
  if ((attributes.stx_mask & STATX_BTIME) == 0) return std::nullopt;
  return ConfirmedEntries::Id{uint64_t{attributes.stx_dev_major} << 32 | attributes.stx_dev_minor, attributes.stx_ino,
                              attributes.stx_btime.tv_sec * 1'000'000'000 + attributes.stx_btime.tv_nsec};
}

/// The first of `path` and its ancestors that exists.
std::filesystem::path NearestExisting(std::filesystem::path path) {
  std::error_code ignored;
  while (!std::filesystem::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Status CheckFileSystem(const std::string& root, const std::string& existing) {
  struct statfs attributes;
  if (statfs(existing.c_str(), &attributes) != 0) return SystemError(errno, "inspect", existing);
  const FileSystemKind kind = FileSystemKindOf(static_cast<uint64_t>(attributes.f_type) & 0xffffffffU);
  if (kind.is_local) return Status::OK();
  return WithHint(
      Error(ErrorKind::kInvalid, "'", root, "' lies on a file system that is not known to be local: ", kind.name),
      "Such file systems may lose what they acknowledged. Use a local disk or an object store, or insist.");
}

/// Makes the folder `path` and its ancestors.
Status MakeFolders(const std::filesystem::path& path) {
  if (mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST) return Status::OK();
  if (errno != ENOENT || !path.has_relative_path()) return SystemError(errno, "make folder", path.native());
  TRY(MakeFolders(path.parent_path()));
  if (mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST) return Status::OK();
  return SystemError(errno, "make folder", path.native());
}

/// Syncs the folders that hold `path` and its ancestors, as far up as this process may read them. All of them: another
/// process may have made them a moment ago.
Status SyncAncestors(const std::filesystem::path& path, const SyncFunction& sync) {
  for (std::filesystem::path folder = path; folder.has_relative_path();) {
    folder = folder.parent_path();
    const FileDescriptor open = OpenAt(AT_FDCWD, folder.native(), O_RDONLY | O_DIRECTORY);
    if (!open.is_open()) return Status::OK();
    const int error = sync(open.number());
    // Folders of the system may lie on file systems that are never written.
    if (error != 0 && error != EINVAL && error != EROFS) return SystemError(error, "sync folder", folder.native());
  }
  return Status::OK();
}

}  // namespace

size_t ConfirmedEntries::Hash::operator()(const Id& id) const {
  return static_cast<size_t>((id.inode * 0x9e3779b97f4a7c15U) ^ id.device ^ static_cast<uint64_t>(id.time));
}

bool ConfirmedEntries::Contains(const Id& id) const {
  MutexLock lock(mutex_);
  return ids_.contains(id);
}

void ConfirmedEntries::Insert(const Id& id) {
  MutexLock lock(mutex_);
  // What is forgotten is synced once more.
  if (ids_.size() >= kConfirmedEntriesMax) ids_.clear();
  ids_.insert(id);
}

Result<std::string> CheckStoreRoot(const std::string& root, NetworkFileSystems network_file_systems) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(root, error).lexically_normal();
  if (root.empty() || error) return Error(ErrorKind::kInvalid, "this is no name of a folder: '", root, "'");
  if (!path.has_filename()) path = path.parent_path();
  const std::filesystem::path existing = NearestExisting(path);
  if (!std::filesystem::is_directory(existing, error) && !error) {
    return Error(ErrorKind::kInvalid, "'", existing.native(), "' is not a folder");
  }
  if (network_file_systems == NetworkFileSystems::kRefuse) TRY(CheckFileSystem(path.native(), existing.native()));
  return path.native();
}

Result<std::optional<int>> FolderTree::Root() {
  {
    MutexLock lock(mutex_);
    if (root_folder_.is_open()) return root_folder_.number();
  }
  FileDescriptor folder = OpenAt(AT_FDCWD, root_, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return SystemError(errno, "open folder", root_);
  }
  MutexLock lock(mutex_);
  if (!root_folder_.is_open()) root_folder_ = std::move(folder);
  return root_folder_.number();
}

Result<int> FolderTree::MakeRoot() {
  TRY(MakeFolders(root_));
  TRY(SyncAncestors(root_, sync_));
  TRY_ASSIGN(const std::optional<int> root, Root());
  if (!root) return Error(ErrorKind::kNotFound, "the folder was removed meanwhile: '", root_, "'");
  return *root;
}

Result<bool> FolderTree::Descend(FolderChain& chain, const std::string& name) {
  FileDescriptor folder = OpenAt(chain.leaf(), name, kOpenFolder);
  if (!folder.is_open()) {
    if (IsAbsence(errno)) return false;
    return SystemError(errno, "open folder", name);
  }
  chain.folders.push_back(std::move(folder));
  chain.names.push_back(name);
  return true;
}

Result<std::optional<FolderChain>> FolderTree::Find(std::span<const std::string> names) {
  TRY_ASSIGN(const std::optional<int> root, Root());
  if (!root) return std::nullopt;
  FolderChain chain;
  chain.root = *root;
  for (const std::string& name : names) {
    TRY_ASSIGN(const bool exists, Descend(chain, name));
    if (!exists) return std::nullopt;
  }
  return chain;
}

Result<std::optional<FolderChain>> FolderTree::TryMake(int root, std::span<const std::string> names) {
  FolderChain chain;
  chain.root = root;
  for (const std::string& name : names) {
    TRY_ASSIGN(bool exists, Descend(chain, name));
    if (!exists) {
      if (mkdirat(chain.leaf(), name.c_str(), kFolderMode) != 0 && errno != EEXIST) {
        if (errno == ENOENT) return std::nullopt;
        return SystemError(errno, "make folder", name);
      }
      TRY_ASSIGN(exists, Descend(chain, name));
    }
    if (!exists) {
      struct stat other;
      if (fstatat(chain.leaf(), name.c_str(), &other, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
      if (S_ISDIR(other.st_mode)) return std::nullopt;
      return Error(ErrorKind::kInvalid, "'", name,
                   "' is an object or another file, so it cannot be a folder of objects");
    }
  }
  return chain;
}

Result<FolderChain> FolderTree::Make(std::span<const std::string> names) {
  TRY_ASSIGN(const std::optional<int> root, Root());
  if (!root) return Error(ErrorKind::kNotFound, "there is no folder '", root_, "'");
  for (int i = 0; i < kFolderTriesMax; ++i) {
    TRY_ASSIGN(std::optional<FolderChain> chain, TryMake(*root, names));
    if (chain) return *std::move(chain);
  }
  return Error(ErrorKind::kUnavailable, "a folder was removed again and again while it was made: '",
               names.empty() ? root_ : names.back(), "'");
}

Status FolderTree::SyncLast(const FolderChain& chain) {
  const int error = sync_(chain.leaf());
  if (error == 0) return Status::OK();
  return SystemError(error, "sync folder", chain.names.empty() ? root_ : chain.names.back());
}

Status FolderTree::Confirm(const FolderChain& chain) {
  TRY(SyncLast(chain));
  for (size_t level = 0; level < chain.folders.size(); ++level) {
    const std::optional<ConfirmedEntries::Id> id = IdOfFolder(chain.folders[level].number());
    if (id && confirmed_folders_.Contains(*id)) continue;
    if (const int error = sync_(chain.parent_of(level)); error != 0) {
      return SystemError(error, "sync the folder of", chain.names[level]);
    }
    if (id) confirmed_folders_.Insert(*id);
  }
  return Status::OK();
}

Status FolderTree::ConfirmEntry(const FolderChain& chain, const struct stat& file) {
  if (file.st_nlink <= 1) return Status::OK();
  const ConfirmedEntries::Id id{file.st_dev, file.st_ino, file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec};
  if (confirmed_files_.Contains(id)) return Status::OK();
  TRY(Confirm(chain));
  confirmed_files_.Insert(id);
  return Status::OK();
}

void FolderTree::RemoveEmpty(const FolderChain& chain) {
  for (size_t level = chain.folders.size(); level-- > 0;) {
    if (unlinkat(chain.parent_of(level), chain.names[level].c_str(), AT_REMOVEDIR) != 0) return;
  }
}

}  // namespace sleeper::store
