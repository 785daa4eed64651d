#include "sleeper/sort/row_builder.h"

#include <cstring>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/util/bit_util.h>

#include "sleeper/base/check.h"
#include "sleeper/file/slack_array.h"

namespace sleeper::sort {

RowBuilder::RowBuilder(const RowLayout& layout, const columnar::Batch& batch, const columnar::KeyColumn& keys)
    : layout_(layout), keys_(keys) {
  for (size_t i = 0; i < layout.columns().size(); ++i) {
    AddColumn(layout.columns()[i], *batch.arrow()->column_data(static_cast<int>(i)));
  }
  valid_.resize(validity_.size());
  byte_sizes_.resize(bytes_.size());
}

void RowBuilder::AddColumn(const RowLayout::Column& column, const arrow::ArrayData& array) {
  if (column.valid_at != RowLayout::kNone) {
    const uint8_t* const bits = array.buffers[0] == nullptr ? nullptr : array.buffers[0]->data();
    validity_.push_back({column.valid_at, bits, array.offset});
  }
  if (column.width == 0) {
    const auto* const offsets = array.GetValues<int32_t>(1);
    if (column.is_key) return key_sizes_.push_back({column.at, offsets});
    const arrow::Buffer* const data = array.buffers[2].get();
    return bytes_.push_back(
        {.at = column.at,
         .offsets = offsets,
         .data = data == nullptr ? nullptr : data->data(),
         .block_begin_max = (data == nullptr ? 0 : data->size()) - static_cast<int64_t>(kSlack),
         .validity = column.valid_at == RowLayout::kNone ? RowLayout::kNone : validity_.size() - 1});
  }
  if (column.is_key) return;
  const uint8_t* const values = array.buffers[1]->data();
  if (column.width == 1) return booleans_.push_back({column.at, values, array.offset});
  std::vector<Fixed>& columns = column.width == 4 ? half_words_ : words_;
  columns.push_back({column.at, values + static_cast<size_t>(array.offset) * column.width});
}

void RowBuilder::LoadValidity(const Validity& column, int64_t count, OfRows<uint8_t>& valid) const {
  if (column.bits == nullptr) {
    std::memset(valid.data(), 1, static_cast<size_t>(count));
    return;
  }
  const int64_t first = column.offset + begin_;
  for (int64_t row = 0; row < count; ++row) valid[row] = arrow::bit_util::GetBit(column.bits, first + row) ? 1 : 0;
}

void RowBuilder::LoadSizes(const Bytes& column, int64_t count, OfRows<int32_t>& sizes) const {
  const int32_t* const offsets = column.offsets + begin_;
  for (int64_t row = 0; row < count; ++row) sizes[row] = offsets[row + 1] - offsets[row];
  if (column.validity == RowLayout::kNone) return;
  // A null may have bytes in Arrow.
  const OfRows<uint8_t>& valid = valid_[column.validity];
  for (int64_t row = 0; row < count; ++row) sizes[row] &= -int32_t{valid[row]};
}

void RowBuilder::Load(int64_t begin, int64_t count) {
  SLEEPER_DCHECK(count <= kRowsMax, "too many rows at a time", count);
  begin_ = begin;
  for (size_t i = 0; i < validity_.size(); ++i) LoadValidity(validity_[i], count, valid_[i]);
  for (int64_t row = 0; row < count; ++row) sizes_[row] = layout_.key_begin() + keys_.key(begin + row).size();
  for (size_t i = 0; i < bytes_.size(); ++i) {
    LoadSizes(bytes_[i], count, byte_sizes_[i]);
    for (int64_t row = 0; row < count; ++row) sizes_[row] += static_cast<size_t>(byte_sizes_[i][row]);
  }
}

void RowBuilder::Build(int64_t row, uint8_t* to) const {
  const int64_t index = begin_ + row;
  const std::string_view key = keys_.key(index);
  if (layout_.key_size_at() != RowLayout::kNone) {
    const auto size = static_cast<uint32_t>(key.size());
    std::memcpy(to + layout_.key_size_at(), &size, sizeof size);
  }
  for (const auto [at, offsets] : key_sizes_) {
    const int32_t size = offsets[index + 1] - offsets[index];
    std::memcpy(to + at, &size, sizeof size);
  }
  for (size_t i = 0; i < validity_.size(); ++i) to[validity_[i].at] = valid_[i][row];
  for (const auto [at, values] : words_) std::memcpy(to + at, values + index * 8, 8);
  for (const auto [at, values] : half_words_) std::memcpy(to + at, values + index * 4, 4);
  for (const auto [at, bits, offset] : booleans_) to[at] = arrow::bit_util::GetBit(bits, offset + index) ? 1 : 0;
  uint8_t* tail = to + layout_.key_begin();
  file::CopyShort(tail, reinterpret_cast<const uint8_t*>(key.data()), key.size());
  tail += key.size();
  for (size_t i = 0; i < bytes_.size(); ++i) {
    const Bytes& column = bytes_[i];
    const int32_t size = byte_sizes_[i][row];
    std::memcpy(to + column.at, &size, sizeof size);
    const int64_t begin = column.offsets[index];
    if (begin <= column.block_begin_max) [[likely]] {
      file::CopyShort(tail, column.data + begin, static_cast<size_t>(size));
    } else if (size > 0) {
      std::memcpy(tail, column.data + begin, static_cast<size_t>(size));
    }
    tail += size;
  }
}

}  // namespace sleeper::sort
