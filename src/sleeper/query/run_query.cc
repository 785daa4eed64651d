#include "sleeper/query/run_query.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/query/missing_file.h"
#include "sleeper/query/partition_stream.h"
#include "sleeper/query/plan_query.h"
#include "sleeper/rows/read_ahead.h"
#include "sleeper/rows/transforms.h"

namespace sleeper::query {
namespace {

/// A query that finds files missing before its first row starts again on a fresh state at most this often.
constexpr int kRestartsMax = 5;

/// Partitions that are read at the same time, and batches that each of them may be ahead.
constexpr int kPartitionsAheadMax = 8;
constexpr int kBatchesAheadMax = 4;

/// Files whose indexes are read at the same time to explain a query.
constexpr int kFilesExplainedMax = 16;

Result<state::TableStatePtr> RefreshedState(state::TableLog& log, const CallContext& call) {
  TRY_ASSIGN(state::TableStatePtr state, log.Refresh(call));
  if (!state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist, or was dropped");
  return state;
}

Result<ReadColumns> ColumnsOf(const state::TableState& state, const QueryRequest& request) {
  ReadColumns columns;
  columns.table = columnar::Layout::Of(state.definition().schema);
  columns.result = columns.table;
  if (!request.select.empty()) {
    TRY_ASSIGN(columns.result, columns.table->Select(request.select));
  }
  return columns;
}

/// The partitions of a plan one after the other, of which the next few are read ahead.
class PlanStream final : public rows::RowStream {
 public:
  PlanStream(const ReadPorts& ports, const QueryRequest& request, const ReadColumns& columns, QueryPlan plan,
             std::shared_ptr<MissingFile> missing, const CallContext& call)
      : ports_(ports),
        request_(request),
        columns_(columns),
        plan_(std::move(plan)),
        missing_(std::move(missing)),
        call_(call),
        ahead_max_(request.limit ? 1 : std::clamp(ports.executor.concurrency(), 1, kPartitionsAheadMax)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return columns_.result; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      StartAhead();
      if (started_.empty()) return std::optional<columnar::Batch>();
      TRY_ASSIGN(std::optional<columnar::Batch> batch, started_.front()->Next());
      if (batch) return batch;
      started_.pop_front();
    }
  }

 private:
  void StartAhead() {
    while (next_ < plan_.partitions.size() && started_.size() < static_cast<size_t>(ahead_max_)) {
      auto partition = ReadPartition(ports_, request_, columns_, std::move(plan_.partitions[next_++]), missing_, call_);
      // Where nothing would overlap, the caller's thread reads.
      const bool alone = plan_.partitions.size() == 1 || ahead_max_ == 1;
      started_.push_back(alone ? std::move(partition)
                               : rows::ReadAhead(std::move(partition), ports_.executor, kBatchesAheadMax));
    }
  }

  const ReadPorts ports_;
  const QueryRequest& request_;
  const ReadColumns columns_;
  QueryPlan plan_;
  const std::shared_ptr<MissingFile> missing_;
  const CallContext call_;
  const int ahead_max_;
  size_t next_ = 0;
  /// In key order; the first one is being consumed.
  std::deque<std::unique_ptr<rows::RowStream>> started_;
};

/// A query on one state of the table; on another one if files are gone before the first row.
class QueryStream final : public rows::RowStream {
 public:
  QueryStream(const TablePorts& ports, QueryRequest request, const CallContext& call)
      : ports_(ports), request_(std::move(request)), call_(call) {}

  Status Start() {
    TRY_ASSIGN(const state::TableStatePtr state, RefreshedState(ports_.log, call_));
    return StartOn(*state);
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return columns_.result; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY(call_.Check(ports_.executor.clock()));
      auto batch = rows_->Next();
      if (batch.ok()) {
        has_returned_rows_ = has_returned_rows_ || batch->has_value();
        return batch;
      }
      const std::optional<model::FileRecord> file = missing_->file();
      if (!file || !IsKind(batch.status(), ErrorKind::kNotFound)) return batch;
      TRY(Restart(*file));
    }
  }

