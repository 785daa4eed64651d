#pragma once

#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <utility>

#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/store/object_path.h"
#include "sleeper/store/posix_file.h"

namespace sleeper::store {

/// Where the files of unfinished writes lie, below the root of a folder store. Its files are named "<random>~<object
/// path>".
inline constexpr const char* kTemporaryFolder = ".sleeper-tmp";

/// The file of an unfinished write. Confined. Dropping it removes the file's temporary name.
class TemporaryFile {
 public:
  /// `root` is the open root of the store and must stay open as long as the file.
  static Result<TemporaryFile> Create(int root, const ObjectPath& path, Random& random);

  TemporaryFile(TemporaryFile&& other) noexcept = default;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  Status Append(std::span<const uint8_t> bytes);

  /// Sets the modification time and returns once the content survives a power cut.
  Status Seal(std::timespec modified, const SyncFunction& sync);

  /// Gives the file the name of an object as well, if there is none. Returns errno's value, or 0.
  int Link(int folder, const std::string& name) const;

  /// Gives the file the name of an object as well, in place of another file. Returns errno's value, or 0.
  int LinkOver(int folder, const std::string& name) const;

  /// True if the temporary name was removed by someone else, so that the file can get no other any more.
  bool IsDropped() const;

  /// Leaves the temporary name there. It tells readers that the object's entry may not be on disk.
  void Keep() { is_kept_ = true; }

  int number() const { return file_.number(); }

  /// The temporary name, relative to the root.
  const std::string& name() const { return name_; }

 private:
  TemporaryFile(int root, FileDescriptor file, std::string name, std::string object)
      : root_(root), file_(std::move(file)), name_(std::move(name)), object_(std::move(object)) {}

  int root_;
  FileDescriptor file_;
  std::string name_;
  /// The object's path, for messages.
  std::string object_;
  bool is_kept_ = false;
};

/// Removes temporary files of objects below `prefix` that were last written at `oldest_kept` or before.
Status DropTemporaryFiles(int root, const ObjectPath& prefix, WallTime oldest_kept);

/// kInvalid if the file system below `root` lacks something that a folder store stands on: hard links that are counted,
/// modification times to the nanosecond, names that differ in case.
Status ProbeFileSystem(int root, Random& random);

}  // namespace sleeper::store
