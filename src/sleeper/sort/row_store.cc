#include "sleeper/sort/row_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/util/bit_util.h>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::sort {
namespace {

/// Bytes behind a block that may be read, so that short values can be copied in blocks.
constexpr size_t kSlack = 64;

const int32_t* OffsetsOf(const arrow::ArrayData& array) { return array.GetValues<int32_t>(1); }

/// Copies without going beyond either side: what follows may hold another row already.
void CopyExactly(uint8_t* out, const uint8_t* in, size_t size) {
  if (size >= 8 && size <= 16) {
    uint64_t first;
    uint64_t last;
    std::memcpy(&first, in, 8);
    std::memcpy(&last, in + size - 8, 8);
    std::memcpy(out, &first, 8);
    std::memcpy(out + size - 8, &last, 8);
  } else if (size > 0) {
    std::memcpy(out, in, size);
  }
}

template <typename Word>
void StoreFixed(std::span<uint8_t* const> rows, size_t at, const uint8_t* values) {
  for (size_t i = 0; i < rows.size(); ++i) std::memcpy(rows[i] + at, values + i * sizeof(Word), sizeof(Word));
}

}  // namespace

/// Rows that are being copied, with where each begins and where its next string goes.
struct RowStore::Part {
  std::array<uint8_t*, kPartRows> rows;
  std::array<uint8_t*, kPartRows> tails;
  std::array<uint8_t, kPartRows> valid;
  std::array<uint64_t, kPartRows> addresses;
};

RowStore::RowStore(std::shared_ptr<const columnar::Layout> layout, int64_t block_bytes)
    : layout_(std::move(layout)),
      row_layout_(layout_->schema()),
      block_bytes_(block_bytes),
      has_zeros_(row_layout_.columns().size(), false) {
  SLEEPER_CHECK(layout_->is_whole(), "rows are sorted with all their fields");
}

Status RowStore::Add(const columnar::Batch& batch) {
  SLEEPER_CHECK(batch.layout() == *layout_, "a batch of another layout");
  if (batch.rows() == 0) return Status::OK();
  TRY(keys_.Encode(batch));
  NoteZeros(batch);
  std::vector<RowEntry> entries;
  entries.reserve(static_cast<size_t>(batch.rows()));
  for (int64_t begin = 0; begin < batch.rows(); begin += kPartRows) {
    AddPart(batch, begin, std::min(kPartRows, batch.rows() - begin), entries);
  }
  entries_.push_back(std::move(entries));
  rows_ += batch.rows();
  return Status::OK();
}

void RowStore::NoteZeros(const columnar::Batch& batch) {
  for (size_t i = 0; i < row_layout_.columns().size(); ++i) {
    const RowLayout::Column& column = row_layout_.columns()[i];
    if (!column.is_key || column.width > 0 || has_zeros_[i]) continue;
    const arrow::ArrayData& array = *batch.arrow()->column_data(static_cast<int>(i));
    const int32_t* const offsets = OffsetsOf(array);
    const auto size = static_cast<size_t>(offsets[batch.rows()] - offsets[0]);
    if (size > 0 && std::memchr(array.buffers[2]->data() + offsets[0], 0, size) != nullptr) has_zeros_[i] = true;
  }
}

uint64_t RowStore::Place(size_t bytes) {
  if (block_size_ - block_used_ < bytes) {
    block_size_ = std::max(bytes, static_cast<size_t>(block_bytes_));
    block_used_ = 0;
    blocks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(block_size_ + kSlack));
    bytes_ += static_cast<int64_t>(block_size_ + kSlack);
  }
  const uint64_t address = (blocks_.size() - 1) << 32 | block_used_;
  block_used_ += bytes;
  return address;
}

void RowStore::PlaceRows(const columnar::Batch& batch, int64_t begin, int64_t rows, Part& part) {
  std::array<size_t, kPartRows> sizes;
  for (int64_t i = 0; i < rows; ++i) sizes[i] = row_layout_.key_begin() + keys_.key(begin + i).size();
  for (size_t i = 0; i < row_layout_.columns().size(); ++i) {
    const RowLayout::Column& column = row_layout_.columns()[i];
    if (column.is_key || column.width > 0) continue;
    // A null may have bytes in Arrow. Here they count, and are not used.
    const int32_t* const offsets = OffsetsOf(*batch.arrow()->column_data(static_cast<int>(i))) + begin;
    for (int64_t row = 0; row < rows; ++row) sizes[row] += static_cast<size_t>(offsets[row + 1] - offsets[row]);
  }
  for (int64_t i = 0; i < rows; ++i) {
    part.addresses[i] = Place(sizes[i]);
    part.rows[i] = blocks_.back().get() + static_cast<uint32_t>(part.addresses[i]);
  }
}

