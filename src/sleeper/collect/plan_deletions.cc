#include "sleeper/collect/plan_deletions.h"

namespace sleeper::collect {

DeletionPlan PlanDeletions(const state::StoreTime& time, Duration delay, int64_t files_max) {
  DeletionPlan plan;
  plan.files = time.state().UnreferencedFiles(time.LastOfAge(delay), files_max);
  plan.waiting = time.state().totals().unreferenced_files - static_cast<int64_t>(plan.files.size());
  return plan;
}

}  // namespace sleeper::collect
