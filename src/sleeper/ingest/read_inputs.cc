#include "sleeper/ingest/read_inputs.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "sleeper/base/bounded_queue.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/columnar/row_hasher.h"

namespace sleeper::ingest {
namespace {

using columnar::Batch;

/// Whoever waits for a batch does something else this often.
constexpr Duration kWaitMax = std::chrono::milliseconds(200);

/// Readers on threads of their own, and the queue on which their batches wait.
class InputPump {
 public:
  InputPump(Executor& executor, const IngestSpec& spec, const std::vector<InputOpener>& inputs, const CallContext& call)
      : executor_(executor),
        spec_(spec),
        inputs_(inputs),
        call_(call),
        layout_(columnar::Layout::Of(spec.schema)),
        batches_(executor, static_cast<size_t>(spec.memory.batches_waiting_max)) {}

  Result<ReadTotals> Run(const BatchTaker& take, const WhileReading& meanwhile) {
    TaskGroup readers(executor_);
    const int count = std::clamp(std::min(executor_.concurrency(), spec_.memory.readers_max), 1,
                                 static_cast<int>(std::max<size_t>(1, inputs_.size())));
    readers_left_ = count;
    for (int i = 0; i < count; ++i) readers.RunStage([this] { return RunReader(); });
    const Status sorted = Drain(take, meanwhile);
    // Whichever side failed, the other one must not wait for it.
    batches_.Abort();
    const Status read = readers.Join();
    TRY(read);
    TRY(sorted);
    MutexLock lock(mutex_);
    return std::move(totals_);
  }

 private:
  Status Drain(const BatchTaker& take, const WhileReading& meanwhile) {
    for (;;) {
      TRY(call_.Check(executor_.clock()));
      TRY(meanwhile());
      if (!batches_.AwaitItem(executor_.clock().MonotonicNow() + kWaitMax)) continue;
      std::optional<Batch> batch = batches_.Pop();
      if (!batch) return Status::OK();
      TRY(take(std::move(*batch)));
    }
  }

  // Takes one input after the other until there are none left. The last reader to end closes the queue.
  Status RunReader() {
    Status status;
    while (status.ok() && !stopped_) {
      const size_t next = next_input_.fetch_add(1);
      if (next >= inputs_.size()) break;
      status = ReadInput(inputs_[next]);
    }
    if (!status.ok()) {
      batches_.Abort();
    } else if (readers_left_.fetch_sub(1) == 1) {
      batches_.Close();
    }
    return status;
  }

  Status ReadInput(const InputOpener& open) {
    TRY_ASSIGN(const std::unique_ptr<exchange::InputReader> reader, open(layout_, spec_.memory.batch_bytes_max, call_));
    ReadTotals totals;
    columnar::RowHasher hasher(layout_);
    int64_t bytes_before = 0;
    for (;;) {
      TRY(call_.Check(executor_.clock()));
      TRY_ASSIGN(std::optional<Batch> batch, reader->Next());
      if (!batch) break;
      hasher.Add(*batch);
      totals.rows += batch->rows();
      const int64_t bytes = reader->bytes_read();
      call_.Report("reading", bytes_read_.fetch_add(bytes - bytes_before) + bytes - bytes_before, 0);
      bytes_before = bytes;
      // False only after an abort: whoever aborted has the failure to tell.
      if (!batches_.Push(std::move(*batch))) {
        stopped_ = true;
        return Status::OK();
      }
    }
    totals.row_hash = hasher.sum();
    totals.ignored = reader->ignored();
    AddTotals(totals);
    return Status::OK();
  }

  void AddTotals(const ReadTotals& totals) {
    MutexLock lock(mutex_);
    totals_.rows += totals.rows;
    totals_.row_hash += totals.row_hash;
    exchange::IgnoredColumns& all = totals_.ignored;
    for (const std::string& name : totals.ignored.names) {
      if (std::ranges::find(all.names, name) == all.names.end()) all.Add(name);
    }
    all.count = std::max(all.count, totals.ignored.count);
  }

  Executor& executor_;
  const IngestSpec& spec_;
  const std::vector<InputOpener>& inputs_;
  const CallContext& call_;
  const std::shared_ptr<const columnar::Layout> layout_;
  BoundedQueue<Batch> batches_;
  std::atomic<size_t> next_input_ = 0;
  std::atomic<int> readers_left_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> bytes_read_ = 0;
  Mutex mutex_;
  ReadTotals totals_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace

Result<ReadTotals> ReadInputs(Executor& executor, const IngestSpec& spec, const std::vector<InputOpener>& inputs,
                              const BatchTaker& take, const WhileReading& meanwhile, const CallContext& call) {
  return InputPump(executor, spec, inputs, call).Run(take, meanwhile);
}

}  // namespace sleeper::ingest
