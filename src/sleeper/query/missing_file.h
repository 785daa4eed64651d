#pragma once

#include <optional>
#include <utility>

#include "sleeper/base/mutex.h"
#include "sleeper/model/file_record.h"

namespace sleeper::query {

/// Remembers the first data file that a query did not find in the store. Thread-safe.
class MissingFile {
 public:
  void Report(model::FileRecord file) {
    MutexLock lock(mutex_);
    if (!file_) file_ = std::move(file);
  }

  std::optional<model::FileRecord> file() const {
    MutexLock lock(mutex_);
    return file_;
  }

 private:
  mutable Mutex mutex_;
  std::optional<model::FileRecord> file_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::query
