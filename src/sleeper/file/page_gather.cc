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

Status PageGather::AppendInterleaved(std::span<const uint8_t> sources, PageRows& out) {
  while (!sources.empty()) {
    TRY_ASSIGN(const size_t available, Available(sources.first(std::min(sources.size(), kPartRows))));
    SLEEPER_CHECK(available > 0, "a merge planned rows that an input does not have");
    Append(sources.first(available), out);
    sources = sources.subspan(available);
  }
  return Status::OK();
}

void PageGather::Append(std::span<const uint8_t> sources, PageRows& out) {
  if (out.shape.nullable()) AppendValidity(sources, out);
  switch (out.shape.type) {
    case PhysicalType::kByteArray:
      AppendBytes(sources, out);
      break;
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
  if (!aligned_) {
    for (const uint8_t source : sources) ++rows_taken_[source];
  }
  out.rows += static_cast<int64_t>(sources.size());
  out.slots += static_cast<int64_t>(sources.size());
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

void PageGather::AppendBytes(std::span<const uint8_t> sources, PageRows& out) {
  // Room for as many blocks as there are values; a value that is longer asks for its own.
  const auto count = sources.size();
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
    }
    to += view.size;
  }
  out.sizes.Advance(count);
  out.bytes.Advance(static_cast<size_t>(to - out.bytes.end()));
}

Status PageGather::AppendRun(size_t input, int64_t rows, PageRows& out) {
  Cursor& cursor = cursors_[input];
  while (rows > 0) {
    if (cursor.next == cursor.end) TRY(Refill(input));
    const auto count = static_cast<size_t>(std::min<int64_t>(rows, cursor.end - cursor.next));
    if (out.shape.nullable()) {
      uint8_t* const valid = out.valid.Reserve(count);
      if (cursor.valid_mask == 0) {
        std::memset(valid, kValid, count);
      } else {
        std::memcpy(valid, cursor.valid + cursor.next, count);
      }
      out.valid.Advance(count);
    }
    if (out.shape.type == PhysicalType::kByteArray) {
      AppendRunBytes(cursor, count, out);
    } else {
      const auto width = static_cast<size_t>(WidthOf(out.shape.type));
      out.fixed.Append({cursor.fixed + cursor.next * width, count * width});
    }
    cursor.next += static_cast<uint32_t>(count);
    rows_taken_[input] += static_cast<int64_t>(count);
    out.rows += static_cast<int64_t>(count);
    out.slots += static_cast<int64_t>(count);
    rows -= static_cast<int64_t>(count);
  }
  return Status::OK();
}

void PageGather::AppendRunBytes(const Cursor& cursor, size_t rows, PageRows& out) {
  const std::span<const ByteView> views(cursor.views + cursor.next, rows);
  int32_t* const sizes = out.sizes.Reserve(rows);
  size_t total = 0;
  for (size_t i = 0; i < rows; ++i) {
    sizes[i] = static_cast<int32_t>(views[i].size);
    total += views[i].size;
  }
  out.sizes.Advance(rows);
  uint8_t* to = out.bytes.Reserve(total);
  for (const ByteView view : views) {
    CopyShort(to, cursor.bytes + view.begin, view.size);
    to += view.size;
  }
  out.bytes.Advance(total);
}

}  // namespace sleeper::file
