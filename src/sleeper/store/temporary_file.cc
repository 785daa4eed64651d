#include "sleeper/store/temporary_file.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "sleeper/store/file_names.h"

namespace sleeper::store {
namespace {

constexpr unsigned kFileMode = 0666;
constexpr unsigned kFolderMode = 0777;
constexpr int kRandomDigits = 16;
constexpr char kSeparator = '~';

/// How much of an object's path the name of its temporary file tells: what is left besides the digits and two
/// separators.
constexpr size_t kToldBytesMax = kFileNameBytesMax - kRandomDigits - 2;

/// What a temporary name tells of the object: its path escaped, and cut if it is long.
std::string ToldOf(const ObjectPath& path) {
  std::string told = Escape(path.value(), "/");
  if (told.size() <= kToldBytesMax) return told;
  told.resize(kToldBytesMax);
  // Not in the middle of an escaped byte.
  if (const size_t percent = told.find('%', kToldBytesMax - 2); percent != std::string::npos) told.resize(percent);
  return told;
}

/// The beginning of the object path that a temporary name tells; nothing if the name is not one of ours.
std::optional<std::string> ObjectOf(std::string_view name) {
  if (name.size() <= kRandomDigits || name[kRandomDigits] != kSeparator) return std::nullopt;
  return Unescape(name.substr(kRandomDigits + 1));
}

WallTime ModifiedAt(const struct stat& attributes) {
  return WallTime(std::chrono::floor<Duration>(std::chrono::seconds(attributes.st_mtim.tv_sec) +
                                               std::chrono::nanoseconds(attributes.st_mtim.tv_nsec)));
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

Result<TemporaryFile> TemporaryFile::Create(int root, const ObjectPath& path, Random& random) {
  std::string name = std::string(kTemporaryFolder) + "/" + random.Hex(kRandomDigits) + kSeparator + ToldOf(path);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  FileDescriptor file = OpenAt(root, name, kFlags, kFileMode);
  if (!file.is_open() && errno == ENOENT) {
    if (mkdirat(root, kTemporaryFolder, kFolderMode) != 0 && errno != EEXIST) {
      return SystemError(errno, "make folder", kTemporaryFolder);
    }
    file = OpenAt(root, name, kFlags, kFileMode);
  }
  if (!file.is_open()) return SystemError(errno, "write a temporary file for object", path.value());
  return TemporaryFile(root, std::move(file), std::move(name), path.value());
}

TemporaryFile::~TemporaryFile() {
  if (file_.is_open() && !is_kept_) unlinkat(root_, name_.c_str(), 0);
}

Status TemporaryFile::Append(std::span<const uint8_t> bytes) { return WriteFully(file_.number(), bytes, object_); }

Status TemporaryFile::Seal(std::timespec modified, const SyncFunction& sync) {
  const std::timespec times[2] = {modified, modified};
  if (futimens(file_.number(), times) != 0) return SystemError(errno, "set the time of", object_);
  if (const int error = sync(file_.number()); error != 0) return SystemError(error, "sync", object_);
  return Status::OK();
}

int TemporaryFile::Link(int folder, const std::string& name) const {
  return linkat(root_, name_.c_str(), folder, name.c_str(), 0) == 0 ? 0 : errno;
}

int TemporaryFile::LinkOver(int folder, const std::string& name) const {
  // link() replaces nothing, so a second temporary name is made and moved.
  const std::string second = name_ + kSeparator;
  if (linkat(root_, name_.c_str(), root_, second.c_str(), 0) != 0 && errno != EEXIST) return errno;
  if (renameat(root_, second.c_str(), folder, name.c_str()) == 0) return 0;
  const int error = errno;
  unlinkat(root_, second.c_str(), 0);
  return error;
}

bool TemporaryFile::IsDropped() const {
  struct stat attributes;
  return fstatat(root_, name_.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

Status DropTemporaryFiles(int root, const ObjectPath& prefix, WallTime oldest_kept) {
  FileDescriptor open = OpenAt(root, kTemporaryFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!open.is_open()) return errno == ENOENT ? Status::OK() : SystemError(errno, "open folder", kTemporaryFolder);
  const int number = open.number();
  const std::unique_ptr<DIR, CloseFolder> folder(fdopendir(number));
  if (folder == nullptr) return SystemError(errno, "read folder", kTemporaryFolder);
  open.Release();

  bool is_synced = false;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const std::optional<std::string> object = ObjectOf(entry->d_name);
    if (!object || !object->starts_with(prefix.value())) continue;
    struct stat attributes;
    if (fstatat(number, entry->d_name, &attributes, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISREG(attributes.st_mode) || ModifiedAt(attributes) > oldest_kept) continue;
    if (attributes.st_nlink > 1 && !is_synced) {
      // Its object is visible, and this name tells readers that it may not be on disk. So it must be before the name
      // goes.
      if (syncfs(root) != 0) return SystemError(errno, "sync the file system of", kTemporaryFolder);
      is_synced = true;
    }
    if (unlinkat(number, entry->d_name, 0) != 0 && errno != ENOENT) return SystemError(errno, "remove", entry->d_name);
  }
  return errno == 0 ? Status::OK() : SystemError(errno, "read folder", kTemporaryFolder);
}

Status ProbeFileSystem(int root, Random& random) {
  const auto lacks = [](std::string_view what) {
    return WithHint(Error(ErrorKind::kInvalid, "the file system is not fit for a folder store: it ", what),
                    "Use a folder on ext4, xfs or btrfs, or an object store.");
  };
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::Create(root, ObjectPath("probe"), random));

  struct stat attributes;
  if (fstat(file.number(), &attributes) != 0) return SystemError(errno, "inspect", file.name());
  // Not far from now: a file that looks old might be removed as abandoned.
  const std::timespec time = {attributes.st_mtim.tv_sec, 123'456'789};
  const std::timespec times[2] = {time, time};
  if (futimens(file.number(), times) != 0 || fstat(file.number(), &attributes) != 0) {
    return SystemError(errno, "set the time of", file.name());
  }
  if (attributes.st_mtim.tv_sec != time.tv_sec || attributes.st_mtim.tv_nsec != time.tv_nsec) {
    return lacks("does not keep modification times to the nanosecond");
  }

  const std::string second = file.name() + kSeparator;
  if (linkat(root, file.name().c_str(), root, second.c_str(), 0) != 0) {
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) return lacks("has no hard links");
    return SystemError(errno, "link", file.name());
  }
  const bool is_counted = fstat(file.number(), &attributes) == 0 && attributes.st_nlink == 2;
  unlinkat(root, second.c_str(), 0);
  if (!is_counted) return lacks("does not count hard links");

  std::string other_case = file.name();
  other_case.replace(other_case.size() - 5, 5, "PROBE");
  if (fstatat(root, other_case.c_str(), &attributes, AT_SYMLINK_NOFOLLOW) == 0)
    return lacks("takes names that differ in case for one");
  return Status::OK();
}

}  // namespace sleeper::store
