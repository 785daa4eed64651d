#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/time.h"
#include "sleeper/state/store_time.h"
#include "sleeper/state/table_state.h"

namespace sleeper::collect {

/// Which files may be deleted now.
struct DeletionPlan {
  /// Oldest first.
  std::vector<state::TrackedFile> files;
  /// Files without references whose time has not come, or that are too many for one plan.
  int64_t waiting = 0;
};

/// The files, at most `files_max`, whose last reference went at least `delay` ago by the store's clock. Pure.
DeletionPlan PlanDeletions(const state::StoreTime& time, Duration delay, int64_t files_max);

}  // namespace sleeper::collect
