#include "sleeper/sort/external_sort.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/rows/merge.h"

namespace sleeper::sort {
namespace {

/// A merge holds one batch of each run, with its keys, beside the collected rows.
RunBatchBounds BoundsFor(int64_t memory_bytes_max, size_t runs_max) {
  RunBatchBounds bounds;
  bounds.bytes_max = std::clamp<int64_t>(memory_bytes_max / 4 / static_cast<int64_t>(runs_max), 4 << 10, 1 << 20);
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
      buffer_bytes_max_(settings.memory_bytes_max / 2),
      bounds_(BoundsFor(settings.memory_bytes_max, kRunsMax)),
      scratch_(scratch),
      call_(call),
      buffer_(layout_),
      spilling_(executor) {}

Status ExternalSort::Add(columnar::Batch batch) {
  SLEEPER_CHECK(*layout_ == batch.layout(), "a batch of another layout");
  statistics_.rows += batch.rows();
  TRY(buffer_.Add(std::move(batch)));
  return buffer_.bytes() < buffer_bytes_max_ ? Status::OK() : StartSpill();
}

void ExternalSort::NoteOrder() {
  if (buffer_.rows() == 0) return;
  statistics_.was_sorted = statistics_.was_sorted && buffer_.is_sorted() && buffer_.first_key() >= last_key_;
  last_key_ = buffer_.last_key();
}

Status ExternalSort::StartSpill() {
  NoteOrder();
  TRY(spilling_.Join());
  // Shared, because a task must be copyable.
  auto full = std::make_shared<SortBuffer>(std::exchange(buffer_, SortBuffer(layout_)));
  spilling_.Run([this, full] { return Spill(std::move(*full)); });
  return Status::OK();
}

Status ExternalSort::Spill(SortBuffer buffer) {
  if (runs_.size() == kRunsMax) {
    TRY_ASSIGN(const auto all, MergeRuns(nullptr));
    TRY_ASSIGN(SpillRun merged, WriteRun(*all));
    runs_.clear();
    runs_.push_back(std::move(merged));
  }
  const auto sorted = buffer.Sort(bounds_);
  TRY_ASSIGN(SpillRun run, WriteRun(*sorted));
  runs_.push_back(std::move(run));
  return Status::OK();
}

Result<SpillRun> ExternalSort::WriteRun(rows::RowStream& rows) {
  TRY_ASSIGN(SpillRun run, WriteSpillRun(scratch_, rows, call_));
  ++runs_spilled_;
  bytes_spilled_ += run.bytes->size();
  return run;
}

Result<std::unique_ptr<rows::RowStream>> ExternalSort::MergeRuns(std::unique_ptr<rows::RowStream> last) {
  std::vector<std::unique_ptr<rows::RowStream>> inputs;
  for (const SpillRun& run : runs_) {
    TRY_ASSIGN(auto input, ReadSpillRun(run, layout_, call_));
    inputs.push_back(std::move(input));
  }
  if (last != nullptr) inputs.push_back(std::move(last));
  return rows::Merge(layout_, std::move(inputs),
                     {.batch_rows_max = bounds_.rows_max, .batch_bytes_max = bounds_.bytes_max});
}

Result<std::unique_ptr<rows::RowStream>> ExternalSort::Finish() {
  NoteOrder();
  TRY(spilling_.Join());
  statistics_.runs_spilled = runs_spilled_;
  statistics_.bytes_spilled = bytes_spilled_;
  std::unique_ptr<rows::RowStream> last = buffer_.Sort(bounds_);
  if (runs_.empty()) return last;
  TRY_ASSIGN(auto merged, MergeRuns(std::move(last)));
  // The runs live on in the stream, which lets go of each one's space when it has read it.
  runs_.clear();
  return merged;
}

}  // namespace sleeper::sort
