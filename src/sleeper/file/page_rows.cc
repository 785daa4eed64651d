#include "sleeper/file/page_rows.h"

#include <cstring>
#include <numeric>

#include <arrow/util/bit_util.h>

namespace sleeper::file {
namespace {

/// The validity of rows, a byte each. Returns how many are valid.
int64_t UnpackValidity(const arrow::ArrayData& array, int64_t begin, int64_t count, uint8_t* valid) {
  if (array.buffers[0] == nullptr) {
    std::memset(valid, 1, static_cast<size_t>(count));
    return count;
  }
  const uint8_t* const bitmap = array.buffers[0]->data();
  for (int64_t i = 0; i < count; ++i) valid[i] = arrow::bit_util::GetBit(bitmap, array.offset + begin + i) ? 1 : 0;
  return std::accumulate(valid, valid + count, int64_t{0});
}

const int32_t* OffsetsOf(const arrow::ArrayData& array) { return array.GetValues<int32_t>(1); }

/// The bytes that the values [begin, end) of an array take.
int64_t BytesOf(const LeafShape& shape, const arrow::ArrayData& array, int64_t begin, int64_t end) {
  if (shape.type != PhysicalType::kByteArray) return (end - begin) * WidthOf(shape.type);
  const int32_t* const offsets = OffsetsOf(array);
  return offsets[end] - offsets[begin] + (end - begin) * PageRows::kSizeBytes;
}

/// The least number of rows that reach `bytes_max`, of which `bytes_of(rows)` is the size; all if they do not.
template <typename BytesOfRows>
int64_t FirstBeyond(int64_t count, int64_t bytes_max, BytesOfRows bytes_of) {
  int64_t least = 1;
  int64_t most = count;
  while (least < most) {
    const int64_t middle = least + (most - least) / 2;
    if (bytes_of(middle) < bytes_max) {
      least = middle + 1;
    } else {
      most = middle;
    }
  }
  return least;
}

}  // namespace

int64_t RowsWithin(const LeafShape& shape, const arrow::ArrayData& array, int64_t begin, int64_t count,
                   int64_t bytes_max) {
  return FirstBeyond(count, bytes_max, [&](int64_t rows) { return BytesOf(shape, array, begin, begin + rows); });
}

int64_t ListsWithin(const LeafShape& shape, const arrow::ArrayData& lists, const arrow::ArrayData& elements,
                    int64_t begin, int64_t count, int64_t bytes_max) {
  const int32_t* const offsets = OffsetsOf(lists);
  return FirstBeyond(count, bytes_max, [&](int64_t rows) {
    return BytesOf(shape, elements, offsets[begin], offsets[begin + rows]) + rows;
  });
}

void PageRows::Clear() {
  rows = 0;
  slots = 0;
  valid.Clear();
  fixed.Clear();
  sizes.Clear();
  bytes.Clear();
  list_sizes.Clear();
  valid_rows.Clear();
}

int64_t PageRows::nulls() const {
  return shape.nullable() ? slots - std::accumulate(valid.data(), valid.data() + slots, int64_t{0}) : 0;
}

int64_t PageRows::value_bytes() const {
  return static_cast<int64_t>(fixed.size() + bytes.size() + sizes.size() * kSizeBytes + list_sizes.size());
}

void PageRows::Append(const arrow::ArrayData& array, int64_t begin, int64_t count) {
  AppendSlots(array, begin, count);
  rows += count;
}

void PageRows::AppendSlots(const arrow::ArrayData& array, int64_t begin, int64_t count) {
  const auto size = static_cast<size_t>(count);
  bool nulls = false;
  if (shape.nullable()) {
    nulls = UnpackValidity(array, begin, count, valid.Reserve(size)) < count;
    valid.Advance(size);
  }
  if (shape.type == PhysicalType::kByteArray) {
    AppendBytes(array, begin, count, nulls);
  } else if (shape.type == PhysicalType::kBoolean) {
    uint8_t* const out = fixed.Reserve(size);
    const uint8_t* const bits = array.buffers[1]->data();
    for (int64_t i = 0; i < count; ++i) out[i] = arrow::bit_util::GetBit(bits, array.offset + begin + i) ? 1 : 0;
    fixed.Advance(size);
  } else {
    const auto width = static_cast<size_t>(WidthOf(shape.type));
    const uint8_t* const values = array.buffers[1]->data() + static_cast<size_t>(array.offset + begin) * width;
    fixed.Append({values, size * width});
  }
  slots += count;
}

void PageRows::AppendBytes(const arrow::ArrayData& array, int64_t begin, int64_t count, bool nulls) {
  const int32_t* const offsets = OffsetsOf(array) + begin;
  const uint8_t* const data = array.buffers[2] == nullptr ? nullptr : array.buffers[2]->data();
  int32_t* const out = sizes.Reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) out[i] = offsets[i + 1] - offsets[i];
  sizes.Advance(static_cast<size_t>(count));
  int64_t total = offsets[count] - offsets[0];
  if (nulls) {
    // A null may have bytes in Arrow; here it has none.
    const uint8_t* const is_valid = valid.end() - count;
    for (int64_t i = 0; i < count; ++i) out[i] &= -static_cast<int32_t>(is_valid[i]);
    const int64_t kept = std::accumulate(out, out + count, int64_t{0});
    if (kept < total) {
      for (int64_t i = 0; i < count; ++i) bytes.Append({data + offsets[i], static_cast<size_t>(out[i])});
      return;
    }
  }
  if (total > 0) bytes.Append({data + offsets[0], static_cast<size_t>(total)});
}

void PageRows::AppendLists(const arrow::ArrayData& lists, const arrow::ArrayData& elements, int64_t begin,
                           int64_t count) {
  const auto size = static_cast<size_t>(count);
  const int32_t* const offsets = OffsetsOf(lists) + begin;
  uint32_t* const out = list_sizes.Reserve(size);
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<uint32_t>(offsets[i + 1] - offsets[i]);
  list_sizes.Advance(size);
  bool nulls = false;
  if (shape.nullable_rows()) {
    uint8_t* const is_valid = valid_rows.Reserve(size);
    nulls = UnpackValidity(lists, begin, count, is_valid) < count;
    valid_rows.Advance(size);
    // A null list may have elements in Arrow; here it has none.
    for (int64_t i = 0; i < count; ++i) out[i] &= -static_cast<uint32_t>(is_valid[i]);
  }
  if (nulls) {
    for (int64_t i = 0; i < count; ++i) {
      if (out[i] > 0) AppendSlots(elements, offsets[i], out[i]);
    }
  } else if (offsets[count] > offsets[0]) {
    AppendSlots(elements, offsets[0], offsets[count] - offsets[0]);
  }
  rows += count;
}

}  // namespace sleeper::file
