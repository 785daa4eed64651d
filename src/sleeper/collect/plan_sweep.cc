#include "sleeper/collect/plan_sweep.h"

#include <algorithm>

#include "sleeper/state/compaction_age.h"

namespace sleeper::collect {
namespace {

/// Jobs are forgotten many at a time: the oldest must be older than it need be by this part of the time of memory.
constexpr int kForgettingSlackPart = 8;

/// Marks are forgotten many at a time, once there are so many: less than half of those that a state keeps unthinned.
constexpr int64_t kMarksUnthinned = 2'000;

/// Between marks an entry may count as younger than it is by this part of its age.
constexpr int kAgeParts = 100;

/// Above this part of what may be remembered there is no such slack.
constexpr double kFullMemory = 0.75;

Duration AgeOfDeath(const state::TableState& state, const state::UnfinishedJob& job, const SweepPolicy& policy) {
  switch (job.kind) {
    case state::JobKind::kIngest:
      return policy.age;
    case state::JobKind::kCompaction:
      return std::max(policy.age, state::CompactionPatience(state, job));
    case state::JobKind::kImport:
    case state::JobKind::kExport:
      return std::max(policy.age, policy.job_memory);
  }
  return policy.job_memory;
}

bool IsMemoryFull(const state::TableState& state) {
  const auto known = static_cast<double>(state.remembered_jobs() + state.unfinished_jobs());
  return known >= kFullMemory * static_cast<double>(state.job_memory_max());
}

}  // namespace

SilentJobs FindSilentJobs(const state::StoreTime& time, const SweepPolicy& policy) {
  SilentJobs silent;
  for (const state::UnfinishedJob& job : time.state().Jobs()) {
    if (!job.inbox.empty()) continue;
    if (time.HasAge(job.registered, AgeOfDeath(time.state(), job, policy))) {
      silent.dead.push_back({job.id, state::JobResult::kReleased, "its worker was silent for too long"});
    } else {
      ++silent.others;
    }
  }
  return silent;
}

model::LogNumber HighestFloor(const state::StoreTime& time, const SweepPolicy& policy) {
  model::LogNumber floor = time.LastOfAge(policy.age) + 1;
  if (const auto birth = time.state().least_job_birth()) floor = std::min(floor, *birth);
  return std::max(floor, time.state().sweep_floor());
}

std::optional<Duration> AbandonedWriteAge(const state::StoreTime& time, const SweepPolicy& policy) {
  const std::optional<model::LogNumber> birth = time.state().least_job_birth();
  if (!birth) return policy.age;
  const std::optional<WallTime> begun = time.state().TimeAtOrBefore(*birth);
  if (!begun) return std::nullopt;
  return std::max<Duration>(policy.age, time.now() - *begun);
}

std::optional<model::LogNumber> ForgettableJobs(const state::StoreTime& time, const SweepPolicy& policy) {
  const state::TableState& state = time.state();
  const std::vector<state::JobOutcome> oldest = state.Outcomes(0, 1);
  const model::LogNumber floor = HighestFloor(time, policy);
  if (oldest.empty() || floor == 0) return std::nullopt;
  const Duration slack = IsMemoryFull(state) ? Duration::zero() : policy.job_memory / kForgettingSlackPart;
  if (!time.HasAge(oldest.front().ended, policy.job_memory + slack)) return std::nullopt;
  const model::LogNumber through = std::min({time.LastOfAge(policy.job_memory), floor - 1, state.number() - 1});
  if (through < oldest.front().ended) return std::nullopt;
  return through;
}

std::vector<model::LogNumber> SpareMarks(const state::StoreTime& time) {
  std::vector<model::LogNumber> spare;
  if (time.state().mark_count() < kMarksUnthinned) return spare;
  const std::vector<state::TimeMark> marks = time.state().Marks();
  // The first tells how far back the log is known, the last is the present.
  WallTime kept = marks.front().time;
  for (size_t i = 1; i + 1 < marks.size(); ++i) {
    const WallTime next = marks[i + 1].time;
    if (next - kept <= (time.now() - next) / kAgeParts) {
      spare.push_back(marks[i].number);
    } else {
      kept = marks[i].time;
    }
  }
  return spare;
}

}  // namespace sleeper::collect
