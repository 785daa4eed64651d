#pragma once

#include "sleeper/base/time.h"
#include "sleeper/state/job.h"
#include "sleeper/state/table_state.h"

// How long compactions are left to those who run them, if nothing is known of their lives: the one rule of everybody
// who ends jobs for their age. Decision 0052 says why.

namespace sleeper::state {

/// A compaction whose files were never tried before counts as dead when it is older, by the store's clock.
inline constexpr Duration kCompactionAgeMin = std::chrono::hours(1);
/// No compaction is given more time for its files' earlier attempts.
inline constexpr Duration kCompactionAgeMax = kCompactionAgeMin * 64;

/// The age, by StoreTime, from which on a compaction of `state` counts as dead: kCompactionAgeMin, doubled for each
/// time that its inputs were tried before, up to kCompactionAgeMax. So work that takes long gets done in the end.
Duration CompactionPatience(const TableState& state, const UnfinishedJob& compaction);

}  // namespace sleeper::state
