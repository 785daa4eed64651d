#pragma once

#include <cstdint>
#include <map>

#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// The unfinished writes of a store whose objects end with the process, and when each was last heard of. Thread-safe.
class OpenWrites {
 public:
  /// `clock` must outlive the writes.
  explicit OpenWrites(const Clock& clock) : clock_(clock) {}

  /// One of them, from its construction to its destruction. `writes` must outlive it.
  class Entry {
   public:
    Entry(OpenWrites& writes, ObjectPath path);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    const ObjectPath& path() const { return path_; }

    /// Tells that the writer is alive. kConflict if the write was dropped as abandoned.
    Status Touch();

   private:
    OpenWrites& writes_;
    const ObjectPath path_;
    const int64_t number_;
  };

  /// Drops the writes of objects that begin with `prefix` which were not heard of for `age`.
  void DropAbandoned(const ObjectPath& prefix, Duration age);

 private:
  struct Open {
    ObjectPath path;
    WallTime last_touched;
  };

  int64_t Start(const ObjectPath& path);

  const Clock& clock_;
  Mutex mutex_;
  std::map<int64_t, Open> open_ SLEEPER_GUARDED_BY(mutex_);
  int64_t started_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::store
