#include "sleeper/compact/plan_compactions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/base/random.h"
#include "sleeper/compact/choose_merges.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

constexpr int kJobNameDigits = 16;

/// What lies in one partition: slices that may be merged, and jobs that are at work.
struct PartitionFiles {
  std::vector<CompactionInput> free;
  std::set<model::FileId> names;
  std::set<model::JobId> jobs;
};

/// Walks over the partitions of a state and collects the jobs that are worth doing.
class Planner {
 public:
  Planner(const state::TableState& state, const PlanRequest& request) : state_(state), request_(request) {}

  CompactionPlan Plan() {
    state::ReferenceCursor reference = state_.References();
    for (auto partition = state_.partitions().Begin(); partition.valid(); partition.Next()) {
      const model::Partition leaf = partition.partition();
      AddJobs(leaf.id, Collect(leaf, reference));
    }
    LimitJobs();
    return std::move(plan_);
  }

 private:
  // Takes the references of `leaf`, which are the next ones of the walk.
  PartitionFiles Collect(const model::Partition& leaf, state::ReferenceCursor& at) {
    PartitionFiles files;
    for (; at.valid() && leaf.interval.Contains(at.lower()); at.Next()) {
      const model::FileReference reference = at.reference();
      if (reference.job) {
        files.jobs.insert(*reference.job);
        running_jobs_.insert(*reference.job);
        continue;
      }
      if (IsSetAside(reference)) {
        ++plan_.references_set_aside;
        continue;
      }
      // A job reads a file once: further references of a file, which joined partitions may have, wait for the next
      // plan.
      if (request_.excluded.contains(reference.file) || !files.names.insert(reference.file).second) continue;
      files.free.push_back({at.file().record, reference.interval, reference.rows, reference.rows_exact});
    }
    return files;
  }

  bool IsSetAside(const model::FileReference& reference) const {
    return request_.policy.mode == CompactionMode::kStrategy && reference.attempts >= request_.policy.attempts_max;
  }

  void AddJobs(const model::PartitionId& partition, const PartitionFiles& files) {
    for (Merge& merge : ChooseMerges(files.free, static_cast<int64_t>(files.jobs.size()), request_.policy)) {
      plan_.jobs.push_back(CompactionSpec{
          .job = model::JobId("compact-" + state::FormatUp(state_.number()) + "-" + random_.Hex(kJobNameDigits)),
          .partition = partition,
          .inputs = std::move(merge),
          .schema = state_.definition().schema,
          .shape_hash = state_.shape_hash(),
          .file_settings = request_.file_settings,
          .file_bytes_target = request_.policy.file_bytes_target,
          .birth = state_.number(),
      });
    }
  }

  // Keeps a random subset, so that no partition is served before all others for ever, in the order of the plan.
  void LimitJobs() {
    const int64_t allowed = std::max<int64_t>(0, request_.policy.jobs_max - static_cast<int64_t>(running_jobs_.size()));
    const auto planned = static_cast<int64_t>(plan_.jobs.size());
    if (planned <= allowed) return;
    std::vector<CompactionSpec> kept;
    for (int64_t i = 0; i < planned; ++i) {
      const auto left = static_cast<uint64_t>(planned - i);
      const auto wanted = static_cast<uint64_t>(allowed) - kept.size();
      if (random_.Below(left) < wanted) kept.push_back(std::move(plan_.jobs[static_cast<size_t>(i)]));
    }
    plan_.jobs = std::move(kept);
    plan_.jobs_postponed = planned - allowed;
  }

  const state::TableState& state_;
  const PlanRequest& request_;
  SeededRandom random_{request_.seed};
  std::set<model::JobId> running_jobs_;
  CompactionPlan plan_;
};

}  // namespace

CompactionPlan PlanCompactions(const state::TableState& state, const PlanRequest& request) {
  SLEEPER_CHECK(state.exists(), "a table that is not there cannot be compacted");
  return Planner(state, request).Plan();
}

}  // namespace sleeper::compact
