#include "sleeper/columnar/growing_buffer.h"

#include <algorithm>
#include <utility>

namespace sleeper::columnar {

/// Gives its memory back when the last holder drops it.
class BufferRecycler::SharedBuffer final : public arrow::Buffer {
 public:
  SharedBuffer(std::weak_ptr<BufferRecycler> recycler, std::unique_ptr<arrow::ResizableBuffer> memory, int64_t size)
      : arrow::Buffer(memory->data(), size), recycler_(std::move(recycler)), memory_(std::move(memory)) {}

  ~SharedBuffer() override {
    if (std::shared_ptr<BufferRecycler> recycler = recycler_.lock()) recycler->GiveBack(std::move(memory_));
  }

 private:
  std::weak_ptr<BufferRecycler> recycler_;
  std::unique_ptr<arrow::ResizableBuffer> memory_;
};

std::shared_ptr<BufferRecycler> BufferRecycler::Make() { return std::make_shared<BufferRecycler>(); }

Result<std::unique_ptr<arrow::ResizableBuffer>> BufferRecycler::Take(int64_t capacity) {
  std::unique_ptr<arrow::ResizableBuffer> memory;
  {
    MutexLock lock(mutex_);
    // The smallest that will do, so that large ones are left for those who need them.
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if ((*it)->size() >= capacity && (best == free_.end() || (*it)->size() < (*best)->size())) best = it;
    }
    if (best != free_.end()) {
      std::swap(*best, free_.back());
      memory = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (memory != nullptr) return memory;
  return arrow::AllocateResizableBuffer(capacity);
}

std::shared_ptr<arrow::Buffer> BufferRecycler::Share(std::unique_ptr<arrow::ResizableBuffer> memory, int64_t size) {
  return std::make_shared<SharedBuffer>(weak_from_this(), std::move(memory), size);
}

void BufferRecycler::GiveBack(std::unique_ptr<arrow::ResizableBuffer> memory) {
  MutexLock lock(mutex_);
  if (free_.size() < kFreeMax) free_.push_back(std::move(memory));
}

}  // namespace sleeper::columnar
