#include "sleeper/store/folder_scratch.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>

namespace sleeper::store {
namespace {

constexpr std::string_view kFolderPrefix = "sleeper-scratch-";
constexpr int kRandomDigits = 16;

/// A fresh folder can only be lost to someone who clears up between its making and its locking.
constexpr int kFolderTriesMax = 100;

/// A file that goes when its owner does. Confined.
class ScratchFile {
 public:
  explicit ScratchFile(std::string name) : name_(std::move(name)) {}
  ScratchFile(ScratchFile&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile() {
    if (!name_.empty()) unlink(name_.c_str());
  }

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// Opens its file for every read: a merge reads blocks of a megabyte, and a sort may have more runs than a process
/// files.
class FileRun final : public ScratchRun {
 public:
  FileRun(ScratchFile file, ScratchShare share) : file_(std::move(file)), share_(std::move(share)) {}

  int64_t size() const override { return share_.bytes(); }

  Result<Buffer> Read(ByteRange range, const CallContext& /*call*/) const override {
    TRY(CheckScratchRange(range, size()));
    const FileDescriptor open = OpenAt(AT_FDCWD, file_.name(), O_RDONLY | O_NOFOLLOW);
    if (!open.is_open()) return SystemError(errno, "read scratch file", file_.name());
    return ReadFully(open.number(), range, file_.name());
  }

 private:
  ScratchFile file_;
  ScratchShare share_;
};

class FileRunWriter final : public ScratchWriter {
 public:
  FileRunWriter(ScratchFile file, FileDescriptor open, ScratchBudget& budget)
      : file_(std::move(file)), open_(std::move(open)), share_(budget) {}

  Status Append(std::span<const uint8_t> bytes, const CallContext& /*call*/) override {
    TRY(share_.Take(static_cast<int64_t>(bytes.size())));
    return WriteFully(open_.number(), bytes, file_.name());
  }

  Result<std::unique_ptr<ScratchRun>> Finish(const CallContext& /*call*/) override {
    return std::make_unique<FileRun>(std::move(file_), std::move(share_));
  }

 private:
  ScratchFile file_;
  FileDescriptor open_;
  ScratchShare share_;
};

/// Opens and locks the folder; not open if someone else holds the lock, or it is gone.
FileDescriptor LockFolder(const std::filesystem::path& folder) {
  FileDescriptor open = OpenAt(AT_FDCWD, folder.native(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!open.is_open() || flock(open.number(), LOCK_EX | LOCK_NB) != 0) return FileDescriptor();
  // Between the two it may have been removed, and the lock is then on nothing.
  struct stat locked;
  struct stat named;
  if (fstat(open.number(), &locked) != 0 || lstat(folder.c_str(), &named) != 0) return FileDescriptor();
  if (locked.st_dev != named.st_dev || locked.st_ino != named.st_ino) return FileDescriptor();
  return open;
}

/// Removes the scratch folders whose process has ended. What cannot be removed (another user's) stays.
void RemoveAbandoned(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator next(parent, ignored), end; next != end; next.increment(ignored)) {
    const std::filesystem::path& folder = next->path();
    if (!folder.filename().native().starts_with(kFolderPrefix)) continue;
    const FileDescriptor lock = LockFolder(folder);
    if (lock.is_open()) std::filesystem::remove_all(folder, ignored);
    if (ignored) return;
  }
}

}  // namespace

Result<std::unique_ptr<FolderScratch>> FolderScratch::Open(const FolderScratchOptions& options, Random& random) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::absolute(options.parent, error);
  if (options.parent.empty() || error) {
    return Error(ErrorKind::kInvalid, "this is no name of a folder for scratch files: '", options.parent, "'");
  }
  std::filesystem::create_directories(parent, error);
  if (error) return SystemError(error.value(), "make the folder for scratch files", parent.native());
  RemoveAbandoned(parent);
  for (int i = 0; i < kFolderTriesMax; ++i) {
    const std::filesystem::path folder =
        parent / (std::string(kFolderPrefix) + std::to_string(getpid()) + "-" + random.Hex(kRandomDigits));
    if (mkdir(folder.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return SystemError(errno, "make scratch folder", folder.native());
    }
    FileDescriptor lock = LockFolder(folder);
    if (lock.is_open()) {
      return std::make_unique<FolderScratch>(folder.native(), std::move(lock), options.bytes_max, random);
    }
  }
  return Error(ErrorKind::kUnavailable, "cannot lock a scratch folder in '", parent.native(), "'");
}

FolderScratch::FolderScratch(std::string folder, FileDescriptor lock, int64_t bytes_max, Random& random)
    : folder_(std::move(folder)), lock_(std::move(lock)), random_(random), budget_(bytes_max) {}

FolderScratch::~FolderScratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<ScratchWriter>> FolderScratch::NewRun(const CallContext& /*call*/) {
  ScratchFile file(folder_ + "/" + random_.Hex(kRandomDigits) + ".run");
  FileDescriptor open = OpenAt(AT_FDCWD, file.name(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!open.is_open()) return SystemError(errno, "make scratch file", file.name());
  return std::make_unique<FileRunWriter>(std::move(file), std::move(open), budget_);
}

}  // namespace sleeper::store
