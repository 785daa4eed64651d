#include "sleeper/store/folder_store.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <optional>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "sleeper/store/file_names.h"
#include "sleeper/store/folder_listing.h"
#include "sleeper/store/given_up_write.h"

namespace sleeper::store {
namespace {

Status NotFound(const ObjectPath& path) { return Error(ErrorKind::kNotFound, "there is no object '", path, "'"); }

Status NameIsTaken(const ObjectPath& path, mode_t mode) {
  return Error(ErrorKind::kInvalid, "'", path, "' cannot be an object: it is a ",
               S_ISDIR(mode) ? "folder of objects" : "special file");
}

}  // namespace

/// Streams into a temporary file.
class FolderStore::Writer final : public ObjectWriter {
 public:
  Writer(FolderStore& store, ObjectPath path, PutMode mode, TemporaryFile file)
      : store_(store), path_(std::move(path)), mode_(mode), file_(std::move(file)) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    TRY(call.Check(store_.clock_));
    return file_.Append(bytes.span());
  }

  Result<PutOutcome> Finish(const CallContext& call) override {
    TRY(call.Check(store_.clock_));
    TRY(file_.Seal(store_.stamps_.Next(), store_.options_.sync));
    TRY(call.Check(store_.clock_));
    return store_.Publish(file_, path_, mode_);
  }

 private:
  FolderStore& store_;
  const ObjectPath path_;
  const PutMode mode_;
  TemporaryFile file_;
};

Result<std::unique_ptr<FolderStore>> FolderStore::Open(const FolderStoreOptions& options, const Clock& clock,
                                                       Random& random) {
  FolderStoreOptions checked = options;
  TRY_ASSIGN(checked.root, CheckStoreRoot(options.root, options.network_file_systems));
  return std::make_unique<FolderStore>(checked, clock, random);
}

FolderStore::FolderStore(const FolderStoreOptions& options, const Clock& clock, Random& random)
    : options_(options), clock_(clock), random_(random), tree_(options.root, options.sync), stamps_(clock, random) {}

Result<FolderStore::OpenObject> FolderStore::OpenToRead(const ObjectPath& path, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const FilePlace place, PlaceOf(path));
  TRY_ASSIGN(const std::optional<FolderChain> chain, tree_.Find(place.folders));
  if (!chain) return NotFound(path);
  // Without O_NONBLOCK a named pipe that someone put there would block.
  FileDescriptor file = OpenAt(chain->leaf(), place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) return NotFound(path);
    return SystemError(errno, "read object", path.value());
  }
  struct stat attributes;
  if (fstat(file.number(), &attributes) != 0) return SystemError(errno, "inspect object", path.value());
  if (!S_ISREG(attributes.st_mode)) return NotFound(path);
  TRY(tree_.ConfirmEntry(*chain, attributes));
  return OpenObject{std::move(file), InfoOf(path, attributes)};
}

Result<Object> FolderStore::Get(const ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(OpenObject object, OpenToRead(path, call));
  TRY_ASSIGN(Buffer bytes, ReadFully(object.file.number(), {0, object.info.size}, path.value()));
  return Object{std::move(object.info), std::move(bytes)};
}

Result<Buffer> FolderStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  TRY_ASSIGN(const OpenObject object, OpenToRead(path, call));
  TRY(CheckRange(path, range, object.info.size));
  return ReadFully(object.file.number(), range, path.value());
}

Result<std::vector<Buffer>> FolderStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                   const CallContext& call) {
  TRY_ASSIGN(const OpenObject object, OpenToRead(path, call));
  for (const ByteRange range : ranges) TRY(CheckRange(path, range, object.info.size));
  if (ranges.size() > 1) {
    // The kernel reads all of them from the device at the same time; an advice that it does not take costs nothing.
    for (const ByteRange range : ranges) {
      static_cast<void>(posix_fadvise(object.file.number(), range.offset, range.size, POSIX_FADV_WILLNEED));
    }
  }
  std::vector<Buffer> buffers;
  buffers.reserve(ranges.size());
  for (const ByteRange range : ranges) {
    TRY(call.Check(clock_));
    TRY_ASSIGN(Buffer buffer, ReadFully(object.file.number(), range, path.value()));
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}

Result<int> FolderStore::PrepareToWrite() {
  if (is_prepared_.load(std::memory_order_acquire)) {
    TRY_ASSIGN(const std::optional<int> root, tree_.Root());
    return *root;
  }
  TRY_ASSIGN(const int root, tree_.MakeRoot());
  TRY(ProbeFileSystem(root, random_));
  is_prepared_.store(true, std::memory_order_release);
  return root;
}

Result<bool> FolderStore::Exists(const FolderChain& chain, const std::string& name, const ObjectPath& path) {
  struct stat attributes;
  if (fstatat(chain.leaf(), name.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return SystemError(errno, "inspect object", path.value());
  }
  // A folder without objects may be left over from a crash and is in nobody's way.
  if (S_ISDIR(attributes.st_mode) && unlinkat(chain.leaf(), name.c_str(), AT_REMOVEDIR) == 0) return false;
  if (!S_ISREG(attributes.st_mode)) return NameIsTaken(path, attributes.st_mode);
  TRY(tree_.ConfirmEntry(chain, attributes));
  return true;
}

Result<PutOutcome> FolderStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const FilePlace place, PlaceOf(path));
  TRY_ASSIGN(const int root, PrepareToWrite());
  if (mode == PutMode::kIfAbsent) {
    // Saves whoever comes late the work; whoever is in time is decided by link().
    TRY_ASSIGN(const std::optional<FolderChain> chain, tree_.Find(place.folders));
    if (chain) {
      TRY_ASSIGN(const bool exists, Exists(*chain, place.name, path));
      if (exists) return PutOutcome::kExists;
    }
  }
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::Create(root, path, random_));
  TRY(file.Append(bytes.span()));
  TRY(file.Seal(stamps_.Next(), options_.sync));
  TRY(call.Check(clock_));
  return Publish(file, path, mode);
}

