#include "sleeper/split/split_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sleeper/columnar/layout.h"
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

/// One run of SplitTable.
class TableSplit {
 public:
  TableSplit(const TablePorts& ports, const SplitPolicy& policy, const CallContext& call)
      : ports_(ports), policy_(policy), call_(call) {}

  Result<SplitReport> Run() {
    TRY_ASSIGN(state::TableStatePtr state, RefreshedState(ports_, call_));
    report_.partitions_before = state->partitions().size();
    int conflicts = 0;
    for (int round = 0; round < kRoundsMax; ++round) {
      TRY(call_.Check(ports_.executor.clock()));
      TRY_ASSIGN(state::SplitPartitions splits, FindSplits(*state));
      if (splits.splits.empty()) break;
      const Result<state::CommitOutcome> committed =
          ports_.committer.Commit(state::Transaction(std::move(splits)), call_);
      const bool conflict = IsKind(committed.status(), ErrorKind::kConflict);
      if (conflict && ++conflicts > kConflictsMax) return committed.status();
      if (!conflict) TRY(committed.status());
      TRY_ASSIGN(state, RefreshedState(ports_, call_));
    }
    for (auto& [id, partition] : unsplittable_) {
      if (state->partitions().Find(id)) report_.unsplittable.push_back(std::move(partition));
    }
    report_.partitions_after = state->partitions().size();
    report_.log_number = state->number();
    return std::move(report_);
  }

 private:
  /// What there is to split now, as far as it fits one commit.
  Result<state::SplitPartitions> FindSplits(const state::TableState& state) {
    const auto layout = columnar::Layout::Of(state.definition().schema);
    const std::vector<SplitCandidate> candidates = PlanSplits(state, policy_);
    state::SplitPartitions splits;
    size_t boundaries = 0;
    int64_t looked_at = 0;
    for (const SplitCandidate& candidate : candidates) {
      call_.Report("looking at keys", ++looked_at, static_cast<int64_t>(candidates.size()));
      if (unsplittable_.contains(candidate.partition.id)) continue;
      TRY_ASSIGN(SplitPoints found,
                 FindSplitPoints(ports_.store, ports_.executor, ports_.table, layout, candidate, policy_, call_));
      if (found.points.empty()) {
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
  std::map<model::PartitionId, model::Partition> unsplittable_;
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

}  // namespace

Result<SplitReport> SplitTable(const TablePorts& ports, const SplitPolicy& policy, const CallContext& call) {
  return TableSplit(ports, policy, call).Run();
}

Result<SplitReport> SplitTableAt(const TablePorts& ports, const std::vector<model::NormalisedKey>& points,
                                 const CallContext& call) {
  if (!std::is_sorted(points.begin(), points.end())) return Error(ErrorKind::kInvalid, "split points must ascend");
  SplitReport report;
  Status last;
  for (int attempt = 0; attempt <= kConflictsMax; ++attempt) {
    TRY_ASSIGN(const state::TableStatePtr state, RefreshedState(ports, call));
    if (attempt == 0) report.partitions_before = state->partitions().size();
    state::SplitPartitions splits = SplitsAt(state->partitions(), points);
    if (splits.splits.empty()) {
      report.partitions_after = state->partitions().size();
      report.log_number = state->number();
      return report;
    }
    const Result<state::CommitOutcome> committed = ports.committer.Commit(state::Transaction(std::move(splits)), call);
    last = committed.status();
    if (!last.ok() && !IsKind(last, ErrorKind::kConflict)) return last;
  }
  return last;
}

}  // namespace sleeper::split
