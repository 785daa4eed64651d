#include "tests/oracle/oracle_run.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/columnar/testing/batches.h"
#include "tests/oracle/random_workload.h"
#include "tests/oracle/table_under_test.h"

namespace sleeper::oracle {
namespace {

/// Rows of one input of an ingest, at most.
constexpr uint64_t kInputRowsMax = 100;
constexpr uint64_t kInputsMax = 3;
/// Beyond so many rows a table is no longer added to, so that a seed stays quick.
constexpr int64_t kTableRowsMax = 500;
constexpr int kQueriesPerStep = 3;

/// One seed. Confined.
class OracleRun {
 public:
  explicit OracleRun(uint64_t seed)
      : random_(seed),
        table_(random_.Next(), 1 + static_cast<int>(random_.Below(4))),
        expected_(RandomSchema(random_)) {}

  Status Start() { return table_.Create(expected_.schema(), RandomSplitPoints(random_, expected_)); }

  Status Step() {
    if (random_.Below(3) == 0) {
      TRY(QueryAroundAChange());
    } else {
      TRY(Change());
    }
    TRY(WithContext(CheckState(), change_));
    for (int i = 0; i < kQueriesPerStep; ++i) {
      TRY(WithContext(CompareQuery(RandomWanted(random_, expected_)), "after " + std::string(change_)));
    }
    return Status::OK();
  }

  Result<RunCounts> Finish() {
    TRY(CompareQuery({}));
    TRY_ASSIGN(const state::TableStatePtr state, table_.State());
    counts_.runs_spilled = table_.runs_spilled();
    counts_.partitions = state->partitions().size();
    counts_.files = state->totals().files;
    return counts_;
  }

 private:
  Status Change() {
    switch (random_.Below(14)) {
      case 0:
      case 1:
        return Named("split", table_.Split({.rows_max = 1 + static_cast<int64_t>(random_.Below(150)),
                                            .files_max = 1 + static_cast<int64_t>(random_.Below(10))}));
      case 2:
        return Named("split at points", table_.SplitAt(RandomSplitPoints(random_, expected_)));
      case 3:
        return Named("merge of partitions", table_.MergePartitions());
      case 4:
      case 5:
        return Named("compaction", Compact(compact::CompactionMode::kStrategy));
      case 6:
        return Named("compaction of all", Compact(compact::CompactionMode::kAll));
      case 7:
        if (random_.Below(4) > 0) return Status::OK();
        TRY(Named("clearing", table_.Clear()));
        expected_.Clear();
        return Status::OK();
      case 8:
        return query_is_open_ ? Status::OK() : Named("collection", table_.Collect());
      case 9:
        return query_is_open_ ? Status::OK() : Named("reopening", table_.Reopen());
      default:
        return Named("ingest", Ingest());
    }
  }

  /// Remembers what was done last, for messages.
  Status Named(std::string_view change, const Status& status) {
    change_ = change;
    return WithContext(status, change);
  }

  Status Compact(compact::CompactionMode mode) {
    return table_.Compact({.mode = mode, .properties = RandomProperties(random_)});
  }

  Status Ingest() {
    if (expected_.size() > kTableRowsMax) return Status::OK();
    std::vector<columnar::Batch> inputs;
    for (uint64_t i = random_.Below(kInputsMax + 1); i > 0; --i) {
      inputs.push_back(
          columnar::RandomBatch(table_.layout(), static_cast<int64_t>(random_.Below(kInputRowsMax)), random_));
    }
    // Some rows that are there already come again, so that keys, and whole rows, repeat across files.
    if (last_input_ && random_.Below(2) == 0) {
      inputs.push_back(
          last_input_->Slice(0, static_cast<int64_t>(random_.Below(static_cast<uint64_t>(last_input_->rows()) + 1))));
    }
    const model::Properties properties = RandomProperties(random_);
    const IngestBounds bounds{.sort_bytes_max = int64_t{1} << (10 + random_.Below(10)),
                              .file_bytes_target = int64_t{1} << (10 + random_.Below(10))};
    TRY(random_.Below(2) == 0 ? table_.Ingest(inputs, properties) : table_.IngestWithin(bounds, inputs, properties));
    for (const columnar::Batch& input : inputs) {
      expected_.Add(RowsOf(input));
      counts_.rows_ingested += input.rows();
      if (input.rows() > 0) last_input_ = input;
    }
    return Status::OK();
  }

  /// A query that has begun sees nothing of what happens then. Meanwhile no files are collected and the process goes
  /// on: it needs both.
  Status QueryAroundAChange() {
    const Wanted wanted = RandomWanted(random_, expected_);
    const ExpectedTable before = expected_;
    TRY_ASSIGN(const auto rows, table_.Query(RequestOf(wanted, before.schema())));
    std::vector<std::string> got;
    if (random_.Below(2) == 0) {
      TRY_ASSIGN(const std::optional<columnar::Batch> first, rows->Next());
      if (first) got = columnar::TextOf(*first);
    }
    query_is_open_ = true;
    const Status changed = Change();
    query_is_open_ = false;
    TRY(changed);
    TRY_ASSIGN(const std::vector<columnar::Batch> rest, rows::Collect(*rows));
    for (std::string& text : columnar::TextOf(rest)) got.push_back(std::move(text));
    return WithContext(before.Check(wanted, got), "a query that had begun before");
  }

  Status CompareQuery(const Wanted& wanted) {
    const query::QueryRequest request = RequestOf(wanted, expected_.schema());
    TRY_ASSIGN(const auto rows, table_.Query(request));
    TRY_ASSIGN(const std::vector<columnar::Batch> batches, rows::Collect(*rows));
    const std::vector<std::string> got = columnar::TextOf(batches);
    ++counts_.queries;
    counts_.rows_returned += static_cast<int64_t>(got.size());
    TRY(expected_.Check(wanted, got));
    if (random_.Below(8) > 0) return Status::OK();
    TRY_ASSIGN(const query::QueryExplanation explanation, table_.Explain(request));
    if (explanation.rows < static_cast<int64_t>(got.size())) {
      return Error(ErrorKind::kInternal, wanted.ToString(expected_.schema()), ": explained as at most ",
                   explanation.rows, " rows, but returned ", got.size());
    }
    return Status::OK();
  }

  Status CheckState() {
    TRY_ASSIGN(const state::TableStatePtr state, table_.State());
    if (state->totals().rows_exact() && state->totals().rows != expected_.size()) {
      return Error(ErrorKind::kInternal, "the state counts ", state->totals().rows, " rows, expected ",
                   expected_.size());
    }
    if (state->unfinished_jobs() > 0) return Error(ErrorKind::kInternal, "a job was left unfinished");
    return Status::OK();
  }

  SeededRandom random_;
  TableUnderTest table_;
  ExpectedTable expected_;
  std::optional<columnar::Batch> last_input_;
  std::string_view change_ = "creation";
  bool query_is_open_ = false;
  RunCounts counts_;
};

}  // namespace

RunCounts& RunCounts::operator+=(const RunCounts& other) {
  rows_ingested += other.rows_ingested;
  runs_spilled += other.runs_spilled;
  queries += other.queries;
  rows_returned += other.rows_returned;
  partitions += other.partitions;
  files += other.files;
  return *this;
}

Result<RunCounts> PlaySeed(uint64_t seed, int steps) {
  OracleRun run(seed);
  TRY(run.Start());
  for (int step = 0; step < steps; ++step) TRY(WithContext(run.Step(), "step " + std::to_string(step)));
  return run.Finish();
}

}  // namespace sleeper::oracle
