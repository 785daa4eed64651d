#include "sleeper/query/whole_groups.h"

#include <utility>

namespace sleeper::query {

Result<std::optional<columnar::Batch>> WholeGroups::Next() {
  while (ready_.empty()) {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
    if (batch) {
      TRY(Take(*batch));
      continue;
    }
    EndGroup();
    if (ready_.empty()) return std::nullopt;
  }
  columnar::Batch batch = std::move(ready_.front());
  ready_.pop_front();
  return std::optional(std::move(batch));
}

Status WholeGroups::Take(const columnar::Batch& batch) {
  TRY(keys_.EncodeRowKeys(batch));
  const std::string_view last = keys_.row_key(batch.rows() - 1);
  int64_t begin = 0;
  if (last != held_key_) {
    // All but the last group of the batch are complete, and so is the one that was held back.
    begin = keys_.LowerBound(last);
    const int64_t end_of_held = held_key_ ? keys_.LowerBound(*held_key_ + '\0') : 0;
    if (end_of_held > 0) held_.push_back(batch.Slice(0, end_of_held));
    EndGroup();
    if (end_of_held < begin) {
      ready_.push_back(batch.Slice(end_of_held, begin - end_of_held));
      passed_ = keys_.row_key(begin - 1);
    }
    held_key_ = last;
  }
  held_.push_back(batch.Slice(begin, batch.rows() - begin));
  held_bytes_ += held_.back().bytes();
  if (held_bytes_ > held_bytes_max_) {
    ReleaseHeld();
    is_inside_group_ = true;
  }
  return Status::OK();
}

void WholeGroups::ReleaseHeld() {
  for (columnar::Batch& batch : held_) ready_.push_back(std::move(batch));
  held_.clear();
  held_bytes_ = 0;
}

void WholeGroups::EndGroup() {
  ReleaseHeld();
  if (held_key_) passed_ = std::exchange(held_key_, std::nullopt);
  is_inside_group_ = false;
}

}  // namespace sleeper::query
