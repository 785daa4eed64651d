#include "sleeper/compact/take_over.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "sleeper/state/store_time.h"

namespace sleeper::compact {
namespace {

/// A job's age limit does not double more often.
constexpr int kDoublingsMax = 6;

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

/// Decides about one job after the other.
class Judge {
 public:
  Judge(const TablePorts& ports, const state::TableState& state, const CompactTableRequest& request,
        const CallContext& call)
      : ports_(ports), state_(state), request_(request), call_(call) {}

  /// Why the job may be given up, or nothing.
  Result<std::optional<std::string>> ReasonToRelease(const state::UnfinishedJob& job) {
    if (request_.take_over == TakeOver::kNever) return std::nullopt;
    if (request_.take_over == TakeOver::kAlways) return "taken over on request";
    if (request_.worker.is_dead && request_.worker.is_dead(job.specification)) return "its worker is dead";
    TRY_ASSIGN(const std::optional<WallTime> began, ports_.log.StoreTime(job.registered, call_));
    if (!is_asked_) {
      TRY_ASSIGN(now_, state::AskStoreTime(ports_.store, ports_.random, ports_.table, state_.number(), call_));
      is_asked_ = true;
    }
    // An entry that is not there any more was truncated: it is older than anything that matters here.
    if (began && now_ - *began <= AgeMax(Attempts(state_, job))) return std::nullopt;
    return "its worker was silent for too long";
  }

 private:
  const TablePorts& ports_;
  const state::TableState& state_;
  const CompactTableRequest& request_;
  const CallContext& call_;
  bool is_asked_ = false;
  WallTime now_;
};

}  // namespace

Result<JobsOfOthers> FindJobsOfOthers(const TablePorts& ports, const state::TableState& state,
                                      const CompactTableRequest& request, const CallContext& call) {
  JobsOfOthers others;
  Judge judge(ports, state, request, call);
  for (const state::UnfinishedJob& job : state.Jobs()) {
    if (job.kind != state::JobKind::kCompaction) continue;
    TRY_ASSIGN(std::optional<std::string> reason, judge.ReasonToRelease(job));
    if (reason) {
      others.releasable.push_back({job.id, std::move(*reason)});
    } else {
      ++others.left_alone;
    }
  }
  return others;
}

}  // namespace sleeper::compact
