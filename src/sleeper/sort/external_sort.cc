#include "sleeper/sort/external_sort.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::sort {
namespace {

constexpr int64_t kRowGroupBytesMin = 4 << 10;
constexpr int64_t kRowGroupBytesMax = 4 << 20;
/// A writer holds one that is being made and the one that goes out.
constexpr int64_t kRowGroupsOfWriter = 2;
/// What runs are merged with is this part of the memory.
constexpr int64_t kMergesInMemory = 4;

int64_t RowGroupBytes(const SortSettings& settings) {
  return std::clamp(settings.memory_bytes_max / 64, kRowGroupBytesMin, kRowGroupBytesMax);
}

}  // namespace

Result<std::unique_ptr<ExternalSort>> ExternalSort::Make(std::shared_ptr<const columnar::Layout> layout,
                                                         const SortSettings& settings, store::ScratchSpace& scratch,
                                                         Executor& executor, const CallContext& call) {
  SLEEPER_CHECK(layout->is_whole(), "a sort of batches that lack columns");
  if (settings.memory_bytes_max <= 0) {
    return Error(ErrorKind::kInvalid, "a sort needs memory: ", settings.memory_bytes_max, " bytes are allowed");
  }
  return std::make_unique<ExternalSort>(Made(), std::move(layout), settings, scratch, executor, call);
}

ExternalSort::ExternalSort(Made, std::shared_ptr<const columnar::Layout> layout, const SortSettings& settings,
                           store::ScratchSpace& scratch, Executor& executor, const CallContext& call)
    : executor_(executor),
      rows_bytes_max_(settings.memory_bytes_max - kRowGroupsOfWriter * RowGroupBytes(settings)),
      rows_(UnsortedRows::Make(layout, settings.memory_bytes_max)),
      runs_(scratch, layout,
            {.row_group_bytes_max = RowGroupBytes(settings),
             .merge_bytes_max = settings.memory_bytes_max / kMergesInMemory,
             .while_waiting = settings.while_waiting},
            executor, call) {}

Status ExternalSort::Add(columnar::Batch batch) {
  rows_added_ += batch.rows();
  TRY(rows_->Add(std::move(batch)));
  // A run takes all of the memory if it can, so that there are few: the rows of the one before it make room.
  TRY(runs_.AwaitBytesHeldBelow(rows_bytes_max_ - rows_->bytes()));
  return rows_->bytes() < RunBytesMax() ? Status::OK() : Spill();
}

int64_t ExternalSort::RunBytesMax() const {
  // Rows whose memory comes back only when all of them are written leave room for others if they take half of it. But
  // what fits is never spilled.
  return has_spilled_ && !rows_->come_apart() ? rows_bytes_max_ / 2 : rows_bytes_max_;
}

Status ExternalSort::Spill() {
  if (rows_->rows() == 0) return Status::OK();
  TRY(runs_.Join());
  TRY_ASSIGN(auto sorted, rows_->Sort(executor_));
  runs_.Write(std::move(sorted));
  has_spilled_ = true;
  return Status::OK();
}

Result<std::unique_ptr<SortedRows>> ExternalSort::Finish() {
  if (!has_spilled_) return rows_->Sort(executor_);
  TRY(Spill());
  TRY(runs_.Join());
  return runs_.Merge();
}

SortStatistics ExternalSort::statistics() const {
  return {.rows = rows_added_, .runs_spilled = runs_.totals().runs, .bytes_spilled = runs_.totals().bytes};
}

}  // namespace sleeper::sort
