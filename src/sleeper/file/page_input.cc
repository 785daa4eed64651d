#include "sleeper/file/page_input.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/page_fetch.h"

namespace sleeper::file {
namespace {

/// A page of fewer strings than this has ended for their size.
constexpr int64_t kWidePageRows = 64;

bool IsNull(const LeafReader::Rows& rows, int64_t row) {
  const uint8_t* const valid = rows.page->valid_rows();
  return valid != nullptr && valid[rows.begin + row] == 0;
}

}  // namespace

PageInput::PageInput(PageSource source, const CallContext& call)
    : source_(std::move(source)),
      call_(call),
      leaves_(LeavesOf(source_.layout->schema())),
      checked_(leaves_.size(), 0) {}

Result<bool> PageInput::Next() {
  SLEEPER_CHECK(rows_left() == 0, "rows of a window were left: ", rows_left());
  for (;;) {
    if (stretches_.empty() && !NextRowGroup()) return false;
    Stretch& stretch = stretches_.front();
    const int64_t begin = stretch.begin;
    TRY_ASSIGN(const int64_t count, LoadKeys(begin, EndOfWindow(begin, stretch.end) - begin));
    const bool whole = stretch.whole;
    stretch.begin += count;
    if (stretch.begin == stretch.end) stretches_.pop_front();
    window_begin_ = begin;
    taken_ = 0;
    if (whole) return true;
    const int64_t first = keys_.LowerBound(source_.interval.lower);
    const int64_t end = source_.interval.upper ? keys_.LowerBound(*source_.interval.upper) : count;
    if (first < end) {
      if (end - first < count) TRY(LoadKeys(begin + first, end - first).status());
      window_begin_ = begin + first;
      return true;
    }
    taken_ = keys_.rows();
  }
}

int64_t PageInput::EndOfWindow(int64_t begin, int64_t end) const {
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    const LeafShape& shape = leaves_[leaf].shape;
    if (!shape.repeated && shape.type != PhysicalType::kByteArray) continue;
    const LeafPages::Page& page = readers_[leaf].PageOf(begin);
    if (shape.repeated || page.rows < kWidePageRows) end = std::min(end, page.first_row + page.rows);
  }
  return end;
}

bool PageInput::FindRowGroup() {
  const std::vector<RowGroupIndex>& row_groups = source_.index->row_groups;
  while (unknown_row_group_ < row_groups.size()) {
    RowGroup next{.number = unknown_row_group_++};
    const RowGroupIndex& index = row_groups[next.number];
    next.stretches = PlanStretches(index, {&source_.interval, 1});
    if (next.stretches.empty()) continue;
    for (const LeafIndex& leaf : index.leaves) next.pages.push_back(PlanPages(leaf, index.rows, next.stretches));
    next.fetch = std::make_shared<PageFetch>(FetchSource{.store = source_.store,
                                                         .path = source_.path,
                                                         .window_bytes_max = source_.window_bytes_max,
                                                         .background = source_.background},
                                             call_, next.pages);
    coming_.push_back(std::move(next));
    return true;
  }
  return false;
}

int64_t PageInput::ReadAhead(int64_t bytes_max) {
  int64_t missing = bytes_max - (fetch_ == nullptr ? 0 : fetch_->bytes_ahead());
  for (const RowGroup& row_group : coming_) missing -= row_group.fetch->bytes_ahead();
  const auto ask = [&](PageFetch& fetch) {
    for (int64_t asked = 1; missing > 0 && asked > 0; missing -= asked) asked = fetch.AskAhead();
  };
  if (fetch_ != nullptr) ask(*fetch_);
  for (size_t i = 0; missing > 0 && (i < coming_.size() || FindRowGroup()); ++i) ask(*coming_[i].fetch);
  return missing;
}

bool PageInput::NextRowGroup() {
  if (coming_.empty() && !FindRowGroup()) return false;
  RowGroup next = std::move(coming_.front());
  coming_.pop_front();
  row_group_ = next.number;
  fetch_ = std::move(next.fetch);
  stretches_.assign(next.stretches.begin(), next.stretches.end());
  std::ranges::fill(checked_, 0);
  // The readers keep their memory, as far as there is one of the row group before.
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    LeafSource source{.fetch = fetch_,
                      .fetch_leaf = leaf,
                      .pages = std::move(next.pages[leaf]),
                      .codec = source_.index->row_groups[row_group_].leaves[leaf].codec,
                      .shape = leaves_[leaf].shape};
    if (leaf < readers_.size()) {
      readers_[leaf].Restart(std::move(source));
    } else {
      readers_.emplace_back(std::move(source), source_.decoder);
    }
  }
  return true;
}

bool PageInput::IsWhole(const RowGroup& row_group) const {
  const std::vector<Stretch>& stretches = row_group.stretches;
  return stretches.size() == 1 && stretches[0].whole &&
         stretches[0].end - stretches[0].begin == source_.index->row_groups[row_group.number].rows;
}

