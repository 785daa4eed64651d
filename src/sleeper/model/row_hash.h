#pragma once

#include <cstdint>

namespace sleeper::model {

/// The version of the definition in docs/formats/row-hash.md that this program computes.
inline constexpr int kRowHashVersion = 1;

/// The hash of a multiset of rows: two 64-bit sums modulo 2^64. The hash of a union is the sum of the hashes.
struct RowHash {
  uint64_t low = 0;
  uint64_t high = 0;

  RowHash& operator+=(const RowHash& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  RowHash& operator-=(const RowHash& other) {
    low -= other.low;
    high -= other.high;
    return *this;
  }
  friend RowHash operator+(RowHash a, const RowHash& b) { return a += b; }
  friend RowHash operator-(RowHash a, const RowHash& b) { return a -= b; }
  friend bool operator==(const RowHash&, const RowHash&) = default;
};

}  // namespace sleeper::model
