#include "sleeper/query/run_query.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sleeper/base/task_group.h"
#include "sleeper/query/missing_file.h"
#include "sleeper/query/partition_stream.h"
#include "sleeper/query/plan_query.h"
#include "sleeper/query/whole_groups.h"
#include "sleeper/rows/read_ahead.h"
#include "sleeper/rows/transforms.h"

namespace sleeper::query {
namespace {

/// A query that finds files missing starts again on a fresh state at most this often without returning a row between.
constexpr int kRestartsMax = 5;

/// Batches that each of the partitions which are read at the same time may be ahead.
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

/// kCorrupt if the table, as it is now, still names a file that is not in the store.
Status CheckNotReferenced(const state::TableState& fresh, const model::FileRecord& file) {
  const auto tracked = fresh.FindFile(file.id, file.bounds.min);
  if (!tracked || tracked->references == 0) return Status::OK();
  return WithHint(Error(ErrorKind::kCorrupt, "data file ", file.id, " is part of the table but not in the store"),
                  "compare the table with the store: sleeper check");
}

/// The partitions of a plan one after the other, of which the next few are read ahead.
class PlanStream final : public rows::RowStream {
 public:
  PlanStream(std::shared_ptr<const QueryRead> read, QueryPlan plan, int partitions_max)
      : read_(std::move(read)), plan_(std::move(plan)), partitions_max_(partitions_max), next_(plan_.Next()) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return read_->columns.result; }

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
    while (next_ && started_.size() < static_cast<size_t>(partitions_max_)) {
      auto partition = ReadPartition(read_, *std::exchange(next_, plan_.Next()));
      // Where nothing would overlap, the caller's thread reads.
      const bool alone = partitions_max_ == 1 || (started_.empty() && !next_);
      started_.push_back(alone ? std::move(partition)
                               : rows::ReadAhead(std::move(partition), read_->executor, kBatchesAheadMax));
    }
  }

  const std::shared_ptr<const QueryRead> read_;
  QueryPlan plan_;
  const int partitions_max_;
  /// The next one that is not started.
  std::optional<PlannedPartition> next_;
  /// In key order; the first one is being consumed.
  std::deque<std::unique_ptr<rows::RowStream>> started_;
};

/// A query on one state of the table; on another one if files are gone. Without the request's limit.
class QueryStream final : public rows::RowStream {
 public:
  QueryStream(const TablePorts& ports, QueryRequest request, const CallContext& call)
      : ports_(ports), request_(std::make_shared<const QueryRequest>(std::move(request))), call_(call) {}

  Status Start(state::TableStatePtr state) {
    if (state == nullptr) {
      TRY_ASSIGN(state, RefreshedState(ports_.log, call_));
    }
    return StartOn(std::move(state), {});
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY(call_.Check(ports_.executor.clock()));
      auto batch = groups_ != nullptr ? groups_->Next() : rows_->Next();
      if (batch.ok()) {
        if (!batch->has_value()) return batch;
        has_returned_rows_ = true;
        restarts_ = 0;
        return std::optional((*batch)->Project(layout_));
      }
      const std::optional<model::FileRecord> file = missing_->file();
      if (!file || !IsKind(batch.status(), ErrorKind::kNotFound)) return batch;
      TRY(Restart(*file));
    }
  }

 private:
  /// Reads what is wanted from the key `from` on.
  Status StartOn(state::TableStatePtr state, const model::NormalisedKey& from) {
    TRY_ASSIGN(ReadColumns columns, ColumnsOf(*state, *request_));
    layout_ = columns.result;
    const bool can_resume = request_->on_expiry == OnExpiry::kResume;
    if (can_resume) columns.result = columns.result->WithRowKeys();
    missing_ = std::make_shared<MissingFile>();
    // The first rows are likely to be in the first partition: with a limit nothing is read beside it.
    const int ahead_max = std::max(ports_.limits.partitions_ahead_max, 1);
    const int partitions_max = request_->limit ? 1 : std::clamp(ports_.executor.concurrency(), 1, ahead_max);
    auto read =
        std::make_shared<const QueryRead>(QueryRead{ports_.executor, ports_.files, request_, std::move(columns),
                                                    ports_.limits.window_bytes_max / partitions_max, missing_, call_});
    auto rows =
        std::make_unique<PlanStream>(std::move(read), QueryPlan(std::move(state), *request_, from), partitions_max);
    if (can_resume) {
      groups_ = std::make_unique<WholeGroups>(std::move(rows));
    } else {
      rows_ = std::move(rows);
    }
    return Status::OK();
  }

  Status Restart(const model::FileRecord& missing) {
    TRY_ASSIGN(state::TableStatePtr state, RefreshedState(ports_.log, call_));
    TRY(CheckNotReferenced(*state, missing));
    const std::optional<model::NormalisedKey> from = ResumeFrom();
    if (!from || ++restarts_ > kRestartsMax) {
      return WithHint(
          Error(ErrorKind::kNotFound, "snapshot expired: data file ", missing.id, " was collected while the query ran"),
          "run the query again, perhaps with --resume, or raise the property gc.delay.minutes");
    }
    if (has_returned_rows_ && ports_.on_resume) ports_.on_resume(state->number());
    return StartOn(std::move(state), *from);
  }

  /// The least key of which no row was returned yet; nothing if that cannot be told.
  std::optional<model::NormalisedKey> ResumeFrom() {
    if (groups_ != nullptr && groups_->is_inside_group()) return std::nullopt;
    if (groups_ != nullptr && groups_->passed()) from_ = *groups_->passed() + '\0';
    if (groups_ == nullptr && has_returned_rows_) return std::nullopt;
    return from_;
  }

  const TablePorts ports_;
  const std::shared_ptr<const QueryRequest> request_;
  const CallContext call_;
  std::shared_ptr<const columnar::Layout> layout_;
  std::shared_ptr<MissingFile> missing_;
  /// One of the two, the second one of a query that can be resumed.
  std::unique_ptr<rows::RowStream> rows_;
  std::unique_ptr<WholeGroups> groups_;
  bool has_returned_rows_ = false;
  int restarts_ = 0;
  /// Where it was started last.
  model::NormalisedKey from_;
};

