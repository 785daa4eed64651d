#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/mutex.h"

namespace sleeper {

/// A source of random numbers for ids, jitter and sampling. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;

  /// 64 uniformly distributed bits.
  virtual uint64_t Next() = 0;

  /// Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound);

  /// Uniform in [0, 1).
  double Fraction();

  /// `digits` random lower-case hexadecimal digits.
  std::string Hex(int digits);
};

/// The operating system's random numbers: no two processes share a sequence.
class SystemRandom final : public Random {
 public:
  uint64_t Next() override;
};

/// A reproducible sequence (splitmix64) that is a function of the seed. Same on every platform.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;

 private:
  Mutex mutex_;
  uint64_t state_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper
