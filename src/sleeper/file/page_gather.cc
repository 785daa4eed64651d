#include "sleeper/file/page_gather.h"

#include <algorithm>
#include <cstring>

#include "sleeper/base/check.h"
#include "sleeper/file/slack_array.h"

// The inner loops have no branch that depends on data but for the length of a string: which input a row comes from is
// an index, and whether pages have nulls is a mask. Sources stand in the outer loop of rows, columns outside of it: a
// page of each input and the page that is made stay in the caches while a column is gathered.

namespace sleeper::file {
namespace {

constexpr uint8_t kValid = 1;

/// Values up to this size are copied as one block.
constexpr size_t kBlock = 16;

/// Appends `count` flags, each 1 or 0, from `begin` on: a mask of 0 stands for flags that are all 1.
void AppendFlags(const uint8_t* flags, uint32_t mask, size_t begin, size_t count, ByteArray& out) {
  uint8_t* const to = out.Reserve(count);
  if (mask == 0) {
    std::memset(to, kValid, count);
  } else {
    std::memcpy(to, flags + begin, count);
  }
  out.Advance(count);
}

}  // namespace

void PageGather::Start(size_t leaf, std::span<PageInput* const> inputs) {
  SLEEPER_CHECK(inputs.size() <= cursors_.size(), "too many inputs");
  leaf_ = leaf;
  inputs_ = inputs;
  aligned_ = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    cursors_[i].next = cursors_[i].end = 0;
    rows_taken_[i] = inputs[i] == nullptr ? 0 : inputs[i]->taken();
  }
}

Status PageGather::Refill(size_t input) {
  Cursor& cursor = cursors_[input];
  TRY_ASSIGN(const LeafReader::Rows rows, inputs_[input]->Read(leaf_, rows_taken_[input]));
  const FlatValues& values = rows.page->values();
  cursor.fixed = values.fixed;
  cursor.views = values.views;
  cursor.bytes = values.bytes;
  cursor.valid = values.valid != nullptr ? values.valid : &kValid;
  cursor.valid_mask = values.valid != nullptr ? ~uint32_t{0} : 0;
  cursor.next = static_cast<uint32_t>(rows.begin);
  cursor.end = static_cast<uint32_t>(rows.begin + rows.count);
  const uint8_t* const valid_rows = rows.page->valid_rows();
  lists_[input] = {.offsets = rows.page->row_offsets(),
                   .valid = valid_rows != nullptr ? valid_rows : &kValid,
                   .valid_mask = valid_rows != nullptr ? ~uint32_t{0} : 0};
  return Status::OK();
}

Result<size_t> PageGather::Available(std::span<const uint8_t> sources) {
  if (aligned_) return sources.size();
  bool aligned = true;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i] == nullptr) continue;
    const int64_t left = inputs_[i]->keys().rows() - rows_taken_[i];
    if (left == 0) continue;
    if (cursors_[i].next == cursors_[i].end) TRY(Refill(i));
    aligned &= cursors_[i].end - cursors_[i].next >= left;
  }
  // A step takes no more rows than a window has.
  aligned_ = aligned;
  if (aligned) return sources.size();
  std::array<uint32_t, rows::MergePlan::kInputsMax> left;
  for (size_t i = 0; i < inputs_.size(); ++i) left[i] = cursors_[i].end - cursors_[i].next;
  const auto out = std::ranges::find_if(sources, [&](uint8_t source) { return left[source]-- == 0; });
  return static_cast<size_t>(out - sources.begin());
}

Result<int64_t> PageGather::AppendInterleaved(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out) {
  const int64_t rows_before = out.rows;
  while (!sources.empty()) {
    TRY_ASSIGN(const size_t available, Available(sources.first(std::min(sources.size(), kPartRows))));
    SLEEPER_CHECK(available > 0, "a merge planned rows that an input does not have");
    const size_t appended = Append(sources.first(available), bytes_max, out);
    if (!aligned_) {
      for (const uint8_t source : sources.first(appended)) ++rows_taken_[source];
    }
    if (appended < available) break;
    sources = sources.subspan(appended);
  }
  return out.rows - rows_before;
}

size_t PageGather::Append(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out) {
  size_t rows;
  if (out.shape.repeated) {
    rows = AppendLists(sources, bytes_max, out);
  } else {
    rows = AppendFlat(sources, bytes_max, out);
    out.slots += static_cast<int64_t>(rows);
  }
  out.rows += static_cast<int64_t>(rows);
  return rows;
}

size_t PageGather::AppendFlat(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out) {
  if (out.shape.nullable()) AppendValidity(sources, out);
  switch (out.shape.type) {
    case PhysicalType::kByteArray: {
      const size_t rows = AppendBytes(sources, bytes_max, out);
      if (out.shape.nullable()) out.valid.Truncate(out.valid.size() - (sources.size() - rows));
      return rows;
    }
    case PhysicalType::kBoolean:
      AppendFixed<uint8_t>(sources, out);
      break;
    default:
      if (WidthOf(out.shape.type) == 4) {
        AppendFixed<uint32_t>(sources, out);
      } else {
        AppendFixed<uint64_t>(sources, out);
      }
  }
  return sources.size();
}

void PageGather::AppendValidity(std::span<const uint8_t> sources, PageRows& out) const {
  // The values' own pass moves the cursors.
  std::array<uint32_t, rows::MergePlan::kInputsMax> next;
  for (size_t i = 0; i < inputs_.size(); ++i) next[i] = cursors_[i].next;
  uint8_t* valid = out.valid.Reserve(sources.size());
  for (const uint8_t source : sources) {
    const Cursor& cursor = cursors_[source];
    *valid++ = cursor.valid[next[source]++ & cursor.valid_mask];
  }
  out.valid.Advance(sources.size());
}

template <typename Value>
void PageGather::AppendFixed(std::span<const uint8_t> sources, PageRows& out) {
  uint8_t* to = out.fixed.Reserve(sources.size() * sizeof(Value));
  for (const uint8_t source : sources) {
    Cursor& cursor = cursors_[source];
    std::memcpy(to, cursor.fixed + size_t{cursor.next++} * sizeof(Value), sizeof(Value));
    to += sizeof(Value);
  }
  out.fixed.Advance(sources.size() * sizeof(Value));
}

size_t PageGather::AppendBytes(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out) {
  // Room for as many blocks as there are values; a value that is longer asks for its own.
  auto count = sources.size();
  int32_t* const sizes = out.sizes.Reserve(count);
  uint8_t* to = out.bytes.Reserve(count * kBlock);
  for (size_t i = 0; i < count; ++i) {
    Cursor& cursor = cursors_[sources[i]];
    const ByteView view = cursor.views[cursor.next++];
    const uint8_t* const from = cursor.bytes + view.begin;
    sizes[i] = static_cast<int32_t>(view.size);
    if (view.size <= kBlock) [[likely]] {
      CopyShort(to, from, kBlock);
    } else {
      out.bytes.Advance(static_cast<size_t>(to - out.bytes.end()));
      to = out.bytes.Reserve(view.size + (count - i) * kBlock);
      CopyShort(to, from, view.size);
      // How many rows are appended at a time goes by those before; longer ones are stopped here.
      if (static_cast<int64_t>(out.bytes.size() + view.size) >= bytes_max) [[unlikely]] {
        count = i + 1;
      }
    }
    to += view.size;
  }
  out.sizes.Advance(count);
  out.bytes.Advance(static_cast<size_t>(to - out.bytes.end()));
  return count;
}

size_t PageGather::AppendLists(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out) {
  uint32_t* const sizes = out.list_sizes.Reserve(sources.size());
  uint8_t* const valid_rows = out.valid_rows.Reserve(sources.size());
  size_t rows = 0;
  while (rows < sources.size()) {
    Cursor& cursor = cursors_[sources[rows]];
    const Lists& lists = lists_[sources[rows]];
    const uint32_t row = cursor.next++;
    const uint32_t begin = lists.offsets[row];
    sizes[rows] = lists.offsets[row + 1] - begin;
    valid_rows[rows] = lists.valid[row & lists.valid_mask];
    AppendSlots(cursor, begin, sizes[rows], out);
    ++rows;
    if (out.value_bytes() + static_cast<int64_t>(rows) >= bytes_max) break;
  }
  out.list_sizes.Advance(rows);
  out.valid_rows.Advance(out.shape.nullable_rows() ? rows : 0);
  return rows;
}

Result<int64_t> PageGather::AppendRun(size_t input, int64_t rows, int64_t bytes_max, PageRows& out) {
  const int64_t rows_before = out.rows;
  Cursor& cursor = cursors_[input];
  while (rows > 0) {
    if (cursor.next == cursor.end) TRY(Refill(input));
    const auto available = static_cast<size_t>(std::min<int64_t>(rows, cursor.end - cursor.next));
    const size_t count = RunRows(input, available, bytes_max, out);
    if (out.shape.repeated) {
      AppendRunLists(input, count, out);
    } else {
      AppendSlots(cursor, cursor.next, count, out);
    }
    cursor.next += static_cast<uint32_t>(count);
    rows_taken_[input] += static_cast<int64_t>(count);
    out.rows += static_cast<int64_t>(count);
    rows -= static_cast<int64_t>(count);
    if (count < available) break;
  }
  return out.rows - rows_before;
}

size_t PageGather::RunRows(size_t input, size_t rows, int64_t bytes_max, const PageRows& out) const {
  const Cursor& cursor = cursors_[input];
  const bool is_bytes = out.shape.type == PhysicalType::kByteArray;
  if (!is_bytes && !out.shape.repeated) return rows;
  const auto bytes_of = [&](size_t begin, size_t end) {
    if (!is_bytes) return static_cast<int64_t>(end - begin) * WidthOf(out.shape.type);
    int64_t bytes = 0;
    for (size_t slot = begin; slot < end; ++slot) bytes += int64_t{cursor.views[slot].size} + PageRows::kSizeBytes;
    return bytes;
  };
  const int64_t room = bytes_max - out.value_bytes();
  const uint32_t* const offsets = out.shape.repeated ? lists_[input].offsets : nullptr;
  const auto slot_of = [&](size_t row) { return offsets == nullptr ? row : offsets[row]; };
  // Most often all of them have room.
  if (bytes_of(slot_of(cursor.next), slot_of(cursor.next + rows)) + static_cast<int64_t>(rows) < room) return rows;
  int64_t bytes = 0;
  for (size_t i = 0; i < rows; ++i) {
    bytes += bytes_of(slot_of(cursor.next + i), slot_of(cursor.next + i + 1)) + (out.shape.repeated ? 1 : 0);
    if (bytes >= room) return i + 1;
  }
  return rows;
}

void PageGather::AppendRunLists(size_t input, size_t rows, PageRows& out) const {
  const Cursor& cursor = cursors_[input];
  const Lists& lists = lists_[input];
  const uint32_t* const offsets = lists.offsets + cursor.next;
  uint32_t* const sizes = out.list_sizes.Reserve(rows);
  for (size_t i = 0; i < rows; ++i) sizes[i] = offsets[i + 1] - offsets[i];
  out.list_sizes.Advance(rows);
  if (out.shape.nullable_rows()) AppendFlags(lists.valid, lists.valid_mask, cursor.next, rows, out.valid_rows);
  AppendSlots(cursor, offsets[0], offsets[rows] - offsets[0], out);
}

void PageGather::AppendSlots(const Cursor& cursor, size_t begin, size_t count, PageRows& out) {
  if (out.shape.nullable()) AppendFlags(cursor.valid, cursor.valid_mask, begin, count, out.valid);
  if (out.shape.type == PhysicalType::kByteArray) {
    AppendSlotBytes(cursor, begin, count, out);
  } else {
    const auto width = static_cast<size_t>(WidthOf(out.shape.type));
    out.fixed.Append({cursor.fixed + begin * width, count * width});
  }
  out.slots += static_cast<int64_t>(count);
}

void PageGather::AppendSlotBytes(const Cursor& cursor, size_t begin, size_t count, PageRows& out) {
  const std::span<const ByteView> views(cursor.views + begin, count);
  int32_t* const sizes = out.sizes.Reserve(count);
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    sizes[i] = static_cast<int32_t>(views[i].size);
    total += views[i].size;
  }
  out.sizes.Advance(count);
  uint8_t* to = out.bytes.Reserve(total);
  for (const ByteView view : views) {
    CopyShort(to, cursor.bytes + view.begin, view.size);
    to += view.size;
  }
  out.bytes.Advance(total);
}

}  // namespace sleeper::file
