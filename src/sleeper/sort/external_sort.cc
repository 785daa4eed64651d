#include "sleeper/sort/external_sort.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::sort {
namespace {

constexpr int64_t kRowGroupBytesMin = 4 << 10;
constexpr int64_t kRowGroupBytesMax = 4 << 20;
/// A writer holds one that is being made and the one that goes out.
constexpr int64_t kRowGroupsOfWriter = 2;
/// A window is held twice, and decoded pages with it.
constexpr int64_t kWindowsPerRun = 4;

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
    : layout_(std::move(layout)),
      memory_bytes_max_(settings.memory_bytes_max),
      row_group_bytes_max_(std::clamp(settings.memory_bytes_max / 64, kRowGroupBytesMin, kRowGroupBytesMax)),
      executor_(executor),
      call_(call),
      runs_store_(scratch),
      rows_(UnsortedRows::Make(layout_, settings.memory_bytes_max)) {}

Status ExternalSort::Add(columnar::Batch batch) {
  statistics_.rows += batch.rows();
  TRY(rows_->Add(std::move(batch)));
  return rows_->bytes() + kRowGroupsOfWriter * row_group_bytes_max_ < memory_bytes_max_ ? Status::OK() : Spill();
}

Status ExternalSort::Spill() {
  if (rows_->rows() == 0) return Status::OK();
  if (runs_.size() == kRunsMax) {
    TRY_ASSIGN(const auto merged, MergeRuns());
    TRY(AddRun(*merged));
  }
  TRY_ASSIGN(const auto sorted, rows_->Sort(executor_));
  return AddRun(*sorted);
}

Status ExternalSort::AddRun(SortedRows& rows) {
  TRY(call_.Check(executor_.clock()));
  const store::ObjectPath path("run-" + std::to_string(statistics_.runs_spilled));
  TRY_ASSIGN(SpillRun run, WriteSpillRun(runs_store_, path, layout_, SpillSettings(row_group_bytes_max_), rows, call_));
  ++statistics_.runs_spilled;
  statistics_.bytes_spilled += run.bytes();
  runs_.push_back(std::move(run));
  return Status::OK();
}

Result<std::unique_ptr<SortedRows>> ExternalSort::MergeRuns() {
  const int64_t window = memory_bytes_max_ / kWindowsPerRun / static_cast<int64_t>(runs_.size());
  return MergeSpillRuns(std::exchange(runs_, {}), std::clamp(window, kRowGroupBytesMin, kRowGroupBytesMax), call_);
}

Result<std::unique_ptr<SortedRows>> ExternalSort::Finish() {
  if (runs_.empty()) return rows_->Sort(executor_);
  TRY(Spill());
  return MergeRuns();
}

}  // namespace sleeper::sort
