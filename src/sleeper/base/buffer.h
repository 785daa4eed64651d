#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sleeper {

/// A part of an object: the bytes [offset, offset + size).
struct ByteRange {
  int64_t offset = 0;
  int64_t size = 0;

  int64_t end() const { return offset + size; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Immutable bytes, shared: copying a Buffer copies a pointer. Slices keep the whole alive.
class Buffer {
 public:
  /// An empty buffer.
  Buffer() = default;

  static Buffer FromString(std::string bytes);

  /// Wraps memory that `owner` keeps alive, without copying.
  static Buffer Wrap(std::shared_ptr<const void> owner, const uint8_t* data, int64_t size);

  /// Copies `bytes`.
  static Buffer CopyOf(std::string_view bytes);

  const uint8_t* data() const { return data_; }
  int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), static_cast<size_t>(size_)}; }
  std::span<const uint8_t> span() const { return {data_, static_cast<size_t>(size_)}; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

  /// The bytes of `range`. REQUIRES: it lies inside the buffer.
  Buffer Slice(ByteRange range) const;

  friend bool operator==(const Buffer& a, const Buffer& b) { return a.view() == b.view(); }

 private:
  std::shared_ptr<const void> owner_;
  const uint8_t* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace sleeper
