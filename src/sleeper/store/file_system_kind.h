#pragma once

#include <cstdint>
#include <string>

namespace sleeper::store {

/// What a file system is, as far as it decides whether a folder store may live on it.
struct FileSystemKind {
  std::string name;
  /// True if it is known to lie on a device of this machine, so that link() and fsync() keep their promises.
  bool is_local = false;
};

/// The kind of file system with this magic number (of statfs).
FileSystemKind FileSystemKindOf(uint64_t magic);

}  // namespace sleeper::store
