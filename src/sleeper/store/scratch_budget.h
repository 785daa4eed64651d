#pragma once

#include <atomic>
#include <cstdint>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"

namespace sleeper::store {

/// Counts the bytes of a scratch space against its bound. Thread-safe.
class ScratchBudget {
 public:
  /// REQUIRES: bytes_max >= 0.
  explicit ScratchBudget(int64_t bytes_max) : bytes_max_(bytes_max) {}

  /// kExhausted, and nothing taken, if that many do not fit.
  Status Take(int64_t bytes);
  void GiveBack(int64_t bytes);

  int64_t bytes_used() const { return bytes_used_.load(std::memory_order_relaxed); }
  int64_t bytes_max() const { return bytes_max_; }

 private:
  const int64_t bytes_max_;
  std::atomic<int64_t> bytes_used_ = 0;
};

/// A part of a budget: what one run takes. Gives it back when it is dropped. Thread-compatible.
class ScratchShare {
 public:
  explicit ScratchShare(ScratchBudget& budget) : budget_(&budget) {}
  ScratchShare(ScratchShare&& other) noexcept : budget_(other.budget_), bytes_(other.bytes_) { other.bytes_ = 0; }
  ScratchShare& operator=(ScratchShare&&) = delete;
  ~ScratchShare() { budget_->GiveBack(bytes_); }

  Status Take(int64_t bytes);
  int64_t bytes() const { return bytes_; }

 private:
  ScratchBudget* budget_;
  int64_t bytes_ = 0;
};

/// kInvalid unless a run of `size` bytes holds `range`.
Status CheckScratchRange(ByteRange range, int64_t size);

}  // namespace sleeper::store
