#pragma once

#include <cstdint>

#include "sleeper/base/time.h"

namespace sleeper {

/// What the process has used since the last question, and the most memory that it ever had. Thread-compatible.
class Meter {
 public:
  /// `clock` must outlive it.
  explicit Meter(const Clock& clock) : clock_(clock) { Restart(); }

  void Restart();
  void Print(const char* what, int64_t rows) const;

 private:
  const Clock& clock_;
  double cpu_ = 0;
  Instant wall_;
};

}  // namespace sleeper
