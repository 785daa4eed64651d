#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/store/object_store.h"

struct stat;

namespace sleeper::store {

/// Gives each file of a folder store a modification time of its own, from which its ETag is made.
///
/// The time that the kernel would set comes from a coarse clock: a file that is deleted and written again within a tick
/// could have the same time, size and even inode, and other bytes. So the store sets the time itself: the milliseconds
/// are the clock's, and the six digits below them are a number that counts up from a random start. Two files of the
/// same millisecond differ for certain if one process wrote them, and but for one chance in a million otherwise.
/// Thread-safe.
class StampSource {
 public:
  /// `clock` must outlive the source.
  StampSource(const Clock& clock, Random& random) : clock_(clock), next_(random.Next()) {}

  std::timespec Next();

 private:
  const Clock& clock_;
  std::atomic<uint64_t> next_;
};

/// What the store tells about the object in the file with these attributes: the ETag is made of the modification time
/// and the size, and the time told ends at the milliseconds.
ObjectInfo InfoOf(const ObjectPath& path, const struct stat& attributes);

}  // namespace sleeper::store
