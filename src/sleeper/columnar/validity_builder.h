#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <arrow/array/data.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/growing_buffer.h"

namespace sleeper::columnar {

/// Where an interleaved append reads an input: its array, the next row of it, and how many rows it will give.
struct GatherInput {
  const arrow::ArrayData* array = nullptr;
  int64_t next = 0;
  int64_t rows = 0;
};

/// Appends bits to bytes. Confined to one loop: Flush() ends it.
class BitAppender {
 public:
  /// Goes on behind the first `bits` bits of `bytes`, which has room.
  BitAppender(uint8_t* bytes, int64_t bits) : out_(bytes + bits / 8), filled_(static_cast<int>(bits % 8)) {
    if (filled_ > 0) word_ = *out_ & ((1U << filled_) - 1);
  }

  /// REQUIRES: bit is 0 or 1.
  void Append(uint32_t bit) {
    word_ |= bit << filled_;
    if (++filled_ == 8) {
      *out_++ = static_cast<uint8_t>(word_);
      word_ = 0;
      filled_ = 0;
    }
  }

  void Flush() {
    if (filled_ > 0) *out_ = static_cast<uint8_t>(word_);
  }

 private:
  uint8_t* out_;
  uint32_t word_ = 0;
  int filled_;
};

/// Appends rows of bitmaps to a bitmap. What the bits mean is the owner's affair. Confined.
class BitmapBuilder {
 public:
  explicit BitmapBuilder(std::shared_ptr<BufferRecycler> recycler) : bytes_(std::move(recycler)) {}

  int64_t size() const { return bits_; }
  int64_t ones() const { return ones_; }

  Status AppendOnes(int64_t count);

  /// Appends `count` bits of `bitmap` from bit `offset` on.
  Status AppendRun(const uint8_t* bitmap, int64_t offset, int64_t count);

  /// Appends count bits that `next(i)` makes, in order.
  template <typename Next>
  Status AppendEach(int64_t count, Next next) {
    TRY(Prepare(count));
    BitAppender out(bytes_.data(), bits_);
    int64_t ones = 0;
    for (int64_t i = 0; i < count; ++i) {
      const uint32_t bit = next(i);
      ones += bit;
      out.Append(bit);
    }
    out.Flush();
    Count(count, ones);
    return Status::OK();
  }

  Result<std::shared_ptr<arrow::Buffer>> Finish();

 private:
  Status Prepare(int64_t count);
  void Count(int64_t count, int64_t ones);

  GrowingBuffer<uint8_t> bytes_;
  int64_t bits_ = 0;
  int64_t ones_ = 0;
};

/// Which of a column's rows hold a value. As long as all do, nothing is stored. Confined.
class ValidityBuilder {
 public:
  explicit ValidityBuilder(const std::shared_ptr<BufferRecycler>& recycler) : bits_(recycler) {}

  Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources);
  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows);
  Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows);

  Status AppendValid(int64_t rows);

  /// Appends one row for each byte of `valid`, which is 1 or 0; `nulls` says how many are 0.
  Status AppendBytes(std::span<const uint8_t> valid, int64_t nulls);

  struct Validity {
    /// Null if there are no nulls.
    std::shared_ptr<arrow::Buffer> bitmap;
    int64_t nulls = 0;
    int64_t rows = 0;
  };

  Result<Validity> Finish();

 private:
  /// Makes the bitmap, if there is none yet, for the rows so far.
  Status Materialise();

  BitmapBuilder bits_;
  /// Rows appended while there was no bitmap.
  int64_t rows_before_bitmap_ = 0;
  bool has_bitmap_ = false;
};

}  // namespace sleeper::columnar
