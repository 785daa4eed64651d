#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"

namespace sleeper::store {

/// Owns an open file or folder of the operating system. Thread-compatible.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

  /// Gives the open file to the caller, who closes it.
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// What a caller should do about `error`, a value of errno, where the failed call had no effect.
ErrorKind KindOfSystemError(int error);

/// The failure that `error` stands for: "cannot <action> '<name>': No space left on device".
Status SystemError(int error, std::string_view action, std::string_view name);

/// Opens `name`, relative to `folder`, and again when a signal interrupts. Not open if that failed: errno says why.
FileDescriptor OpenAt(int folder, const std::string& name, int flags, unsigned mode = 0);

/// Appends all of `bytes`. `name` is for the message of a failure.
Status WriteFully(int file, std::span<const uint8_t> bytes, std::string_view name);

/// Fills `bytes` from `offset` on. REQUIRES: the file is long enough. kCorrupt if it is not, or if the device cannot
/// read it back.
Status ReadFully(int file, int64_t offset, std::span<uint8_t> bytes, std::string_view name);

/// The same, of `range`, in memory of its own.
Result<Buffer> ReadFully(int file, ByteRange range, std::string_view name);

/// Returns once all that was written to the file or folder survives a power cut; otherwise errno's value, and nothing
/// is known.
int SyncToDisk(int file);

/// A function that does what SyncToDisk promises.
using SyncFunction = std::function<int(int file)>;

}  // namespace sleeper::store
