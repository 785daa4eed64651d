#pragma once

#include <optional>
#include <vector>

#include "sleeper/collect/sweep_policy.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/store_time.h"
#include "sleeper/state/transaction.h"

// What a sweep decides from the state and the store's time alone. Pure functions.

namespace sleeper::collect {

/// Unfinished jobs, by whether they count as dead.
struct SilentJobs {
  std::vector<state::EndedJob> dead;
  /// Those that may become so with time.
  int64_t others = 0;
};

/// Jobs that became known so long ago that those who did them must be dead: ingests after the policy's age (a live one
/// registers anew several times in it), compactions after that, but not before state::CompactionPatience, imports and
/// exports after the time for which jobs are remembered. Being wrong costs work, and no rows: the state refuses what
/// comes too late. Jobs that consume files of the inbox are left to whoever fills it.
SilentJobs FindSilentJobs(const state::StoreTime& time, const SweepPolicy& policy);

/// How far the sweep floor may rise: what is born below was begun before an entry that has the policy's age, and
/// belongs to no unfinished job. At most one above the state's number, and never below the floor as it is.
model::LogNumber HighestFloor(const state::StoreTime& time, const SweepPolicy& policy);

/// Writes that were begun so long ago are of dead writers: the policy's age, but at least that of the oldest unfinished
/// job. Nothing if the latter is not known.
std::optional<Duration> AbandonedWriteAge(const state::StoreTime& time, const SweepPolicy& policy);

/// The entry up to which jobs that have ended are to be forgotten; nothing if it is not worth an entry of the log yet.
/// The sweep floor has to be above it first; it is below HighestFloor and the state's number.
std::optional<model::LogNumber> ForgettableJobs(const state::StoreTime& time, const SweepPolicy& policy);

/// Marks of time whose neighbours tell the time as well, to a hundredth of its age; empty if it is not worth an entry
/// of the log yet. Those that stay reach back as far as the log does, and are some hundreds,
/// however long that is.
std::vector<model::LogNumber> SpareMarks(const state::StoreTime& time);

}  // namespace sleeper::collect
