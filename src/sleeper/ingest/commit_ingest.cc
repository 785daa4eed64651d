#include "sleeper/ingest/commit_ingest.h"

#include <string>
#include <utility>
#include <vector>

namespace sleeper::ingest {
namespace {

Status OtherJob(const model::JobId& job) {
  return WithHint(Error(ErrorKind::kConflict, "job id ", job, " belongs to another job, with other inputs"),
                  "choose another job id, or name the inputs of that job");
}

}  // namespace

Result<std::optional<state::JobOutcome>> FindEarlier(const state::TableState& state, const IngestRequest& request) {
  const state::SpecHash hash = request.Hash();
  if (const std::optional<state::UnfinishedJob> job = state.FindJob(request.job);
      job && (job->kind != state::JobKind::kIngest || job->spec_hash != hash)) {
    return OtherJob(request.job);
  }
  std::optional<state::JobOutcome> earlier = state.FindOutcome(request.job);
  if (!earlier) return earlier;
  if (earlier->kind != state::JobKind::kIngest || earlier->spec_hash != hash) return OtherJob(request.job);
  if (earlier->result != state::JobResult::kFinished) {
    return WithHint(Error(ErrorKind::kConflict, "job ", request.job, " was given up: ", earlier->message),
                    "choose another job id");
  }
  return earlier;
}

Result<CommittedIngest> CommitIngest(state::TableCommitter& committer, const IngestSpec& spec,
                                     const IngestOutcome& outcome, const Registration& registration,
                                     const CallContext& call) {
  state::CompletedJob job{.id = spec.job, .spec_hash = spec.spec_hash, .kind = state::JobKind::kIngest, .counts = {}};
  job.counts = {.rows_read = outcome.rows_read,
                .rows_written = outcome.rows_written(),
                .files_in = outcome.inputs,
                .files_out = static_cast<int64_t>(outcome.files.size())};
  std::vector<state::Transaction> transactions;
  transactions.push_back(state::AddFiles{.job = std::move(job), .shape_hash = spec.shape_hash, .files = outcome.files});
  if (std::optional<state::Transaction> ending = registration.Ending()) transactions.push_back(std::move(*ending));
  auto committed = committer.Commit(std::move(transactions), call);
  if (!committed.ok()) {
    if (!IsKind(committed.status(), ErrorKind::kOutcomeUnknown)) return committed.status();
    return WithHint(
        WithContext(committed.status(), "it is not known whether the rows were added"),
        "run the ingest again with job id " + spec.job.value() + ": it adds them only if they are not there");
  }
  const state::TransactionOutcome& answer = committed->outcomes.front();
  if (answer.refused()) return WithContext(answer.refusal, "the rows cannot be added");
  CommittedIngest result;
  result.number = committed->number;
  if (!answer.applied()) result.earlier = answer.earlier.value_or(state::JobOutcome{.id = spec.job});
  return result;
}

}  // namespace sleeper::ingest
