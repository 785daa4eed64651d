#pragma once

#include <atomic>

namespace sleeper {

/// A flag that asks running work to unwind. Set once, never cleared. Thread-safe, also from a signal handler.
class Cancellation {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_ = false;
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace sleeper
