#include "sleeper/sort/row_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/util/bit_util.h>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::sort {
namespace {

/// Rows with their entries that a core's own cache holds.
constexpr int64_t kSectionBytes = 2 << 20;
constexpr int64_t kSectionsMax = 512;
/// The first rows decide on the sections; so many of them for each make sections of about equal size.
constexpr int64_t kSampleRows = 32 << 10;
constexpr size_t kSampleRowsPerSection = 16;
/// Blocks are filled one by one; the last one of each section hardly ever to its end.
constexpr int64_t kBlocksPerSection = 16;
constexpr int64_t kBlockBytesMin = 4 << 10;
constexpr int64_t kBlockBytesMax = 64 << 10;
constexpr size_t kEntriesPerChunk = 1024;

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

/// Rows that are being copied: the section of each, where it begins and where its next string goes.
struct RowStore::Part {
  std::array<uint32_t, kPartRows> sections;
  std::array<RowEntry, kPartRows> entries;
  std::array<uint8_t*, kPartRows> rows;
  std::array<uint8_t*, kPartRows> tails;
  std::array<uint8_t, kPartRows> valid;
};

RowStore::RowStore(std::shared_ptr<const columnar::Layout> layout, int64_t memory_bytes)
    : layout_(std::move(layout)),
      row_layout_(layout_->schema()),
      sections_max_(static_cast<size_t>(std::clamp<int64_t>(memory_bytes / kSectionBytes, 1, kSectionsMax))),
      block_bytes_(static_cast<size_t>(std::clamp<int64_t>(
          memory_bytes / kBlocksPerSection / static_cast<int64_t>(sections_max_), kBlockBytesMin, kBlockBytesMax))),
      has_zeros_(row_layout_.columns().size(), false) {
  SLEEPER_CHECK(layout_->is_whole(), "rows are sorted with all their fields");
}

Status RowStore::Add(columnar::Batch batch) {
  SLEEPER_CHECK(batch.layout() == *layout_, "a batch of another layout");
  if (batch.rows() == 0) return Status::OK();
  rows_ += batch.rows();
  if (!sections_.empty()) return AddRows(batch);
  first_bytes_ += batch.bytes();
  first_.push_back(std::move(batch));
  return rows_ < kSampleRows && sections_max_ > 1 ? Status::OK() : Finish();
}

Status RowStore::Finish() {
  if (first_.empty()) return Status::OK();
  TRY(ChooseSections());
  for (const columnar::Batch& batch : std::exchange(first_, {})) TRY(AddRows(batch));
  first_bytes_ = 0;
  return Status::OK();
}

int64_t RowStore::bytes() const {
  // One section is being written, whose entries are sorted; of another one they are, which takes them twice.
  constexpr auto kEntryBytes = static_cast<int64_t>(sizeof(RowEntry));
  return first_bytes_ + block_bytes_total_ + (rows_ + 3 * section_rows_max_) * kEntryBytes;
}

Status RowStore::ChooseSections() {
  std::vector<columnar::KeyColumn> keys(first_.size());
  std::string_view common;
  for (size_t i = 0; i < first_.size(); ++i) {
    TRY(keys[i].Encode(first_[i]));
    const std::string_view own = keys[i].key(0).substr(0, keys[i].CommonPrefix());
    if (i == 0) common = own;
    const size_t size = std::min(common.size(), own.size());
    const auto parted = std::mismatch(common.begin(), common.begin() + static_cast<ptrdiff_t>(size), own.begin());
    common = common.substr(0, static_cast<size_t>(parted.first - common.begin()));
  }
  common_ = common;
  std::vector<uint64_t> prefixes;
  for (const columnar::KeyColumn& column : keys) {
    for (int64_t row = 0; row < column.rows(); ++row) prefixes.push_back(column.Prefix(row, common_.size()));
  }
  std::ranges::sort(prefixes);
  const size_t wanted = std::min(sections_max_, prefixes.size() / kSampleRowsPerSection + 1);
  for (size_t i = 1; i < wanted; ++i) {
    const uint64_t bound = prefixes[i * prefixes.size() / wanted];
    if (bound > prefixes.front() && (bounds_.empty() || bound > bounds_.back())) bounds_.push_back(bound);
  }
  sections_.resize(bounds_.size() + 3);
  for (size_t i = 1; i + 1 < sections_.size(); ++i) sections_[i].depth = common_.size();
  bounds_.resize(std::bit_ceil(bounds_.size() + 1) - 1, ~uint64_t{0});
  return Status::OK();
}

size_t RowStore::SectionOf(std::string_view key, uint64_t prefix) const {
  if (!common_.empty() && !key.starts_with(common_)) return key < common_ ? 0 : sections_.size() - 1;
  // A search without a branch that depends on data.
  size_t bounds_below = 0;
  for (size_t step = (bounds_.size() + 1) / 2; step > 0; step /= 2) {
    bounds_below += bounds_[bounds_below + step - 1] <= prefix ? step : 0;
  }
  // The bounds that only fill up the array are not above the greatest prefix.
  return std::min(bounds_below + 1, sections_.size() - 2);
}

Status RowStore::AddRows(const columnar::Batch& batch) {
  TRY(keys_.Encode(batch));
  NoteZeros(batch);
  for (int64_t begin = 0; begin < batch.rows(); begin += kPartRows) {
    AddPart(batch, begin, std::min(kPartRows, batch.rows() - begin));
  }
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

uint64_t RowStore::Place(Section& section, size_t bytes) {
  if (section.block_size - section.block_used < bytes) {
    section.block_size = std::max(bytes, block_bytes_);
    section.block_used = 0;
    section.blocks.push_back(static_cast<uint32_t>(blocks_.size()));
    blocks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(section.block_size + kSlack));
    block_bytes_total_ += static_cast<int64_t>(section.block_size + kSlack);
  }
  const uint64_t address = uint64_t{section.blocks.back()} << 32 | section.block_used;
  section.block_used += bytes;
  return address;
}

void RowStore::AddEntry(Section& section, const RowEntry& entry) {
  if (section.entries.empty() || section.entries.back().size() == kEntriesPerChunk) {
    section.entries.emplace_back().reserve(kEntriesPerChunk);
  }
  section.entries.back().push_back(entry);
  section_rows_max_ = std::max(section_rows_max_, ++section.rows);
}

void RowStore::PlaceRows(const columnar::Batch& batch, int64_t begin, int64_t rows, Part& part) {
  std::array<size_t, kPartRows> sizes;
  for (int64_t i = 0; i < rows; ++i) {
    const std::string_view key = keys_.key(begin + i);
    sizes[i] = row_layout_.key_begin() + key.size();
    const uint64_t prefix = key.size() < common_.size() ? 0 : keys_.Prefix(begin + i, common_.size());
    part.sections[i] = static_cast<uint32_t>(SectionOf(key, prefix));
    part.entries[i].prefix = sections_[part.sections[i]].depth > 0 ? prefix : keys_.Prefix(begin + i, 0);
  }
  for (size_t i = 0; i < row_layout_.columns().size(); ++i) {
    const RowLayout::Column& column = row_layout_.columns()[i];
    if (column.is_key || column.width > 0) continue;
    // A null may have bytes in Arrow. Here they count, and are not used.
    const int32_t* const offsets = OffsetsOf(*batch.arrow()->column_data(static_cast<int>(i))) + begin;
    for (int64_t row = 0; row < rows; ++row) sizes[row] += static_cast<size_t>(offsets[row + 1] - offsets[row]);
  }
  for (int64_t i = 0; i < rows; ++i) {
    Section& section = sections_[part.sections[i]];
    part.entries[i].address = Place(section, sizes[i]);
    part.rows[i] = blocks_[section.blocks.back()].get() + static_cast<uint32_t>(part.entries[i].address);
    AddEntry(section, part.entries[i]);
  }
}

void RowStore::AddPart(const columnar::Batch& batch, int64_t begin, int64_t rows) {
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
  }
  for (size_t i = 0; i < row_layout_.columns().size(); ++i) {
    AddColumn(row_layout_.columns()[i], *batch.arrow()->column_data(static_cast<int>(i)), begin, rows, part);
  }
}

std::vector<RowEntry> RowStore::TakeEntries(size_t section) {
  Section& taken = sections_[section];
  std::vector<RowEntry> all;
  all.reserve(static_cast<size_t>(taken.rows));
  for (std::vector<RowEntry>& chunk : taken.entries) {
    all.insert(all.end(), chunk.begin(), chunk.end());
    std::vector<RowEntry>().swap(chunk);
  }
  taken.entries.clear();
  return all;
}

void RowStore::Drop(size_t section) {
  for (const uint32_t block : sections_[section].blocks) blocks_[block].reset();
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
