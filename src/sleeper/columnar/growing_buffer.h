#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/buffer.h>

#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"

namespace sleeper::columnar {

/// Memory of buffers that nobody holds any more, for new ones: fresh memory costs the kernel a page fault and a
/// clearing per 4 KiB, which for short-lived batches is a sixth of all work. Thread-safe: buffers may be dropped on any
/// thread.
class BufferRecycler : public std::enable_shared_from_this<BufferRecycler> {
 public:
  static std::shared_ptr<BufferRecycler> Make();

  /// Memory of at least `capacity` bytes with undefined content.
  Result<std::unique_ptr<arrow::ResizableBuffer>> Take(int64_t capacity);

  /// A buffer of the first `size` bytes of `memory`, which comes back when the buffer is dropped.
  std::shared_ptr<arrow::Buffer> Share(std::unique_ptr<arrow::ResizableBuffer> memory, int64_t size);

 private:
  class SharedBuffer;
  /// What is given back beyond this number goes to the allocator.
  static constexpr size_t kFreeMax = 64;

  void GiveBack(std::unique_ptr<arrow::ResizableBuffer> memory);

  Mutex mutex_;
  std::vector<std::unique_ptr<arrow::ResizableBuffer>> free_ SLEEPER_GUARDED_BY(mutex_);
};

/// An array of plain values that grows at its end and then becomes an Arrow buffer. Confined.
///
/// kSlack bytes behind the end may be read and written, so that copies may go in blocks.
template <typename T>
class GrowingBuffer {
 public:
  static constexpr int64_t kSlack = 64;

  explicit GrowingBuffer(std::shared_ptr<BufferRecycler> recycler) : recycler_(std::move(recycler)) {}

  T* data() { return values_; }
  T* end() { return values_ + size_; }
  int64_t size() const { return size_; }

  /// Makes room for `count` more values.
  Status Reserve(int64_t count) {
    const int64_t bytes = (size_ + count) * static_cast<int64_t>(sizeof(T)) + kSlack;
    if (memory_ != nullptr && bytes <= memory_->size()) return Status::OK();
    return Grow(bytes);
  }

  /// Counts values that were written at end(). REQUIRES: there is room for them.
  void Advance(int64_t count) { size_ += count; }

  /// REQUIRES: there is room for it.
  void Push(T value) { values_[size_++] = value; }

  /// The values as a buffer. The array is empty afterwards.
  Result<std::shared_ptr<arrow::Buffer>> Finish() {
    TRY(Reserve(0));
    const int64_t bytes = size_ * static_cast<int64_t>(sizeof(T));
    // A little more than the largest array so far, so that the next one seldom grows and wastes little.
    usual_bytes_ = std::max(usual_bytes_, std::min(memory_->size(), bytes + bytes / 16 + kSlack));
    size_ = 0;
    values_ = nullptr;
    return recycler_->Share(std::move(memory_), bytes);
  }

 private:
  Status Grow(int64_t bytes) {
    if (memory_ == nullptr) {
      TRY_ASSIGN(memory_, recycler_->Take(std::max(bytes, usual_bytes_)));
    } else {
      TRY(memory_->Resize(std::max(bytes, 2 * memory_->size()), /*shrink_to_fit=*/false));
    }
    values_ = reinterpret_cast<T*>(memory_->mutable_data());
    return Status::OK();
  }

  std::shared_ptr<BufferRecycler> recycler_;
  std::unique_ptr<arrow::ResizableBuffer> memory_;
  T* values_ = nullptr;
  int64_t size_ = 0;
  /// What is taken for a new array.
  int64_t usual_bytes_ = 0;
};

}  // namespace sleeper::columnar
