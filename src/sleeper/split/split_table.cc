#include "sleeper/split/split_table.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "sleeper/columnar/layout.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/split/find_split_points.h"

namespace sleeper::split {
namespace {

/// Rounds after which the operation ends in any case. One round splits everything that is too big by the counts of that
/// moment; more are needed only where counts were estimates, or others add rows meanwhile.
constexpr int kRoundsMax = 20;

/// Commits that are tried again because others changed the same partitions.
constexpr int kConflictsMax = 10;

/// Boundaries in one entry of the log.
constexpr size_t kBoundariesPerCommitMax = 10'000;

Result<state::TableStatePtr> RefreshedState(const TablePorts& ports, const CallContext& call) {
  TRY_ASSIGN(state::TableStatePtr state, ports.log.Refresh(call));
  if (!state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist, or was dropped");
  return state;
}

/// One run of SplitTable. Confined.
class TableSplit {
 public:
  TableSplit(const TablePorts& ports, const SplitPolicy& policy, const CallContext& call)
      : ports_(ports), policy_(policy), call_(call) {}

  Result<SplitReport> Run() {
    TRY_ASSIGN(state::TableStatePtr state, RefreshedState(ports_, call_));
    report_.partitions_before = state->partitions().size();
    for (int round = 0; round < kRoundsMax; ++round) {
      TRY(call_.Check(ports_.executor.clock()));
      const model::LogNumber looked_at = state->number();
      TRY_ASSIGN(const Step step, Round(*state));
      if (step == Step::kDone) break;
      TRY_ASSIGN(state, RefreshedState(ports_, call_));
      if (step == Step::kFileIsMissing && state->number() == looked_at) return WithKind(failure_, ErrorKind::kCorrupt);
    }
    for (auto& [id, partition] : unsplittable_) {
      if (state->partitions().Find(id)) report_.unsplittable.push_back(std::move(partition));
    }
    report_.partitions_after = state->partitions().size();
    report_.log_number = state->number();
    return std::move(report_);
  }

 private:
  enum class Step {
    kDone,           ///< There is nothing to split.
    kSplit,          ///< Something was split.
    kChanged,        ///< Others have changed the same partitions.
    kFileIsMissing,  ///< A file is not in the store: others have changed the table, or it is broken.
  };

  Result<Step> Round(const state::TableState& state) {
    Result<state::SplitPartitions> splits = FindSplits(state);
    if (IsKind(splits.status(), ErrorKind::kNotFound)) return Again(Step::kFileIsMissing, splits.status());
    TRY(splits.status());
    if (splits->splits.empty()) return Step::kDone;
    const Result<state::CommitOutcome> committed =
        ports_.committer.Commit(state::Transaction(std::move(*splits)), call_);
    if (IsKind(committed.status(), ErrorKind::kConflict)) return Again(Step::kChanged, committed.status());
    TRY(committed.status());
    return Step::kSplit;
  }

  Result<Step> Again(Step step, const Status& failure) {
    failure_ = failure;
    if (++conflicts_ > kConflictsMax) return failure;
    return step;
  }

  /// What there is to split now, as far as it fits one commit.
  Result<state::SplitPartitions> FindSplits(const state::TableState& state) {
    const auto layout = columnar::Layout::Of(state.definition().schema);
    const std::vector<SplitCandidate> candidates = PlanSplits(state, policy_);
    state::SplitPartitions splits;
    size_t boundaries = 0;
    int64_t looked_at = 0;
    for (const SplitCandidate& candidate : candidates) {
      call_.Report("looking at keys", ++looked_at, static_cast<int64_t>(candidates.size()));
      if (settled_.contains(candidate.partition.id)) continue;
      TRY(call_.Check(ports_.executor.clock()));
      TRY_ASSIGN(SplitPoints found,
                 FindSplitPoints(ports_.store, ports_.executor, ports_.table, layout, candidate, policy_, call_));
      if (found.points.empty()) {
        settled_.insert(candidate.partition.id);
        if (PartsOf(found.rows, policy_) >= 2) unsplittable_.emplace(candidate.partition.id, candidate.partition);
        continue;
      }
      boundaries += found.points.size();
      splits.splits.push_back({candidate.partition.id, std::move(found.points)});
      if (boundaries >= kBoundariesPerCommitMax) break;
    }
    return splits;
  }

  const TablePorts& ports_;
  const SplitPolicy& policy_;
  const CallContext& call_;
  /// Partitions that were looked at and are not split: small enough after all, or unsplittable.
  std::set<model::PartitionId> settled_;
  std::map<model::PartitionId, model::Partition> unsplittable_;
  int conflicts_ = 0;
  /// Why the last round has to be repeated.
  Status failure_;
  SplitReport report_;
};

/// The points that are no boundaries yet, by the partition that they lie in.
state::SplitPartitions SplitsAt(const model::PartitionMap& partitions,
                                const std::vector<model::NormalisedKey>& points) {
  state::SplitPartitions splits;
  for (const model::NormalisedKey& point : points) {
    const model::Partition leaf = partitions.Find(point);
    if (leaf.interval.lower == point) continue;
    if (splits.splits.empty() || splits.splits.back().partition != leaf.id) splits.splits.push_back({leaf.id, {}});
    splits.splits.back().boundaries.push_back(point);
  }
  return splits;
}

/// kInvalid unless the points are keys, or leading parts of keys, and ascend strictly.
Status CheckPoints(const model::Schema& schema, const std::vector<model::NormalisedKey>& points) {
  const model::NormalisedKey* last = nullptr;
  for (const model::NormalisedKey& point : points) {
    const auto values = model::DecodeKeyPrefix(schema.row_key_fields(), point);
    const std::string text = model::FormatKey(schema.row_key_fields(), point);
    if (!values.ok()) return Error(ErrorKind::kInvalid, "a split point is not a key of the table: ", text);
    if (values->empty()) return Error(ErrorKind::kInvalid, "a split point is empty");
    if (last != nullptr && *last >= point) {
      return Error(ErrorKind::kInvalid, "split points must ascend, each once: ", text, " comes after ",
                   model::FormatKey(schema.row_key_fields(), *last));
    }
    last = &point;
  }
  return Status::OK();
}

}  // namespace

Result<SplitReport> SplitTable(const TablePorts& ports, const SplitPolicy& policy, const CallContext& call) {
  return TableSplit(ports, policy, call).Run();
}

Result<SplitReport> SplitTableAt(const TablePorts& ports, const std::vector<model::NormalisedKey>& points,
                                 const CallContext& call) {
  TRY_ASSIGN(state::TableStatePtr state, RefreshedState(ports, call));
  TRY(CheckPoints(state->definition().schema, points));
  SplitReport report{.partitions_before = state->partitions().size()};
  for (int conflicts = 0;; ++conflicts) {
    state::SplitPartitions splits = SplitsAt(state->partitions(), points);
    if (splits.splits.empty()) break;
    const Result<state::CommitOutcome> committed = ports.committer.Commit(state::Transaction(std::move(splits)), call);
    const bool conflict = IsKind(committed.status(), ErrorKind::kConflict);
    if (!conflict || conflicts == kConflictsMax) {
      TRY(committed.status());
    }
    TRY_ASSIGN(state, RefreshedState(ports, call));
    if (!conflict) break;
  }
  report.partitions_after = state->partitions().size();
  report.log_number = state->number();
  return report;
}

}  // namespace sleeper::split
