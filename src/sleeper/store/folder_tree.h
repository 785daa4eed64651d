#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/store/posix_file.h"

struct stat;

namespace sleeper::store {

/// Whether a store may lie on a file system that is not known to be local, where link() and fsync() may lie.
enum class NetworkFileSystems { kRefuse, kAllow };

/// The open folders from the root of a tree down to one of its folders. The tree must outlive it.
struct FolderChain {
  int root = -1;
  /// The folders below the root, and the name of each in the one before it.
  std::vector<FileDescriptor> folders;
  std::vector<std::string> names;

  int leaf() const { return folders.empty() ? root : folders.back().number(); }
  int parent_of(size_t level) const { return level == 0 ? root : folders[level - 1].number(); }
};

/// The absolute name of the folder `root`, if a store may lie there. It need not exist: the first write makes it.
/// kInvalid if it is no folder, or lies on a file system that is refused.
Result<std::string> CheckStoreRoot(const std::string& root, NetworkFileSystems network_file_systems);

/// Remembers a bounded number of folders and files whose entries are known to survive a power cut. Thread-safe.
class ConfirmedEntries {
 public:
  /// The time tells the thing apart from a later one that got the same inode number.
  struct Id {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t time = 0;

    friend bool operator==(const Id&, const Id&) = default;
  };

  bool Contains(const Id& id) const;
  void Insert(const Id& id);

 private:
  struct Hash {
    size_t operator()(const Id& id) const;
  };

  mutable Mutex mutex_;
  std::unordered_set<Id, Hash> ids_ SLEEPER_GUARDED_BY(mutex_);
};

/// The folders of a folder store, and what is known about their being on disk. Thread-safe.
///
/// Folders are made when an object needs them and removed when their last object goes. A removed folder takes no new
/// entries (link and mkdir in it fail with ENOENT), so whoever loses that race makes the folder again. Symbolic links
/// are never followed below the root.
class FolderTree {
 public:
  /// REQUIRES: `root` is what CheckStoreRoot answered.
  FolderTree(std::string root, SyncFunction sync) : root_(std::move(root)), sync_(std::move(sync)) {}

  /// The root itself, or nothing if it does not exist (yet).
  Result<std::optional<int>> Root();

  /// Makes the root, and its ancestors, if they do not exist; what exists afterwards survives a power cut.
  Result<int> MakeRoot();

  /// Opens the folder; nothing if it does not exist.
  Result<std::optional<FolderChain>> Find(std::span<const std::string> names);

  /// Opens the folder, and makes what does not exist of it. kInvalid if something else has the name of one of the
  /// folders.
  Result<FolderChain> Make(std::span<const std::string> names);

  /// Opens the folder `name` of the last folder of `chain` and appends it. False if there is no such folder.
  static Result<bool> Descend(FolderChain& chain, const std::string& name);

  /// Returns once every entry that the last folder of `chain` had at the time of the call, and that folder itself with
  /// all its ancestors, survives a power cut.
  Status Confirm(const FolderChain& chain);

  /// Confirms the entry of a file that was seen in the last folder of `chain`, where that is not known already.
  ///
  /// A writer removes the temporary name of its file only after it has synced the folder. So a file with one name is on
  /// disk, and only one with several needs a look: its writer is at work, was killed, or someone else made links to it.
  Status ConfirmEntry(const FolderChain& chain, const struct stat& file);

  /// Removes the last folder of `chain`, and its ancestors below the root, as far as they are empty.
  static void RemoveEmpty(const FolderChain& chain);

  /// Syncs the last folder of `chain`, so that what was removed from it stays away.
  Status SyncLast(const FolderChain& chain);

 private:
  Result<std::optional<FolderChain>> TryMake(int root, std::span<const std::string> names);

  const std::string root_;
  const SyncFunction sync_;
  ConfirmedEntries confirmed_folders_;
  ConfirmedEntries confirmed_files_;

  Mutex mutex_;
  // Once open it stays as it is.
  FileDescriptor root_folder_ SLEEPER_GUARDED_BY(mutex_);
};

/// How often an operation starts again because its folder was removed under it.
inline constexpr int kFolderTriesMax = 100;

}  // namespace sleeper::store
