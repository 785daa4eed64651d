#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sleeper/base/status.h"
#include "sleeper/base/time.h"

namespace sleeper::state {

/// Appends the primitives that all formats of this room are made of: docs/formats/log-entry.md. Thread-compatible.
class ByteWriter {
 public:
  void U8(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  /// Little endian.
  void U32(uint32_t value);
  void U64(uint64_t value);
  /// Seven bits a byte, least first, in the shortest form.
  void Varint(uint64_t value);
  /// A signed number as a varint: 0, -1, 1, -2, …
  void SignedVarint(int64_t value) { Varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63)); }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  /// The size as a varint, then the bytes.
  void Bytes(std::string_view bytes) {
    Varint(bytes.size());
    Raw(bytes);
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads them back from bytes of unknown origin. Failure sticks: after it everything reads as zero or empty, and
/// status() says what was wrong. Never reads outside, and nothing is sized by a number that the bytes cannot back.
/// Thread-compatible.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  uint64_t Varint();
  int64_t SignedVarint();
  /// The next `size` bytes, in place.
  std::string_view Raw(size_t size);
  std::string_view Bytes();
  /// A number of elements of which each takes at least `element_bytes_min` bytes.
  size_t Count(size_t element_bytes_min = 1);

  std::string_view rest() const { return rest_; }
  bool AtEnd() const { return rest_.empty(); }

  /// Records the first failure.
  void Fail(std::string_view what);
  bool failed() const { return !failure_.ok(); }
  const Status& status() const { return failure_; }

  /// kCorrupt if something failed or bytes are left over.
  Status Finish();

 private:
  std::string_view rest_;
  Status failure_;
};

/// A time as a signed varint of microseconds since 1970; no further away than some thousands of years.
void WriteTime(ByteWriter& out, WallTime time);
WallTime ReadTime(ByteReader& in);

}  // namespace sleeper::state
