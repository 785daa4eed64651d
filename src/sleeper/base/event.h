#pragma once

#include <memory>

#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"

namespace sleeper {

/// Something that happens once; waiters go on from then. Thread-safe.
class Event {
 public:
  explicit Event(Executor& executor) : point_(executor.MakeWaitPoint()) {}

  void Set();
  bool is_set() const;

  /// True once the event is set, false if `deadline` passed first.
  bool Wait(Instant deadline = Instant::max());

 private:
  std::unique_ptr<WaitPoint> point_;
  mutable Mutex mutex_;
  bool set_ SLEEPER_GUARDED_BY(mutex_) = false;
};

/// Admits a bounded number (of tasks, of bytes) at a time. Thread-safe.
class Semaphore {
 public:
  Semaphore(Executor& executor, int64_t capacity);

  /// Waits until `amount` fits, and takes it. An amount above the capacity waits for all of it.
  /// False if `deadline` passed first.
  bool Acquire(int64_t amount = 1, Instant deadline = Instant::max());
  void Release(int64_t amount = 1);
  int64_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<WaitPoint> point_;
  const int64_t capacity_;
  Mutex mutex_;
  int64_t free_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper
