#include "sleeper/store/posix_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <system_error>
#include <unistd.h>

namespace sleeper::store {

FileDescriptor::~FileDescriptor() {
  if (is_open()) close(number_);
}

ErrorKind KindOfSystemError(int error) {
  switch (error) {
    case ENOENT:
      return ErrorKind::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EMLINK:
      return ErrorKind::kExhausted;
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
    case EXDEV:
    case EINVAL:
      return ErrorKind::kInvalid;
    case EIO:
    case ENXIO:
    case ENODEV:
    case EAGAIN:
    case EBUSY:
    case ESTALE:
    case ETIMEDOUT:
      return ErrorKind::kUnavailable;
    default:
      return ErrorKind::kInternal;
  }
}

Status SystemError(int error, std::string_view action, std::string_view name) {
  Status status = Error(KindOfSystemError(error), "cannot ", action, " '", name,
                        "': ", std::error_code(error, std::generic_category()).message());
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return WithHint(status, "Free some space there, or move to a larger disk.");
    case EACCES:
    case EPERM:
    case EROFS:
      return WithHint(status, "Check the owner and the permissions of the folder.");
    case EMFILE:
      return WithHint(status, "Raise the limit of open files (ulimit -n).");
    default:
      return status;
  }
}

FileDescriptor OpenAt(int folder, const std::string& name, int flags, unsigned mode) {
  int number;
  do {
    number = openat(folder, name.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return FileDescriptor(number);
}

Status WriteFully(int file, std::span<const uint8_t> bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return SystemError(errno, "write", name);
    }
  }
  return Status::OK();
}

Status ReadFully(int file, int64_t offset, std::span<uint8_t> bytes, std::string_view name) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t read = pread(file, bytes.data() + done, bytes.size() - done, offset + static_cast<off_t>(done));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) {
      const Status status = SystemError(errno, "read", name);
      return errno == EIO ? WithKind(status, ErrorKind::kCorrupt) : status;
    }
    if (read == 0) {
      return Error(ErrorKind::kCorrupt, "'", name, "' became shorter while it was read: it ends before byte ",
                   offset + static_cast<int64_t>(bytes.size()));
    }
    done += static_cast<size_t>(read);
  }
  return Status::OK();
}

Result<Buffer> ReadFully(int file, ByteRange range, std::string_view name) {
  const auto size = static_cast<size_t>(range.size);
  auto memory = std::make_shared_for_overwrite<uint8_t[]>(size);
  TRY(ReadFully(file, range.offset, {memory.get(), size}, name));
  const uint8_t* data = memory.get();
  return Buffer::Wrap(std::move(memory), data, range.size);
}

int SyncToDisk(int file) {
  while (fsync(file) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace sleeper::store
