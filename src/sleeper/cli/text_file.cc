#include "sleeper/cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sleeper::cli {
namespace {

Status OpenFailure(const std::string& path, int failure) {
  if (failure == ENOENT || failure == ENOTDIR) return Error(ErrorKind::kNotFound, path, ": there is no such file");
  if (failure == EACCES || failure == EPERM) return Error(ErrorKind::kDenied, path, ": no permission to read it");
  if (failure == EISDIR) return Error(ErrorKind::kInvalid, path, ": is a folder, not a file");
  return Error(ErrorKind::kUnavailable, path, ": ", std::strerror(failure));
}

Result<std::string> ReadAll(int descriptor, const std::string& path) {
  std::string text;
  char bytes[65'536];
  for (;;) {
    const ssize_t count = ::read(descriptor, bytes, sizeof bytes);
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return OpenFailure(path, errno);
    text.append(bytes, static_cast<size_t>(count));
    if (static_cast<int64_t>(text.size()) > kTextFileBytesMax) {
      return Error(ErrorKind::kInvalid, path, ": larger than 16 MiB");
    }
  }
}

}  // namespace

Result<std::string> ReadTextFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return OpenFailure(path, errno);
  Result<std::string> text = ReadAll(descriptor, path);
  ::close(descriptor);
  return text;
}

}  // namespace sleeper::cli
