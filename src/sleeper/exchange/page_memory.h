#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <arrow/memory_pool.h>

#include "sleeper/base/status.h"

namespace sleeper::exchange {

/// Where libparquet takes the memory of the pages that it decompresses: Arrow's memory, but a page that promises to be
/// larger than allowed gets none, and fails with kInvalid. Thread-safe.
class PageMemory final : public arrow::MemoryPool {
 public:
  /// Messages call the file `input`.
  PageMemory(std::string input, int64_t page_bytes_max) : input_(std::move(input)), page_bytes_max_(page_bytes_max) {}

  Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override {
    TRY(Check(size));
    return memory_->Allocate(size, alignment, out);
  }
  Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment, uint8_t** memory) override {
    TRY(Check(new_size));
    return memory_->Reallocate(old_size, new_size, alignment, memory);
  }
  void Free(uint8_t* memory, int64_t size, int64_t alignment) override { memory_->Free(memory, size, alignment); }
  int64_t bytes_allocated() const override { return memory_->bytes_allocated(); }
  int64_t total_bytes_allocated() const override { return memory_->total_bytes_allocated(); }
  int64_t num_allocations() const override { return memory_->num_allocations(); }
  std::string backend_name() const override { return memory_->backend_name(); }

 private:
  /// Arrow rounds sizes up.
  static constexpr int64_t kRoundingBytes = 64;

  Status Check(int64_t size) const;

  const std::string input_;
  const int64_t page_bytes_max_;
  arrow::MemoryPool* const memory_ = arrow::default_memory_pool();
};

/// The refusal of a page of so many bytes, decompressed.
Status PageTooLarge(int64_t bytes, int64_t page_bytes_max);

}  // namespace sleeper::exchange
