#include "sleeper/compact/take_over.h"

#include <algorithm>
#include <optional>
#include <string>

#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

/// A job's age limit does not double more often.
constexpr int kDoublingsMax = 6;
constexpr int kProbeNameDigits = 16;

// The time by the store's own clock: that of an object which was just put.
Result<WallTime> StoreNow(const TablePorts& ports, model::LogNumber number, const CallContext& call) {
  const store::ObjectPath path(state::PlanPrefix(ports.table).value() + state::FormatUp(number) + "-" +
                               ports.random.Hex(kProbeNameDigits));
  TRY(ports.store.Put(path, Buffer::FromString("What time is it?\n"), store::PutMode::kIfAbsent, call).status());
  TRY_ASSIGN(const store::ObjectInfo info, ports.store.Head(path, call));
  TRY(ports.store.Delete({&path, 1}, call));
  return info.last_modified;
}

// How often the inputs of `job` were tried before.
int Attempts(const state::TableState& state, const state::UnfinishedJob& job) {
  int attempts = 0;
  for (const state::ReferenceName& input : job.inputs) {
    for (const model::FileReference& reference : state.ReferencesIn(input.interval)) {
      if (reference.job == job.id) attempts = std::max(attempts, reference.attempts);
    }
  }
  return attempts;
}

Duration AgeMax(int attempts) { return kJobAgeMax * (int64_t{1} << std::min(attempts, kDoublingsMax)); }

}  // namespace

Result<JobsOfOthers> FindJobsOfOthers(const TablePorts& ports, const state::TableState& state, TakeOver mode,
                                      const CallContext& call) {
  JobsOfOthers others;
  std::optional<WallTime> now;
  for (const state::UnfinishedJob& job : state.Jobs()) {
    if (job.kind != state::JobKind::kCompaction) continue;
    if (mode == TakeOver::kAlways) {
      others.releasable.push_back({job.id, "taken over on request"});
      continue;
    }
    bool silent = false;
    if (mode == TakeOver::kSilent) {
      TRY_ASSIGN(const std::optional<WallTime> began, ports.log.StoreTime(job.registered, call));
      if (!now) {
        TRY_ASSIGN(now, StoreNow(ports, state.number(), call));
      }
      // An entry that is not there any more was truncated: it is older than anything that matters here.
      silent = !began || *now - *began > AgeMax(Attempts(state, job));
    }
    if (silent) {
      others.releasable.push_back({job.id, "its worker was silent for too long"});
    } else {
      ++others.left_alone;
    }
  }
  return others;
}

}  // namespace sleeper::compact
