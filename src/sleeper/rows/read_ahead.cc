#include "sleeper/rows/read_ahead.h"

#include <optional>
#include <utility>

#include "sleeper/base/bounded_queue.h"
#include "sleeper/base/task_group.h"

namespace sleeper::rows {
namespace {

class ReadAheadStream final : public RowStream {
 public:
  ReadAheadStream(std::unique_ptr<RowStream> input, Executor& executor, int batches_max)
      : layout_(input->layout()),
        input_(std::move(input)),
        queue_(executor, static_cast<size_t>(batches_max)),
        reader_(executor) {
    reader_.RunStage([this] { return ReadAll(); });
  }

  /// The reader may be waiting for room, which the queue's end gives it; the group then joins it.
  ~ReadAheadStream() override { queue_.Abort(); }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    std::optional<columnar::Batch> batch = queue_.Pop();
    if (batch || joined_) return batch;
    joined_ = true;
    TRY(reader_.Join());
    return std::nullopt;
  }

 private:
  Status ReadAll() {
    const Status status = Read();
    queue_.Close();
    return status;
  }

  Status Read() {
    for (;;) {
      TRY_ASSIGN(std::optional<columnar::Batch> batch, input_->Next());
      if (!batch || !queue_.Push(std::move(*batch))) return Status::OK();
    }
  }

  std::shared_ptr<const columnar::Layout> layout_;
  /// The reader's alone while it runs.
  std::unique_ptr<RowStream> input_;
  BoundedQueue<columnar::Batch> queue_;
  bool joined_ = false;
  /// Last, so that it is joined before anything that the reader uses goes away.
  TaskGroup reader_;
};

}  // namespace

std::unique_ptr<RowStream> ReadAhead(std::unique_ptr<RowStream> input, Executor& executor, int batches_max) {
  return std::make_unique<ReadAheadStream>(std::move(input), executor, batches_max);
}

}  // namespace sleeper::rows
