#include "sleeper/query/partition_stream.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "sleeper/base/task_group.h"
#include "sleeper/query/read_steps.h"
#include "sleeper/query/segment_check.h"
#include "sleeper/rows/merge.h"
#include "sleeper/rows/transforms.h"

namespace sleeper::query {
namespace {

/// Files of a partition that are opened at the same time.
constexpr int kFilesOpenedMax = 16;

/// What one scan fetches at a time.
constexpr int64_t kFileWindowBytesMin = 64 << 10;
constexpr int64_t kFileWindowBytesMax = 8 << 20;

/// Of the bytes of a partition's windows, the batches of its files get as many again, divided by this.
constexpr int64_t kWindowBytesPerBatchBytes = 8;

/// A stream over one file, which can fetch its first batch ahead, and says which file is missing. Confined.
class FileStream final : public rows::RowStream {
 public:
  FileStream(std::unique_ptr<rows::RowStream> rows, const model::FileRecord& file, MissingFile& missing)
      : rows_(std::move(rows)), file_(file), missing_(missing) {}

  Status FetchFirst() {
    TRY_ASSIGN(first_, Read());
    has_first_ = true;
    return Status::OK();
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return rows_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    if (!std::exchange(has_first_, false)) return Read();
    return std::exchange(first_, std::nullopt);
  }

 private:
  Result<std::optional<columnar::Batch>> Read() {
    auto batch = rows_->Next();
    if (IsKind(batch.status(), ErrorKind::kNotFound)) missing_.Report(file_);
    return batch;
  }

  const std::unique_ptr<rows::RowStream> rows_;
  const model::FileRecord& file_;
  MissingFile& missing_;
  std::optional<columnar::Batch> first_;
  bool has_first_ = false;
};

/// Files whose rows follow one another in key order. Each is opened when the one before it has ended. Confined.
class SequenceStream final : public rows::RowStream {
 public:
  using OpenNext = std::function<Result<std::unique_ptr<rows::RowStream>>(size_t file)>;

  /// `first` is the open stream of the first one. REQUIRES: files is not empty.
  SequenceStream(std::unique_ptr<rows::RowStream> first, std::vector<size_t> files, OpenNext open)
      : layout_(first->layout()), files_(std::move(files)), open_(std::move(open)), current_(std::move(first)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY_ASSIGN(std::optional<columnar::Batch> batch, current_->Next());
      if (batch || next_ == files_.size()) return batch;
      // What the last one holds goes before the next one is opened.
      current_ = std::make_unique<rows::VectorStream>(layout_, std::vector<columnar::Batch>());
      TRY_ASSIGN(current_, open_(files_[next_]));
      ++next_;
    }
  }

 private:
  const std::shared_ptr<const columnar::Layout> layout_;
  const std::vector<size_t> files_;
  const OpenNext open_;
  std::unique_ptr<rows::RowStream> current_;
  size_t next_ = 1;
};

class PartitionStream final : public rows::RowStream {
 public:
  PartitionStream(std::shared_ptr<const QueryRead> read, PlannedPartition planned)
      : read_(std::move(read)),
        planned_(std::move(planned)),
        to_read_(read_->columns.ToRead(planned_)),
        steps_(PlanReadSteps(planned_)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return read_->columns.result; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      if (rows_ == nullptr) {
        if (next_step_ == steps_.size()) return std::nullopt;
        TRY_ASSIGN(rows_, Start(steps_[next_step_]));
        ++next_step_;
      }
      TRY_ASSIGN(std::optional<columnar::Batch> batch, rows_->Next());
      if (batch) return batch;
      rows_.reset();
    }
  }

 private:
  Result<std::unique_ptr<rows::RowStream>> Start(const ReadStep& step) {
    const size_t open = step.sequences.size();
    std::vector<std::unique_ptr<rows::RowStream>> inputs(open);
    const Status opened =
        ParallelFor(read_->executor, static_cast<int64_t>(open), kFilesOpenedMax, [&](int64_t i) -> Status {
          const std::vector<size_t>& sequence = step.sequences[static_cast<size_t>(i)];
          std::unique_ptr<rows::RowStream>& input = inputs[static_cast<size_t>(i)];
          TRY_ASSIGN(input, OpenFile(planned_.files[sequence.front()], open));
          if (sequence.size() == 1) return Status::OK();
          const auto open_next = [this, open](size_t file) { return OpenFile(planned_.files[file], open); };
          input = std::make_unique<SequenceStream>(std::move(input), sequence, open_next);
          return Status::OK();
        });
    TRY(opened);
    std::unique_ptr<rows::RowStream> rows =
        inputs.size() == 1 ? std::move(inputs.front()) : rows::Merge(to_read_, std::move(inputs));
    if (planned_.has_residual()) {
      rows = CheckSegments(std::move(rows), planned_.segments, read_->request->regions);
    }
    if (to_read_ != layout()) rows = rows::Project(std::move(rows), layout());
    return rows;
  }

  Result<std::unique_ptr<rows::RowStream>> OpenFile(const state::ReferencedFile& file, size_t open) {
    TRY(read_->call.Check(read_->executor.clock()));
    const auto reader = read_->files.Open(file.file, read_->columns.table, read_->call);
    if (IsKind(reader.status(), ErrorKind::kNotFound)) read_->missing->Report(file.file);
    TRY(reader.status());
    file::ScanRequest scan;
    scan.intervals = IntervalsIn(file, planned_.segments);
    scan.layout = to_read_;
    scan.batch_rows_max = BatchRowsOf(file.file, open, read_->window_bytes_max / kWindowBytesPerBatchBytes);
    scan.window_bytes_max = WindowOf(file.file, open);
    if (read_->request->limit) {
      scan.batch_rows_max = std::clamp<int64_t>(*read_->request->limit, 1, scan.batch_rows_max);
    }
    auto rows = std::make_unique<FileStream>((*reader)->Scan(scan, read_->call), file.file, *read_->missing);
    TRY(rows->FetchFirst());
    return rows;
  }

  /// Its share of the partition's window, but not much more than the rows that are wanted take.
  int64_t WindowOf(const model::FileRecord& file, size_t open) const {
    const int64_t share =
        std::clamp(read_->window_bytes_max / static_cast<int64_t>(open), kFileWindowBytesMin, kFileWindowBytesMax);
    const std::optional<int64_t>& limit = read_->request->limit;
    if (!limit || *limit >= file.rows) return share;
    const double wanted =
        static_cast<double>(file.size_bytes) / static_cast<double>(file.rows) * static_cast<double>(*limit);
    return std::clamp(static_cast<int64_t>(wanted), kFileWindowBytesMin, share);
  }

  const std::shared_ptr<const QueryRead> read_;
  const PlannedPartition planned_;
  const std::shared_ptr<const columnar::Layout> to_read_;
  const std::vector<ReadStep> steps_;
  size_t next_step_ = 0;
  /// The rows of the step before that one; null before it is first asked for a batch, and where a step has ended.
  std::unique_ptr<rows::RowStream> rows_;
};

}  // namespace

std::shared_ptr<const columnar::Layout> ReadColumns::ToRead(const PlannedPartition& planned) const {
  if (planned.files.size() > 1) return result->WithKeys();
  if (planned.has_residual()) return result->WithRowKeys();
  return result;
}

std::unique_ptr<rows::RowStream> ReadPartition(std::shared_ptr<const QueryRead> read, PlannedPartition planned) {
  return std::make_unique<PartitionStream>(std::move(read), std::move(planned));
}

}  // namespace sleeper::query