void RowStore::AddPart(const columnar::Batch& batch, int64_t begin, int64_t rows, std::vector<RowEntry>& entries) {
  Part part;
  PlaceRows(batch, begin, rows, part);
  const size_t key_size_at = row_layout_.key_size_at();
  for (int64_t i = 0; i < rows; ++i) {
    const std::string_view key = keys_.key(begin + i);
    const auto size = static_cast<uint32_t>(key.size());
    if (key_size_at != RowLayout::kNone) std::memcpy(part.rows[i] + key_size_at, &size, sizeof size);
    uint8_t* const to = part.rows[i] + row_layout_.key_begin();
    std::memcpy(to, key.data(), key.size());
    part.tails[i] = to + key.size();
    entries.push_back({keys_.Prefix(begin + i, 0), part.addresses[i]});
  }
  for (size_t i = 0; i < row_layout_.columns().size(); ++i) {
    AddColumn(row_layout_.columns()[i], *batch.arrow()->column_data(static_cast<int>(i)), begin, rows, part);
  }
}

void RowStore::AddColumn(const RowLayout::Column& column, const arrow::ArrayData& array, int64_t begin, int64_t rows,
                         Part& part) {
  if (column.valid_at != RowLayout::kNone) {
    const uint8_t* const bits = array.buffers[0] == nullptr ? nullptr : array.buffers[0]->data();
    for (int64_t i = 0; i < rows; ++i) {
      part.valid[i] = bits == nullptr || arrow::bit_util::GetBit(bits, array.offset + begin + i) ? 1 : 0;
      part.rows[i][column.valid_at] = part.valid[i];
    }
  }
  if (column.width == 0) return AddBytes(column, array, begin, rows, part);
  if (column.is_key) return;
  const uint8_t* const values = array.buffers[1]->data();
  if (column.width == 1) {
    for (int64_t i = 0; i < rows; ++i) {
      part.rows[i][column.at] = arrow::bit_util::GetBit(values, array.offset + begin + i) ? 1 : 0;
    }
    return;
  }
  const std::span<uint8_t* const> places = std::span(part.rows).first(static_cast<size_t>(rows));
  const uint8_t* const first = values + static_cast<size_t>(array.offset + begin) * column.width;
  column.width == 4 ? StoreFixed<uint32_t>(places, column.at, first) : StoreFixed<uint64_t>(places, column.at, first);
}

void RowStore::AddBytes(const RowLayout::Column& column, const arrow::ArrayData& array, int64_t begin, int64_t rows,
                        Part& part) {
  const bool nullable = column.valid_at != RowLayout::kNone;
  const int32_t* const offsets = OffsetsOf(array) + begin;
  const uint8_t* const data = array.buffers[2] == nullptr ? nullptr : array.buffers[2]->data();
  for (int64_t i = 0; i < rows; ++i) {
    int32_t size = offsets[i + 1] - offsets[i];
    if (nullable) size &= -static_cast<int32_t>(part.valid[i]);
    std::memcpy(part.rows[i] + column.at, &size, sizeof size);
    if (column.is_key) continue;
    if (size > 0) CopyExactly(part.tails[i], data + offsets[i], static_cast<size_t>(size));
    part.tails[i] += size;
  }
}

std::string_view RowStore::row_key(const uint8_t* row) const {
  const std::string_view whole = key(row);
  size_t size = 0;
  for (size_t i = 0; i < row_layout_.row_keys(); ++i) {
    const RowLayout::Column& column = row_layout_.columns()[i];
    if (column.width > 0) {
      size += column.width;
    } else if (is_plain(i)) {
      uint32_t value_size;
      std::memcpy(&value_size, row + column.at, sizeof value_size);
      size += value_size + model::kNormalisedTerminatorSize;
    } else {
      while (whole[size] != '\0' || whole[size + 1] != '\x01') size += whole[size] == '\0' ? 2 : 1;
      size += model::kNormalisedTerminatorSize;
    }
  }
  return whole.substr(0, size);
}

}  // namespace sleeper::sort