Result<std::unique_ptr<ObjectWriter>> FolderStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                              const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const FilePlace place, PlaceOf(path));
  TRY_ASSIGN(const int root, PrepareToWrite());
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::Create(root, path, random_));
  return std::make_unique<Writer>(*this, path, mode, std::move(file));
}

Result<PutOutcome> FolderStore::Publish(TemporaryFile& file, const ObjectPath& path, PutMode mode) {
  TRY_ASSIGN(const FilePlace place, PlaceOf(path));
  for (int i = 0; i < kFolderTriesMax; ++i) {
    auto chain = tree_.Make(place.folders);
    if (!chain.ok()) return WithContext(chain.status(), "cannot write object '" + path.value() + "'");
    const int error =
        mode == PutMode::kIfAbsent ? file.Link(chain->leaf(), place.name) : file.LinkOver(chain->leaf(), place.name);
    if (error == 0) {
      const Status confirmed = tree_.Confirm(*chain);
      if (confirmed.ok()) return PutOutcome::kCreated;
      // The object is visible, but may not survive.
      file.Keep();
      return WithKind(confirmed, ErrorKind::kOutcomeUnknown);
    }
    if (error == EEXIST || error == EISDIR) {
      TRY_ASSIGN(const bool exists, Exists(*chain, place.name, path));
      if (exists && mode == PutMode::kIfAbsent) return PutOutcome::kExists;
    } else if (error != ENOENT) {
      const Status status = SystemError(error, "write object", path.value());
      return error == EIO ? WithKind(status, ErrorKind::kOutcomeUnknown) : status;
    } else if (file.IsDropped()) {
      return WriteWasGivenUp(path);
    }
  }
  return Error(ErrorKind::kUnavailable, "the folder of object '", path, "' was removed again and again");
}

Result<ObjectInfo> FolderStore::Head(const ObjectPath& path, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY_ASSIGN(const FilePlace place, PlaceOf(path));
  TRY_ASSIGN(const std::optional<FolderChain> chain, tree_.Find(place.folders));
  if (!chain) return NotFound(path);
  struct stat attributes;
  if (fstatat(chain->leaf(), place.name.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? NotFound(path) : SystemError(errno, "inspect object", path.value());
  }
  if (!S_ISREG(attributes.st_mode)) return NotFound(path);
  TRY(tree_.ConfirmEntry(*chain, attributes));
  return InfoOf(path, attributes);
}

Result<ListPage> FolderStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                   const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckListArguments(prefix, after, keys_max));
  const auto objects_max = static_cast<size_t>(std::min(keys_max, options_.list_page_max));
  return ListFolders(tree_, {prefix.value(), after.value(), objects_max}, clock_, call);
}

Status FolderStore::DeleteFrom(const std::vector<std::string>& folder, const std::vector<std::string>& names) {
  TRY_ASSIGN(const std::optional<FolderChain> chain, tree_.Find(folder));
  if (!chain) return Status::OK();
  bool is_changed = false;
  for (const std::string& name : names) {
    struct stat attributes;
    if (fstatat(chain->leaf(), name.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return SystemError(errno, "inspect object", name);
    }
    if (!S_ISREG(attributes.st_mode)) continue;
    if (unlinkat(chain->leaf(), name.c_str(), 0) != 0 && errno != ENOENT)
      return SystemError(errno, "delete object", name);
    is_changed = true;
  }
  if (!is_changed) return Status::OK();
  if (const Status synced = tree_.SyncLast(*chain); !synced.ok()) return WithKind(synced, ErrorKind::kOutcomeUnknown);
  FolderTree::RemoveEmpty(*chain);
  return Status::OK();
}

Status FolderStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  std::map<std::vector<std::string>, std::vector<std::string>> names_by_folder;
  for (const ObjectPath& path : paths) {
    TRY_ASSIGN(FilePlace place, PlaceOf(path));
    names_by_folder[std::move(place.folders)].push_back(std::move(place.name));
  }
  for (const auto& [folder, names] : names_by_folder) {
    TRY(call.Check(clock_));
    TRY(DeleteFrom(folder, names));
  }
  return Status::OK();
}

Status FolderStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  TRY(call.Check(clock_));
  TRY(CheckListPrefix(prefix));
  TRY_ASSIGN(const std::optional<int> root, tree_.Root());
  if (!root) return Status::OK();
  return DropTemporaryFiles(*root, prefix, clock_.Now() - age);
}

}  // namespace sleeper::store