/// What reading one partition takes, added up over its files. A file that is not in the store is reported.
Result<file::ScanEstimate> EstimatePartition(const TablePorts& ports, const ReadColumns& columns,
                                             const PlannedPartition& planned, MissingFile& missing,
                                             const CallContext& call) {
  std::vector<file::ScanEstimate> of_files(planned.files.size());
  const Status opened =
      ParallelFor(ports.executor, static_cast<int64_t>(of_files.size()), kFilesExplainedMax, [&](int64_t i) -> Status {
        const auto index = static_cast<size_t>(i);
        const state::ReferencedFile& file = planned.files[index];
        const auto reader = ports.files.Open(file.file, columns.table, call);
        if (IsKind(reader.status(), ErrorKind::kNotFound)) missing.Report(file.file);
        TRY(reader.status());
        file::ScanRequest scan;
        scan.intervals = IntervalsIn(file, planned.segments);
        scan.layout = columns.ToRead(planned);
        of_files[index] = (*reader)->Estimate(scan);
        return Status::OK();
      });
  TRY(opened);
  file::ScanEstimate sum;
  for (const file::ScanEstimate& estimate : of_files) sum += estimate;
  return sum;
}

Result<QueryExplanation> ExplainOn(const TablePorts& ports, const state::TableStatePtr& state,
                                   const QueryRequest& request, MissingFile& missing, const CallContext& call) {
  TRY_ASSIGN(const ReadColumns columns, ColumnsOf(*state, request));
  QueryExplanation explanation{.log_number = state->number(),
                               .table_partitions = state->partitions().size(),
                               .table_files = state->totals().files,
                               .table_bytes = state->totals().bytes};
  std::set<model::FileId> files;
  std::optional<model::PartitionId> last;
  QueryPlan plan(state, request);
  while (const std::optional<PlannedPartition> planned = plan.Next()) {
    TRY(call.Check(ports.executor.clock()));
    TRY_ASSIGN(const file::ScanEstimate estimate, EstimatePartition(ports, columns, *planned, missing, call));
    explanation.row_groups += estimate.row_groups;
    explanation.pages += estimate.pages;
    explanation.bytes += estimate.bytes;
    explanation.rows += estimate.rows;
    explanation.partitions += last == planned->partition.id ? 0 : 1;
    last = planned->partition.id;
    for (const state::ReferencedFile& file : planned->files) files.insert(file.file.id);
  }
  explanation.files = static_cast<int64_t>(files.size());
  return explanation;
}

}  // namespace

Result<std::unique_ptr<rows::RowStream>> RunQuery(const TablePorts& ports, QueryRequest request,
                                                  const CallContext& call, state::TableStatePtr state) {
  const std::optional<int64_t> limit = request.limit;
  auto stream = std::make_unique<QueryStream>(ports, std::move(request), call.As("query"));
  TRY(stream->Start(std::move(state)));
  if (!limit) return stream;
  return rows::Limit(std::move(stream), *limit);
}

Result<QueryExplanation> ExplainQuery(const TablePorts& ports, const QueryRequest& request, const CallContext& call,
                                      state::TableStatePtr state) {
  const CallContext own = call.As("query");
  for (int restarts = 0;; ++restarts) {
    if (state == nullptr) {
      TRY_ASSIGN(state, RefreshedState(ports.log, own));
    }
    MissingFile missing;
    auto explanation = ExplainOn(ports, state, request, missing, own);
    const std::optional<model::FileRecord> file = missing.file();
    if (explanation.ok() || !file || !IsKind(explanation.status(), ErrorKind::kNotFound)) return explanation;
    TRY_ASSIGN(state, RefreshedState(ports.log, own));
    TRY(CheckNotReferenced(*state, *file));
    if (restarts == kRestartsMax) return explanation;
  }
}

}  // namespace sleeper::query