const RowGroupSummary* PageInput::NextWholeRowGroup() {
  if (source_.row_groups == nullptr || !stretches_.empty()) return nullptr;
  if (coming_.empty() && !FindRowGroup()) return nullptr;
  const RowGroup& next = coming_.front();
  if (!IsWhole(next)) return nullptr;
  const RowGroupSummary& summary = source_.row_groups->summary(next.number);
  // Rows of equal row keys are ordered by their sort keys, which are not known without decoding.
  const size_t following = next.number + 1;
  const bool shares_key = following < source_.index->row_groups.size() &&
                          source_.row_groups->summary(following).bounds.min <= summary.bounds.max;
  return shares_key ? nullptr : &summary;
}

PageInput::Size PageInput::SizeOfNextRowGroup() const {
  const RowGroupIndex& row_group = source_.index->row_groups[coming_.front().number];
  Size size{.rows = row_group.rows};
  for (const LeafIndex& leaf : row_group.leaves) {
    size.bytes += leaf.pages.back().offset + leaf.pages.back().bytes - leaf.pages.front().offset;
  }
  return size;
}

Result<RowGroupCopy> PageInput::TakeRowGroup() {
  const RowGroup next = std::move(coming_.front());
  coming_.pop_front();
  RowGroupCopy copy = source_.row_groups->Describe(next.number);
  Result<std::vector<Buffer>> bytes = next.fetch->TakeAll();
  if (!bytes.ok()) return WithContext(bytes.status(), NameOf(next.number));
  copy.bytes = std::move(*bytes);
  TRY(ReadBloomFilters(copy));
  const Status checked = CheckPages(copy);
  if (!checked.ok()) return WithContext(checked, NameOf(next.number));
  rows_taken_ += copy.metadata.rows;
  if (source_.hashed) row_hash_ += copy.summary.row_hash;
  return copy;
}

Status PageInput::ReadBloomFilters(RowGroupCopy& copy) {
  int64_t read = 0;
  for (const Buffer& bytes : copy.bytes) read += bytes.size();
  if (read >= copy.range.size) return Status::OK();
  TRY_ASSIGN(copy.bytes.emplace_back(),
             source_.store->GetRange(source_.path, {copy.range.offset + read, copy.range.size - read}, call_));
  return Status::OK();
}

Result<int64_t> PageInput::LoadKeys(int64_t begin, int64_t count_max) {
  const model::Schema& schema = source_.layout->schema();
  std::vector<columnar::KeyValues> fields;
  for (int field = 0; field < schema.key_count(); ++field) {
    // Keys stand first, and have one column each.
    const auto leaf = static_cast<size_t>(field);
    const Result<LeafReader::Rows> rows = readers_[leaf].Read(begin, count_max);
    TRY(InFile(rows.status(), leaf));
    count_max = rows->count;
    fields.push_back({schema.field(field).type.kind(), rows->page->values(), rows->begin});
  }
  TRY(keys_.Encode(fields, schema.row_key_count(), count_max));
  return count_max;
}

Result<LeafReader::Rows> PageInput::Read(size_t leaf, int64_t row) {
  Result<LeafReader::Rows> rows = readers_[leaf].Read(window_begin_ + row, keys_.rows() - row);
  TRY(InFile(rows.status(), leaf));
  const bool is_map_value = leaf > 0 && leaves_[leaf - 1].field == leaves_[leaf].field;
  if (is_map_value) TRY(InFile(CheckEntries(leaf, window_begin_ + row, *rows), leaf));
  return rows;
}

Status PageInput::CheckEntries(size_t leaf, int64_t row, const LeafReader::Rows& values) {
  const int64_t end = row + values.count;
  if (end <= checked_[leaf]) return Status::OK();
  TRY_ASSIGN(const LeafReader::Rows keys, readers_[leaf - 1].Read(row, values.count));
  // A window ends where a page of either does.
  SLEEPER_CHECK(keys.count == values.count, "the keys of a map end before its values: ", keys.count);
  const uint32_t* const key_offsets = keys.page->row_offsets() + keys.begin;
  const uint32_t* const value_offsets = values.page->row_offsets() + values.begin;
  const uint32_t shift = value_offsets[0] - key_offsets[0];
  uint32_t different = 0;
  for (int64_t i = 1; i <= keys.count; ++i) different |= value_offsets[i] - key_offsets[i] - shift;
  for (int64_t i = 0; leaves_[leaf].shape.nullable_rows() && i < keys.count; ++i) {
    different |= static_cast<uint32_t>(IsNull(keys, i) != IsNull(values, i));
  }
  if (different != 0) return Error(ErrorKind::kCorrupt, "the keys and the values of a map column differ in number");
  checked_[leaf] = end;
  return Status::OK();
}

void PageInput::Take(int64_t rows) {
  SLEEPER_DCHECK(rows <= rows_left(), "more rows than there are", rows);
  taken_ += rows;
  rows_taken_ += rows;
}

std::string PageInput::NameOf(size_t row_group) const {
  return source_.path.value() + ", row group " + std::to_string(row_group);
}

Status PageInput::InFile(const Status& status, size_t leaf) const {
  if (status.ok()) return status;
  return WithContext(status,
                     NameOf(row_group_) + ", field " + source_.layout->schema().field(leaves_[leaf].field).name);
}

}  // namespace sleeper::file
