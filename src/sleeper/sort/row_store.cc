#include "sleeper/sort/row_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/sort/row_builder.h"

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

/// Bytes behind a block that may be read and written, so that short values can be copied in blocks.
constexpr size_t kSlack = 64;
/// What is asked for ahead where rows are walked over.
constexpr size_t kBytesAhead = 1 << 10;
static_assert(kSlack >= RowBuilder::kSlack);

const int32_t* OffsetsOf(const arrow::ArrayData& array) { return array.GetValues<int32_t>(1); }

}  // namespace

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
  if (!sections_.empty()) {
    TRY(keys_.Encode(batch));
    AddRows(batch, keys_);
    return Status::OK();
  }
  first_bytes_ += batch.bytes();
  first_.push_back(std::move(batch));
  return rows_ < kSampleRows && sections_max_ > 1 ? Status::OK() : AddFirst();
}

Status RowStore::AddFirst() {
  std::vector<columnar::KeyColumn> keys(first_.size());
  for (size_t i = 0; i < first_.size(); ++i) TRY(keys[i].Encode(first_[i]));
  ChooseSections(keys);
  for (size_t i = 0; i < first_.size(); ++i) AddRows(first_[i], keys[i]);
  first_.clear();
  first_bytes_ = 0;
  return Status::OK();
}

Status RowStore::Finish() {
  if (!first_.empty()) TRY(AddFirst());
  for (size_t section = 0; section < sections_.size(); ++section) EndBlock(section);
  return Status::OK();
}

int64_t RowStore::bytes() const {
  // One section is being written, whose entries are sorted; of another one they are, which takes them twice.
  return first_bytes_ + block_bytes_total_ + 3 * section_rows_max_ * static_cast<int64_t>(sizeof(RowEntry));
}

void RowStore::ChooseSections(const std::vector<columnar::KeyColumn>& keys) {
  std::string_view common;
  for (size_t i = 0; i < keys.size(); ++i) {
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
  cursors_.resize(sections_.size());
  for (size_t i = 1; i + 1 < sections_.size(); ++i) sections_[i].depth = common_.size();
  IndexBounds(prefixes);
}

void RowStore::IndexBounds(std::span<const uint64_t> prefixes) {
  parts_begin_ = prefixes.front();
  part_shift_ = std::max(0, static_cast<int>(std::bit_width(prefixes.back() - prefixes.front())) - kPartBits);
  bounds_below_part_.assign(kParts + 1, 0);
  for (const uint64_t bound : bounds_) ++bounds_below_part_[PartOf(bound) + 1];
  const uint16_t within_max = std::ranges::max(bounds_below_part_);
  std::partial_sum(bounds_below_part_.begin(), bounds_below_part_.end(), bounds_below_part_.begin());
  first_step_ = std::bit_ceil(within_max + size_t{1}) / 2;
  // A search passes over bounds that only fill up the array if the prefix is the greatest one.
  bounds_.resize(bounds_.size() + 2 * first_step_, ~uint64_t{0});
}

size_t RowStore::PartOf(uint64_t prefix) const {
  const uint64_t part = (std::max(prefix, parts_begin_) - parts_begin_) >> part_shift_;
  return std::min<size_t>(part, kParts - 1);
}

size_t RowStore::SectionOf(std::string_view key, uint64_t prefix) const {
  if (!common_.empty() && !key.starts_with(common_)) return key < common_ ? 0 : sections_.size() - 1;
  // A search without a branch that depends on data.
  size_t bounds_below = bounds_below_part_[PartOf(prefix)];
  for (size_t step = first_step_; step > 0; step /= 2) {
    bounds_below += bounds_[bounds_below + step - 1] <= prefix ? step : 0;
  }
  return std::min(bounds_below + 1, sections_.size() - 2);
}

void RowStore::AddRows(const columnar::Batch& batch, const columnar::KeyColumn& keys) {
  NoteZeros(batch);
  RowBuilder builder(row_layout_, batch, keys);
  std::array<uint8_t*, RowBuilder::kRowsMax> places;
  for (int64_t begin = 0; begin < batch.rows(); begin += RowBuilder::kRowsMax) {
    const int64_t rows = std::min(RowBuilder::kRowsMax, batch.rows() - begin);
    builder.Load(begin, rows);
    for (int64_t i = 0; i < rows; ++i) {
      const std::string_view key = keys.key(begin + i);
      const uint64_t prefix = key.size() < common_.size() ? 0 : keys.Prefix(begin + i, common_.size());
      places[i] = Place(SectionOf(key, prefix), builder.size(i));
      // Rows of one section meet again only hundreds of rows later: the memory has to come from far. Where a row begins
      // the one before it has been, so it is the row's end that is waited for.
      __builtin_prefetch(places[i], 1);
      __builtin_prefetch(places[i] + builder.size(i), 1);
    }
    for (int64_t i = 0; i < rows; ++i) builder.Build(i, places[i]);
  }
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

uint8_t* RowStore::Place(size_t section, size_t bytes) {
  if (static_cast<size_t>(cursors_[section].end - cursors_[section].next) < bytes) StartBlock(section, bytes);
  Cursor& cursor = cursors_[section];
  ++cursor.rows;
  return std::exchange(cursor.next, cursor.next + bytes);
}

void RowStore::StartBlock(size_t section, size_t bytes) {
  EndBlock(section);
  const size_t size = std::max(bytes, block_bytes_);
  sections_[section].blocks.push_back({.number = static_cast<uint32_t>(blocks_.size()), .size = size + kSlack});
  blocks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(size + kSlack));
  block_bytes_total_ += static_cast<int64_t>(size + kSlack);
  Cursor& cursor = cursors_[section];
  cursor.next = blocks_.back().get();
  cursor.end = cursor.next + size;
  section_rows_max_ = std::max(section_rows_max_, cursor.rows);
}

void RowStore::EndBlock(size_t section) {
  if (sections_[section].blocks.empty()) return;
  Block& last = sections_[section].blocks.back();
  last.used = static_cast<size_t>(cursors_[section].next - blocks_[last.number].get());
}

std::vector<RowEntry> RowStore::Entries(size_t section) const {
  const size_t depth = sections_[section].depth;
  std::vector<RowEntry> entries;
  entries.reserve(static_cast<size_t>(cursors_[section].rows));
  for (const Block& block : sections_[section].blocks) {
    const uint8_t* const begin = blocks_[block.number].get();
    for (size_t at = 0; at < block.used;) {
      // Rows lie side by side, but where the next one begins is known only by looking at this one.
      __builtin_prefetch(begin + at + kBytesAhead);
      const std::string_view whole = key(begin + at);
      entries.push_back({KeyPrefix(whole, depth), uint64_t{block.number} << 32 | at});
      at += row_layout_.SizeOf(begin + at, whole.size());
    }
  }
  return entries;
}

void RowStore::Drop(size_t section) {
  for (const Block& block : sections_[section].blocks) {
    blocks_[block.number].reset();
    block_bytes_total_ -= static_cast<int64_t>(block.size);
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
