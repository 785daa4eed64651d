#include "sleeper/cli/console.h"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace sleeper::cli {
namespace {

/// 0, or the error number.
int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

Status Console::Print(std::string_view text) {
  const int failure = WriteAll(stdout_, text);
  if (failure == 0) return Status::OK();
  if (failure == EPIPE) return Error(ErrorKind::kCancelled, "standard output: its reader has gone away");
  if (failure == ENOSPC) return Error(ErrorKind::kExhausted, "standard output: no space left");
  return Error(ErrorKind::kUnavailable, "standard output: ", std::strerror(failure));
}

bool Console::HasReader() const {
  pollfd output{.fd = stdout_, .events = 0, .revents = 0};
  return ::poll(&output, 1, 0) <= 0 || (output.revents & (POLLERR | POLLHUP)) == 0;
}

void Console::Tell(std::string_view line) { WriteAll(stderr_, std::string(line) + "\n"); }

}  // namespace sleeper::cli
