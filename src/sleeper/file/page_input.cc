#include "sleeper/file/page_input.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/page_fetch.h"

namespace sleeper::file {

PageInput::PageInput(PageSource source, const CallContext& call)
    : source_(std::move(source)), call_(call), leaves_(LeavesOf(source_.layout->schema())) {}

Result<bool> PageInput::Next() {
  SLEEPER_CHECK(rows_left() == 0, "rows of a window were left: ", rows_left());
  for (;;) {
    if (stretches_.empty()) {
      TRY_ASSIGN(const bool more, NextRowGroup());
      if (!more) return false;
    }
    Stretch& stretch = stretches_.front();
    const int64_t begin = stretch.begin;
    TRY_ASSIGN(const int64_t count, LoadKeys(begin, stretch.end - begin));
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

std::vector<Stretch> PageInput::FindRowGroup() {
  for (; next_row_group_ < source_.index->row_groups.size(); ++next_row_group_) {
    std::vector<Stretch> stretches = PlanStretches(source_.index->row_groups[next_row_group_], {&source_.interval, 1});
    if (!stretches.empty()) return stretches;
  }
  return {};
}

Result<bool> PageInput::NextRowGroup() {
  const std::vector<Stretch> stretches = FindRowGroup();
  if (stretches.empty()) return false;
  stretches_.assign(stretches.begin(), stretches.end());
  OpenRowGroup(source_.index->row_groups[next_row_group_++]);
  return true;
}

const RowGroupSummary* PageInput::NextWholeRowGroup() {
  if (source_.row_groups == nullptr || !stretches_.empty()) return nullptr;
  const std::vector<Stretch> stretches = FindRowGroup();
  if (stretches.size() != 1 || !stretches[0].whole) return nullptr;
  if (stretches[0].end - stretches[0].begin != source_.index->row_groups[next_row_group_].rows) return nullptr;
  const RowGroupSummary& summary = source_.row_groups->summary(next_row_group_);
  // Rows of equal row keys are ordered by their sort keys, which are not known without decoding.
  const size_t following = next_row_group_ + 1;
  const bool shares_key = following < source_.index->row_groups.size() &&
                          source_.row_groups->summary(following).bounds.min <= summary.bounds.max;
  return shares_key ? nullptr : &summary;
}

PageInput::Size PageInput::SizeOfNextRowGroup() const {
  const RowGroupIndex& row_group = source_.index->row_groups[next_row_group_];
  Size size{.rows = row_group.rows};
  for (const LeafIndex& leaf : row_group.leaves) {
    size.bytes += leaf.pages.back().offset + leaf.pages.back().bytes - leaf.pages.front().offset;
  }
  return size;
}

Result<RowGroupCopy> PageInput::TakeRowGroup() {
  RowGroupCopy copy = source_.row_groups->Describe(next_row_group_++);
  TRY_ASSIGN(copy.bytes, source_.store->GetRange(source_.path, copy.range, call_));
  const Status checked = CheckPages(copy);
  if (!checked.ok()) {
    return WithContext(checked, source_.path.value() + ", row group " + std::to_string(next_row_group_ - 1));
  }
  rows_taken_ += copy.metadata.rows;
  if (source_.hashed) row_hash_ += copy.summary.row_hash;
  return copy;
}

void PageInput::OpenRowGroup(const RowGroupIndex& row_group) {
  const std::vector<Stretch> stretches(stretches_.begin(), stretches_.end());
  std::vector<LeafPages> pages;
  for (const LeafIndex& leaf : row_group.leaves) pages.push_back(PlanPages(leaf, row_group.rows, stretches));
  const auto fetch = std::make_shared<PageFetch>(*source_.store, source_.path, call_, pages, source_.window_bytes_max);
  // The readers keep their memory, as far as there is one of the row group before.
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    LeafSource source{.fetch = fetch,
                      .fetch_leaf = leaf,
                      .pages = std::move(pages[leaf]),
                      .codec = row_group.leaves[leaf].codec,
                      .shape = leaves_[leaf].shape};
    if (leaf < readers_.size()) {
      readers_[leaf].Restart(std::move(source));
    } else {
      readers_.emplace_back(std::move(source), source_.decoder);
    }
  }
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
  return rows;
}

void PageInput::Take(int64_t rows) {
  SLEEPER_DCHECK(rows <= rows_left(), "more rows than there are", rows);
  taken_ += rows;
  rows_taken_ += rows;
}

Status PageInput::InFile(const Status& status, size_t leaf) const {
  if (status.ok()) return status;
  return WithContext(status, source_.path.value() + ", row group " + std::to_string(next_row_group_ - 1) + ", field " +
                                 source_.layout->schema().field(leaves_[leaf].field).name);
}

}  // namespace sleeper::file
