#include "sleeper/columnar/validity_builder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

namespace sleeper::columnar {
namespace {

constexpr uint8_t kAllOnes[1] = {0xFF};

bool HasNulls(const arrow::ArrayData& array) { return array.GetNullCount() > 0; }

const uint8_t* BitmapOf(const arrow::ArrayData& array) { return array.buffers[0]->data(); }

}  // namespace

Status BitmapBuilder::Prepare(int64_t count) {
  const int64_t bytes = (bits_ + count + 7) / 8;
  return bytes_.Reserve(bytes - bytes_.size());
}

void BitmapBuilder::Count(int64_t count, int64_t ones) {
  bits_ += count;
  ones_ += ones;
  bytes_.Advance((bits_ + 7) / 8 - bytes_.size());
}

Status BitmapBuilder::AppendOnes(int64_t count) {
  TRY(Prepare(count));
  arrow::bit_util::SetBitsTo(bytes_.data(), bits_, count, true);
  Count(count, count);
  return Status::OK();
}

Status BitmapBuilder::AppendRun(const uint8_t* bitmap, int64_t offset, int64_t count) {
  TRY(Prepare(count));
  arrow::internal::CopyBitmap(bitmap, offset, count, bytes_.data(), bits_);
  Count(count, arrow::internal::CountSetBits(bitmap, offset, count));
  return Status::OK();
}

Result<std::shared_ptr<arrow::Buffer>> BitmapBuilder::Finish() {
  // The bits behind the end are zero, as Arrow's own builders leave them.
  if (bits_ % 8 != 0) bytes_.data()[bits_ / 8] &= static_cast<uint8_t>((1U << (bits_ % 8)) - 1);
  bits_ = 0;
  ones_ = 0;
  return bytes_.Finish();
}

Status ValidityBuilder::Materialise() {
  if (has_bitmap_) return Status::OK();
  has_bitmap_ = true;
  return bits_.AppendOnes(rows_before_bitmap_);
}

Status ValidityBuilder::AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) {
  const auto count = static_cast<int64_t>(sources.size());
  const bool any = std::any_of(inputs.begin(), inputs.end(),
                               [](const GatherInput& input) { return input.rows > 0 && HasNulls(*input.array); });
  if (!any && !has_bitmap_) {
    rows_before_bitmap_ += count;
    return Status::OK();
  }
  TRY(Materialise());
  // An input without nulls stays at the one bit of kAllOnes.
  struct BitCursor {
    const uint8_t* bitmap = kAllOnes;
    int64_t position = 0;
    int64_t step = 0;
  };
  std::array<BitCursor, 256> cursors;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].rows == 0 || !HasNulls(*inputs[i].array)) continue;
    cursors[i] = {BitmapOf(*inputs[i].array), inputs[i].array->offset + inputs[i].next, 1};
  }
  return bits_.AppendEach(count, [&](int64_t i) -> uint32_t {
    BitCursor& cursor = cursors[sources[static_cast<size_t>(i)]];
    const int64_t position = cursor.position;
    cursor.position += cursor.step;
    return (cursor.bitmap[position / 8] >> (position % 8)) & 1U;
  });
}

Status ValidityBuilder::AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) {
  const bool any = HasNulls(array);
  if (!any && !has_bitmap_) {
    rows_before_bitmap_ += rows;
    return Status::OK();
  }
  TRY(Materialise());
  return any ? bits_.AppendRun(BitmapOf(array), array.offset + offset, rows) : bits_.AppendOnes(rows);
}

Status ValidityBuilder::AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const bool any =
      std::any_of(arrays.begin(), arrays.end(), [](const arrow::ArrayData* array) { return HasNulls(*array); });
  if (!any && !has_bitmap_) {
    rows_before_bitmap_ += count;
    return Status::OK();
  }
  TRY(Materialise());
  struct Bits {
    const uint8_t* bitmap;
    int64_t offset;
    /// 0 keeps an array without nulls at the one byte of kAllOnes.
    int64_t mask;
  };
  std::vector<Bits> bits;
  for (const arrow::ArrayData* array : arrays) {
    bits.push_back(HasNulls(*array) ? Bits{BitmapOf(*array), array->offset, -1} : Bits{kAllOnes, 0, 0});
  }
  return bits_.AppendEach(count, [&](int64_t i) -> uint32_t {
    const RowAddress address = rows[static_cast<size_t>(i)];
    const Bits& source = bits[address.batch];
    const int64_t position = (source.offset + address.row) & source.mask;
    return (source.bitmap[position / 8] >> (position % 8)) & 1U;
  });
}

Status ValidityBuilder::AppendValid(int64_t rows) {
  if (has_bitmap_) return bits_.AppendOnes(rows);
  rows_before_bitmap_ += rows;
  return Status::OK();
}

Status ValidityBuilder::AppendBytes(std::span<const uint8_t> valid, int64_t nulls) {
  const auto count = static_cast<int64_t>(valid.size());
  if (nulls == 0) return AppendValid(count);
  TRY(Materialise());
  return bits_.AppendEach(count, [&](int64_t i) -> uint32_t { return valid[static_cast<size_t>(i)]; });
}

Result<ValidityBuilder::Validity> ValidityBuilder::Finish() {
  Validity validity;
  if (has_bitmap_) {
    validity.rows = bits_.size();
    validity.nulls = bits_.size() - bits_.ones();
    TRY_ASSIGN(validity.bitmap, bits_.Finish());
    if (validity.nulls == 0) validity.bitmap = nullptr;
  } else {
    validity.rows = rows_before_bitmap_;
  }
  rows_before_bitmap_ = 0;
  has_bitmap_ = false;
  return validity;
}

}  // namespace sleeper::columnar
