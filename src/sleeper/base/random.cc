#include "sleeper/base/random.h"

#include <random>

#include "sleeper/base/check.h"

namespace sleeper {

uint64_t Random::Below(uint64_t bound) {
  SLEEPER_CHECK(bound > 0, "a random number below zero");
  // Values under 2^64 mod bound would make the small results likelier: draw again.
  const uint64_t skip = (0 - bound) % bound;
  for (;;) {
    const uint64_t value = Next();
    if (value >= skip) return value % bound;
  }
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::string Random::Hex(int digits) {
  std::string text;
  text.reserve(static_cast<size_t>(digits));
  uint64_t bits = 0;
  for (int i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = Next();
    text.push_back("0123456789abcdef"[bits & 15]);
    bits >>= 4;
  }
  return text;
}

uint64_t SystemRandom::Next() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

uint64_t SeededRandom::Next() {
  // Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014), the variant known as splitmix64.
  MutexLock lock(mutex_);
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace sleeper