 private:
  Status StartOn(const state::TableState& state) {
    TRY_ASSIGN(columns_, ColumnsOf(state, request_));
    missing_ = std::make_shared<MissingFile>();
    rows_ = std::make_unique<PlanStream>(ReadPorts{ports_.executor, ports_.files}, request_, columns_,
                                         PlanQuery(state, request_), missing_, call_);
    if (request_.limit) rows_ = rows::Limit(std::move(rows_), *request_.limit);
    return Status::OK();
  }

  Status Restart(const model::FileRecord& missing) {
    TRY_ASSIGN(const state::TableStatePtr state, RefreshedState(ports_.log, call_));
    const auto tracked = state->FindFile(missing.id, missing.bounds.min);
    if (tracked && tracked->references > 0) {
      return WithHint(
          Error(ErrorKind::kCorrupt, "data file ", missing.id, " is part of the table but not in the store"),
          "compare the table with the store: sleeper check");
    }
    if (has_returned_rows_ || ++restarts_ > kRestartsMax) {
      return WithHint(
          Error(ErrorKind::kNotFound, "snapshot expired: data file ", missing.id, " was collected while the query ran"),
          "run the query again, or raise the property gc.delay.minutes");
    }
    return StartOn(*state);
  }

  const TablePorts ports_;
  const QueryRequest request_;
  const CallContext call_;
  ReadColumns columns_;
  std::shared_ptr<MissingFile> missing_;
  std::unique_ptr<rows::RowStream> rows_;
  bool has_returned_rows_ = false;
  int restarts_ = 0;
};

/// What reading one partition takes, added up over its files.
Result<file::ScanEstimate> EstimatePartition(const TablePorts& ports, const ReadColumns& columns,
                                             const PlannedPartition& planned, const CallContext& call) {
  std::vector<file::ScanEstimate> of_files(planned.files.size());
  TRY(ParallelFor(ports.executor, static_cast<int64_t>(of_files.size()), kFilesExplainedMax, [&](int64_t i) -> Status {
    const auto index = static_cast<size_t>(i);
    const state::ReferencedFile& file = planned.files[index];
    TRY_ASSIGN(const auto reader, ports.files.Open(file.file, columns.table, call));
    for (const PlannedSegment& segment : planned.segments) {
      file::ScanRequest scan;
      scan.intervals = IntervalsIn(file, segment.intervals);
      if (scan.intervals.empty()) continue;
      const bool keys_needed = planned.files.size() > 1 || !segment.residual.empty();
      scan.layout = keys_needed ? columns.result->WithKeys() : columns.result;
      of_files[index] += reader->Estimate(scan);
    }
    return Status::OK();
  }));
  file::ScanEstimate sum;
  for (const file::ScanEstimate& estimate : of_files) sum += estimate;
  return sum;
}

}  // namespace

Result<std::unique_ptr<rows::RowStream>> RunQuery(const TablePorts& ports, QueryRequest request,
                                                  const CallContext& call) {
  auto stream = std::make_unique<QueryStream>(ports, std::move(request), call);
  TRY(stream->Start());
  return stream;
}

Result<QueryExplanation> ExplainQuery(const TablePorts& ports, const QueryRequest& request, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, RefreshedState(ports.log, call));
  TRY_ASSIGN(const ReadColumns columns, ColumnsOf(*state, request));
  const QueryPlan plan = PlanQuery(*state, request);
  QueryExplanation explanation{.log_number = plan.number,
                               .partitions = static_cast<int64_t>(plan.partitions.size()),
                               .table_partitions = state->partitions().size(),
                               .table_files = state->totals().files,
                               .table_bytes = state->totals().bytes};
  std::set<model::FileId> files;
  for (const PlannedPartition& planned : plan.partitions) {
    TRY_ASSIGN(const file::ScanEstimate estimate, EstimatePartition(ports, columns, planned, call));
    explanation.pages += estimate.pages;
    explanation.bytes += estimate.bytes;
    explanation.rows += estimate.rows;
    for (const state::ReferencedFile& file : planned.files) files.insert(file.file.id);
  }
  explanation.files = static_cast<int64_t>(files.size());
  return explanation;
}

}  // namespace sleeper::query
