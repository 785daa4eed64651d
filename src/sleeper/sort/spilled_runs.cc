#include "sleeper/sort/spilled_runs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/sort/merged_pages.h"

namespace sleeper::sort {
namespace {

constexpr int64_t kWindowBytesMin = 4 << 10;
constexpr int64_t kWindowBytesMax = 4 << 20;
/// A window is held twice, and decoded pages with it.
constexpr int64_t kWindowsPerRun = 4;
/// Whoever waits for a run does something else this often.
constexpr Duration kWaitMax = std::chrono::milliseconds(200);

}  // namespace

SpilledRuns::SpilledRuns(store::ScratchSpace& scratch, std::shared_ptr<const columnar::Layout> layout,
                         const Settings& settings, Executor& executor, const CallContext& call)
    : store_(scratch, executor.clock()),
      layout_(std::move(layout)),
      settings_(settings),
      executor_(executor),
      call_(call),
      held_changed_(executor.MakeWaitPoint()),
      writing_(executor) {}

void SpilledRuns::Write(std::unique_ptr<SortedRows> rows) {
  SLEEPER_CHECK(!is_writing_, "runs are written one after the other");
  is_writing_ = true;
  rows_ = std::move(rows);
  {
    MutexLock lock(mutex_);
    bytes_held_ = rows_->bytes();
    has_ended_ = false;
  }
  writing_.RunStage([this] {
    Status status = WriteAndMerge();
    MutexLock lock(mutex_);
    bytes_held_ = 0;
    has_ended_ = true;
    held_changed_->NotifyAll();
    return status;
  });
}

Status SpilledRuns::WriteAndMerge() {
  TRY(WriteRun(std::move(rows_), 0));
  if (runs_.size() < kRunsMax) return Status::OK();
  TRY_ASSIGN(auto merged, MergeRuns());
  return WriteRun(std::move(merged), settings_.merge_bytes_max);
}

Status SpilledRuns::WriteRun(std::unique_ptr<SortedRows> rows, int64_t bytes_besides) {
  const auto before_each = [&] {
    Hold(rows->bytes() + bytes_besides);
    return CheckWanted();
  };
  store::ObjectPath path("run-" + std::to_string(written_.runs));
  TRY_ASSIGN(SpillRun run, WriteSpillRun(store_, std::move(path), layout_, SpillSettings(settings_.row_group_bytes_max),
                                         *rows, before_each, call_));
  ++written_.runs;
  written_.bytes += run.bytes();
  runs_.push_back(std::move(run));
  return Status::OK();
}

Status SpilledRuns::CheckWanted() const {
  TRY(call_.Check(executor_.clock()));
  return writing_.cancellation().cancelled() ? Error(ErrorKind::kCancelled, "the sort was given up") : Status::OK();
}

void SpilledRuns::Hold(int64_t bytes) {
  MutexLock lock(mutex_);
  if (std::exchange(bytes_held_, bytes) != bytes) held_changed_->NotifyAll();
}

int64_t SpilledRuns::bytes_held() const {
  MutexLock lock(mutex_);
  return bytes_held_;
}

Status SpilledRuns::AwaitBytesHeldBelow(int64_t bytes) {
  for (;;) {
    const WaitPoint::Ticket ticket = held_changed_->Take();
    {
      MutexLock lock(mutex_);
      if (has_ended_) break;
      if (bytes_held_ < bytes) return Status::OK();
    }
    TRY(Await(ticket));
  }
  return Join();
}

Status SpilledRuns::Await(WaitPoint::Ticket ticket) {
  const bool is_patient = settings_.while_waiting == nullptr;
  held_changed_->Wait(ticket, is_patient ? Instant::max() : executor_.clock().MonotonicNow() + kWaitMax);
  return is_patient ? Status::OK() : settings_.while_waiting();
}

Status SpilledRuns::Join() {
  if (!is_writing_) return Status::OK();
  for (;;) {
    const WaitPoint::Ticket ticket = held_changed_->Take();
    {
      MutexLock lock(mutex_);
      if (has_ended_) break;
    }
    TRY(Await(ticket));
  }
  TRY(writing_.Join());
  is_writing_ = false;
  totals_ = written_;
  return Status::OK();
}

Result<std::unique_ptr<SortedRows>> SpilledRuns::Merge() {
  SLEEPER_CHECK(!is_writing_, "runs are merged when they are written");
  return MergeRuns();
}

Result<std::unique_ptr<SortedRows>> SpilledRuns::MergeRuns() {
  const int64_t window = settings_.merge_bytes_max / kWindowsPerRun / static_cast<int64_t>(runs_.size());
  return MergedPages::Open(std::exchange(runs_, {}), std::clamp(window, kWindowBytesMin, kWindowBytesMax), call_);
}

}  // namespace sleeper::sort
