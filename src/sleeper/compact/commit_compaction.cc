#include "sleeper/compact/commit_compaction.h"

#include <string>
#include <utility>

namespace sleeper::compact {
namespace {

/// How long giving up may take after the work itself was cancelled.
constexpr Duration kReleaseTimeMax = std::chrono::seconds(20);

}  // namespace

Result<std::vector<CompactionSpec>> AssignCompactions(state::TableCommitter& committer, Executor& executor,
                                                      std::vector<CompactionSpec> jobs, std::string_view worker,
                                                      const CallContext& call) {
  if (jobs.empty()) return jobs;
  // One transaction for each, so that one that does not fit any more leaves the others alone.
  std::vector<state::Transaction> transactions;
  for (const CompactionSpec& job : jobs)
    transactions.push_back(state::AssignJobs{{job.UnfinishedJob(std::string(worker))}});
  auto committed = committer.Commit(std::move(transactions), call);
  if (!committed.ok()) {
    if (IsKind(committed.status(), ErrorKind::kOutcomeUnknown)) {
      std::vector<Release> releases;
      for (const CompactionSpec& job : jobs) releases.push_back({job.job, "it is not known whether it was assigned"});
      // If that fails too, the jobs stand until they are taken over: the first failure tells more.
      static_cast<void>(ReleaseCompactions(committer, executor, releases, call));
    }
    return WithContext(committed.status(), "cannot assign files to compactions");
  }
  std::vector<CompactionSpec> assigned;
  Status refusal;
  for (size_t i = 0; i < jobs.size(); ++i) {
    const state::TransactionOutcome& outcome = committed->outcomes[i];
    if (!outcome.refused()) {
      assigned.push_back(std::move(jobs[i]));
    } else if (!IsKind(outcome.refusal, ErrorKind::kConflict) && refusal.ok()) {
      refusal = outcome.refusal;
    }
  }
  // Those that got their files hold them in the state: they have to be run. Whoever plans again meets the refusal
  // again.
  if (assigned.empty() && !refusal.ok()) return WithContext(refusal, "cannot assign files to compactions");
  return assigned;
}

Result<CommittedCompaction> CommitCompaction(state::TableCommitter& committer, const CompactionSpec& spec,
                                             const CompactionOutcome& outcome, const CallContext& call) {
  std::vector<state::Transaction> transactions;
  transactions.push_back(state::ReplaceFiles{.job = spec.job,
                                             .shape_hash = spec.shape_hash,
                                             .consumed = outcome.consumed,
                                             .outputs = outcome.outputs,
                                             .rows_removed = 0});
  TRY_ASSIGN(const state::CommitOutcome committed, committer.Commit(std::move(transactions), call));
  const state::TransactionOutcome& answer = committed.outcomes.front();
  CommittedCompaction result;
  result.number = committed.number;
  if (answer.applied()) return result;
  if (!answer.refused()) {
    result.verdict = CommitVerdict::kAlreadyDone;
    return result;
  }
  if (!IsKind(answer.refusal, ErrorKind::kConflict)) return answer.refusal;
  result.verdict = CommitVerdict::kSuperseded;
  result.refusal = answer.refusal;
  result.holds_inputs = committed.state->FindJob(spec.job).has_value();
  return result;
}

Status ReleaseCompactions(state::TableCommitter& committer, Executor& executor, std::span<const Release> jobs,
                          const CallContext& call) {
  if (jobs.empty()) return Status::OK();
  std::vector<state::Transaction> transactions;
  for (const Release& job : jobs) {
    transactions.push_back(state::ReleaseJobs{{{job.job, state::JobResult::kReleased, job.reason}}});
  }
  CallContext own = call;
  own.cancellation = nullptr;
  own.deadline = executor.clock().MonotonicNow() + kReleaseTimeMax;
  const Result<state::CommitOutcome> committed = committer.Commit(std::move(transactions), own);
  if (IsKind(committed.status(), ErrorKind::kCancelled) && call.Check(executor.clock()).ok()) {
    // It was our own deadline, and whoever asked did not cancel anything.
    return WithHint(
        Error(ErrorKind::kUnavailable, "the files of ", jobs.size(), " compactions could not be given back within ",
              std::chrono::duration_cast<std::chrono::seconds>(kReleaseTimeMax).count(), " seconds"),
        "the store is slow; the files are free again in time, or by compact --take-over at once");
  }
  TRY(committed.status());
  for (const state::TransactionOutcome& outcome : committed->outcomes) {
    if (outcome.refused() && !IsKind(outcome.refusal, ErrorKind::kNotFound)) return outcome.refusal;
  }
  return Status::OK();
}

}  // namespace sleeper::compact
