#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define SLEEPER_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLEEPER_ADDRESS_SANITIZER
#endif
#endif

#if defined(SLEEPER_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#define SLEEPER_POISON(begin, size) ASAN_POISON_MEMORY_REGION(begin, size)
#define SLEEPER_UNPOISON(begin, size) ASAN_UNPOISON_MEMORY_REGION(begin, size)
#else
#define SLEEPER_POISON(begin, size) static_cast<void>(0)
#define SLEEPER_UNPOISON(begin, size) static_cast<void>(0)
#endif

namespace sleeper::file {

/// An array of plain values whose memory is kept when it shrinks. Behind its end are kSlack bytes that may be read and
/// written, so that short values can be copied and unpacked in blocks; what lies beyond is poisoned for the address
/// sanitizer, also where there were elements once. Confined.
template <typename T>
class SlackArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr size_t kSlack = 64;

  /// Empty, but with its slack.
  SlackArray() { Resize(0); }
  SlackArray(SlackArray&& other) noexcept
      : memory_(std::move(other.memory_)),
        capacity_(std::exchange(other.capacity_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  SlackArray& operator=(SlackArray&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SlackArray() { SLEEPER_UNPOISON(memory_.get(), capacity_); }

  T* data() { return reinterpret_cast<T*>(memory_.get()); }
  const T* data() const { return reinterpret_cast<const T*>(memory_.get()); }
  T* end() { return data() + size_; }
  size_t size() const { return size_; }
  std::span<const T> span() const { return {data(), size_}; }
  T& operator[](size_t index) { return data()[index]; }
  const T& operator[](size_t index) const { return data()[index]; }

  /// The elements that were there stay; new ones have no defined value.
  void Resize(size_t size) {
    const size_t bytes = size * sizeof(T) + kSlack;
    if (bytes > capacity_) Grow(bytes);
    SLEEPER_UNPOISON(memory_.get(), bytes);
    std::memset(memory_.get() + size * sizeof(T), 0, kSlack);
    size_ = size;
    PoisonRest();
  }

  /// Makes room for `count` elements at end(), to be counted by Advance.
  T* Reserve(size_t count) {
    const size_t bytes = (size_ + count) * sizeof(T) + kSlack;
    if (bytes > capacity_) Grow(bytes);
    SLEEPER_UNPOISON(memory_.get(), bytes);
    return end();
  }

  /// Counts elements that were written at end(), and gives up the rest of what was reserved. REQUIRES: room was
  /// reserved for them.
  void Advance(size_t count) {
    size_ += count;
    PoisonRest();
  }

  void Append(std::span<const T> values) {
    T* const out = Reserve(values.size());
    if (!values.empty()) std::memcpy(out, values.data(), values.size_bytes());
    Advance(values.size());
  }

  /// Keeps the first elements. REQUIRES: size is not above size().
  void Truncate(size_t size) {
    size_ = size;
    PoisonRest();
  }
  void Clear() { Truncate(0); }

 private:
  /// What lies beyond the slack is out of bounds, whatever it was before.
  void PoisonRest() {
    if (memory_ == nullptr) return;
    SLEEPER_POISON(memory_.get() + size_ * sizeof(T) + kSlack, capacity_ - size_ * sizeof(T) - kSlack);
  }

  void Grow(size_t bytes) {
    const size_t capacity = std::max(bytes, 2 * capacity_);
    auto memory = std::make_unique_for_overwrite<uint8_t[]>(capacity);
    if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_ * sizeof(T));
    SLEEPER_UNPOISON(memory_.get(), capacity_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> memory_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

/// Copies short values in blocks of 16 bytes, which may reach up to 31 bytes beyond. The blocks may overlap: a value
/// can be made out of the one in front of it. REQUIRES: both sides have slack, and the values themselves do not
/// overlap.
inline void CopyShort(uint8_t* out, const uint8_t* in, size_t size) {
  struct Block {
    uint8_t bytes[16];
  } block;
  std::memcpy(&block, in, sizeof block);
  std::memcpy(out, &block, sizeof block);
  if (size <= 16) [[likely]] {
    return;
  }
  if (size <= 32) {
    std::memcpy(&block, in + 16, sizeof block);
    std::memcpy(out + 16, &block, sizeof block);
  } else {
    std::memcpy(out + 16, in + 16, size - 16);
  }
}

}  // namespace sleeper::file
