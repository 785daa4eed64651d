#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"

namespace sleeper {

/// A first-in, first-out queue between stages of a pipeline. Thread-safe.
///
/// Close() ends it: no more is accepted, what is inside is still handed out, and then Pop returns nothing.
/// Abort() ends it at once and drops what is inside, so that both sides unwind after a failure.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(Executor& executor, size_t items_max) : point_(executor.MakeWaitPoint()), items_max_(items_max) {}

  /// Waits for room. False if the queue was closed or aborted: the item is dropped.
  bool Push(T item) {
    for (;;) {
      WaitPoint::Ticket ticket = point_->Take();
      {
        MutexLock lock(mutex_);
        if (closed_) return false;
        if (items_.size() < items_max_) {
          items_.push_back(std::move(item));
          break;
        }
      }
      point_->Wait(ticket, Instant::max());
    }
    point_->NotifyAll();
    return true;
  }

  /// Waits for an item. Nothing once the queue is closed and empty, or aborted.
  std::optional<T> Pop() {
    std::optional<T> item;
    for (;;) {
      WaitPoint::Ticket ticket = point_->Take();
      {
        MutexLock lock(mutex_);
        if (!items_.empty()) {
          item.emplace(std::move(items_.front()));
          items_.pop_front();
          break;
        }
        if (closed_) return std::nullopt;
      }
      point_->Wait(ticket, Instant::max());
    }
    point_->NotifyAll();
    return item;
  }

  /// Waits until Pop would not wait: true, for as long as nobody else pops. False once `deadline` has passed.
  bool AwaitItem(Instant deadline) {
    for (;;) {
      WaitPoint::Ticket ticket = point_->Take();
      {
        MutexLock lock(mutex_);
        if (!items_.empty() || closed_) return true;
      }
      if (!point_->Wait(ticket, deadline)) return false;
    }
  }

  void Close() { End(/*drop=*/false); }
  void Abort() { End(/*drop=*/true); }

 private:
  void End(bool drop) {
    {
      MutexLock lock(mutex_);
      closed_ = true;
      if (drop) items_.clear();
    }
    point_->NotifyAll();
  }

  std::unique_ptr<WaitPoint> point_;
  const size_t items_max_;
  Mutex mutex_;
  std::deque<T> items_ SLEEPER_GUARDED_BY(mutex_);
  bool closed_ SLEEPER_GUARDED_BY(mutex_) = false;
};

}  // namespace sleeper
