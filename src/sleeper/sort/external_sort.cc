#include "sleeper/sort/external_sort.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/rows/merge.h"

namespace sleeper::sort {
namespace {

/// A merge of runs in scratch space holds one batch of each, with its keys, beside the runs in memory.
RunBatchBounds BoundsFor(int64_t memory_bytes_max, size_t runs_max) {
  RunBatchBounds bounds;
  bounds.bytes_max = std::clamp<int64_t>(memory_bytes_max / 8 / static_cast<int64_t>(runs_max), 4 << 10, 1 << 20);
  return bounds;
}

}  // namespace

Result<std::unique_ptr<ExternalSort>> ExternalSort::Make(std::shared_ptr<const columnar::Layout> layout,
                                                         const SortSettings& settings, store::ScratchSpace& scratch,
                                                         Executor& executor, const CallContext& call) {
  SLEEPER_CHECK(layout->has_keys(), "a sort of batches that lack key columns");
  if (settings.memory_bytes_max <= 0) {
    return Error(ErrorKind::kInvalid, "a sort needs memory: ", settings.memory_bytes_max, " bytes are allowed");
  }
  return std::make_unique<ExternalSort>(Made(), std::move(layout), settings, scratch, executor, call);
}

ExternalSort::ExternalSort(Made, std::shared_ptr<const columnar::Layout> layout, const SortSettings& settings,
                           store::ScratchSpace& scratch, Executor& executor, const CallContext& call)
    : layout_(std::move(layout)),
      buffer_bytes_max_(settings.memory_bytes_max / 8),
      kept_bytes_max_(settings.memory_bytes_max - 2 * buffer_bytes_max_),
      bounds_(BoundsFor(settings.memory_bytes_max, kRunsMax)),
      scratch_(scratch),
      call_(call),
      buffer_(layout_),
      sorting_(executor) {}

Status ExternalSort::Add(columnar::Batch batch) {
  SLEEPER_CHECK(*layout_ == batch.layout(), "a batch of another layout");
  statistics_.rows += batch.rows();
  TRY(buffer_.Add(std::move(batch)));
  return buffer_.bytes() < buffer_bytes_max_ ? Status::OK() : StartRun();
}

void ExternalSort::NoteOrder() {
  if (buffer_.rows() == 0) return;
  statistics_.was_sorted = statistics_.was_sorted && buffer_.is_sorted() && buffer_.first_key() >= last_key_;
  last_key_ = buffer_.last_key();
}

Status ExternalSort::StartRun() {
  NoteOrder();
  TRY(sorting_.Join());
  // Shared, because a task must be copyable.
  auto full = std::make_shared<SortBuffer>(std::exchange(buffer_, SortBuffer(layout_)));
  sorting_.Run([this, full, in_order = statistics_.was_sorted] { return AddRun(std::move(*full), in_order); });
  return Status::OK();
}

Status ExternalSort::AddRun(SortBuffer buffer, bool in_order) {
  const auto sorted = buffer.Sort(bounds_);
  TRY_ASSIGN(std::vector<columnar::Batch> run, rows::Collect(*sorted));
  int64_t bytes = 0;
  for (const columnar::Batch& batch : run) bytes += batch.bytes();
  if (!kept_.empty() && kept_bytes_ + bytes > kept_bytes_max_) TRY(Spill());
  kept_.push_back(std::move(run));
  kept_bytes_ += bytes;
  in_order_ = in_order;
  // A single batch may be larger than all that was allowed.
  return kept_bytes_ > kept_bytes_max_ ? Spill() : Status::OK();
}

Status ExternalSort::Spill() {
  if (spilled_.size() == kRunsMax) TRY(MergeSpilled());
  TRY_ASSIGN(const auto all, Unite(TakeKept(), in_order_));
  TRY_ASSIGN(SpillRun run, WriteRun(*all));
  spilled_.push_back(std::move(run));
  return Status::OK();
}

Status ExternalSort::MergeSpilled() {
  TRY_ASSIGN(const auto all, Unite(TakeSpilled(), in_order_));
  TRY_ASSIGN(SpillRun run, WriteRun(*all));
  spilled_.push_back(std::move(run));
  return Status::OK();
}

Result<SpillRun> ExternalSort::WriteRun(rows::RowStream& rows) {
  TRY_ASSIGN(SpillRun run, WriteSpillRun(scratch_, rows, call_));
  ++runs_spilled_;
  bytes_spilled_ += run.bytes->size();
  return run;
}

std::vector<rows::StreamMaker> ExternalSort::TakeKept() {
  std::vector<rows::StreamMaker> makers;
  for (std::vector<columnar::Batch>& run : kept_) {
    makers.emplace_back([this, run = std::move(run)]() mutable -> Result<std::unique_ptr<rows::RowStream>> {
      return std::make_unique<rows::VectorStream>(layout_, std::move(run));
    });
  }
  kept_.clear();
  kept_bytes_ = 0;
  return makers;
}

std::vector<rows::StreamMaker> ExternalSort::TakeSpilled() {
  std::vector<rows::StreamMaker> makers;
  for (SpillRun& run : spilled_) {
    // The stream lets go of the run's space when it has read it.
    makers.emplace_back(
        [this, run = std::move(run)]() mutable { return ReadSpillRun(std::move(run), layout_, call_); });
  }
  spilled_.clear();
  return makers;
}

Result<std::unique_ptr<rows::RowStream>> ExternalSort::Unite(std::vector<rows::StreamMaker> runs, bool in_order) {
  if (in_order) return rows::Concatenate(layout_, std::move(runs));
  std::vector<std::unique_ptr<rows::RowStream>> inputs;
  for (rows::StreamMaker& make : runs) {
    TRY_ASSIGN(auto input, make());
    inputs.push_back(std::move(input));
  }
  runs.clear();
  return rows::Merge(layout_, std::move(inputs),
                     {.batch_rows_max = bounds_.rows_max, .batch_bytes_max = bounds_.bytes_max});
}

Result<std::unique_ptr<rows::RowStream>> ExternalSort::Finish() {
  NoteOrder();
  TRY(sorting_.Join());
  statistics_.runs_spilled = runs_spilled_;
  statistics_.bytes_spilled = bytes_spilled_;
  // Shared, because the maker of a stream must be copyable.
  auto last = std::make_shared<std::unique_ptr<rows::RowStream>>(buffer_.Sort(bounds_));
  if (spilled_.empty() && kept_.empty()) return std::move(*last);
  std::vector<rows::StreamMaker> runs = TakeSpilled();
  for (rows::StreamMaker& make : TakeKept()) runs.push_back(std::move(make));
  runs.emplace_back([last]() -> Result<std::unique_ptr<rows::RowStream>> { return std::move(*last); });
  return Unite(std::move(runs), statistics_.was_sorted);
}

}  // namespace sleeper::sort
