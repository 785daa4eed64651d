#include "sleeper/compact/take_over.h"

#include <optional>
#include <string>
#include <utility>

#include "sleeper/state/compaction_age.h"

namespace sleeper::compact {
namespace {

/// Decides about one job after the other.
class Judge {
 public:
  Judge(const TablePorts& ports, state::StoreTime time, const CompactTableRequest& request, const CallContext& call)
      : ports_(ports), time_(std::move(time)), request_(request), call_(call) {}

  /// Why the job may be given up, or nothing.
  Result<std::optional<std::string>> ReasonToRelease(const state::UnfinishedJob& job) {
    if (request_.take_over == TakeOver::kNever) return std::nullopt;
    if (request_.take_over == TakeOver::kAlways) return "taken over on request";
    const WorkerLife life = request_.worker.look_up ? request_.worker.look_up(job.specification) : WorkerLife::kUnknown;
    if (life == WorkerLife::kDead) return "its worker is dead";
    // A process that lives may still have forgotten the job: it could not give it back, say.
    const Duration patience =
        life == WorkerLife::kAlive ? Duration(state::kCompactionAgeMax) : state::CompactionPatience(time_.state(), job);
    if (!time_.HasAge(job.registered, patience)) TRY(AskTime());
    if (!time_.HasAge(job.registered, patience)) return std::nullopt;
    return "its worker was silent for too long";
  }

 private:
  // The newest entry may have been written long ago: the store is asked what time it is, once.
  Status AskTime() {
    if (is_asked_) return Status::OK();
    TRY_ASSIGN(const WallTime now,
               state::AskStoreTime(ports_.store, ports_.random, ports_.table, time_.state().number(), call_));
    time_ = time_.At(now);
    is_asked_ = true;
    return Status::OK();
  }

  const TablePorts& ports_;
  state::StoreTime time_;
  const CompactTableRequest& request_;
  const CallContext& call_;
  bool is_asked_ = false;
};

}  // namespace

Result<JobsOfOthers> FindJobsOfOthers(const TablePorts& ports, state::StoreTime time,
                                      const CompactTableRequest& request, const CallContext& call) {
  JobsOfOthers others;
  const std::vector<state::UnfinishedJob> jobs = time.state().Jobs();
  Judge judge(ports, std::move(time), request, call);
  for (const state::UnfinishedJob& job : jobs) {
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
