#include <set>

#include "sleeper/state/apply.h"

namespace sleeper::state {

namespace {

/// What became of a job of this name before, or kConflict if the name stands for another one. Nothing if it is new, or
/// registered and not ended.
Result<std::optional<JobOutcome>> FindEarlier(const StateEdit& edit, const CompletedJob& job) {
  const std::optional<JobOutcome> outcome = edit.FindOutcome(job.id);
  if (!outcome) return std::nullopt;
  if (outcome->spec_hash != job.spec_hash || outcome->kind != job.kind) {
    return WithHint(Error(ErrorKind::kConflict, "job ", job.id, " was another job, with other inputs"),
                    "give each job an id of its own");
  }
  if (outcome->result != JobResult::kFinished) {
    return Error(ErrorKind::kConflict, "job ", job.id, " was ended without effect: ", outcome->message);
  }
  return outcome;
}

Status CompleteJob(StateEdit& edit, const CompletedJob& job, const std::vector<NewFile>& files) {
  if (const std::optional<UnfinishedJob> registered = edit.FindJob(job.id)) {
    if (registered->kind != job.kind || registered->spec_hash != job.spec_hash) {
      return Error(ErrorKind::kConflict, "job ", job.id, " is another job, with other inputs");
    }
    for (const NewFile& file : files) {
      if (file.record.birth >= registered->earliest_birth) continue;
      return Error(ErrorKind::kConflict, "file ", file.record.id, " was born before its job ", job.id);
    }
    edit.EraseJob(*registered);
  } else if (edit.jobs_free() <= 0) {
    return WithHint(
        Error(ErrorKind::kExhausted, "the table remembers as many jobs as it may, ", edit.base().job_memory_max()),
        "let a sweep forget old ones, or raise job.memory.max");
  }
  edit.Remember({job.id, job.kind, job.spec_hash, JobResult::kFinished, job.counts, "", 0, job.run});
  return Status::OK();
}

}  // namespace

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const AddFiles& transaction) {
  if (!transaction.job && transaction.files.empty()) {
    return Error(ErrorKind::kInvalid, "neither a job nor files to add");
  }
  if (transaction.job) {
    const CompletedJob& job = *transaction.job;
    TRY(CheckJobName(job.id, job.spec_hash));
    if (job.kind == JobKind::kCompaction) {
      return Error(ErrorKind::kInvalid, "job ", job.id, ": a compaction replaces files, it does not add any");
    }
    TRY_ASSIGN(std::optional<JobOutcome> earlier, FindEarlier(edit, job));
    if (earlier) return TransactionOutcome::AlreadyDone(std::move(earlier));
  }
  TRY(CheckShape(edit, transaction.shape_hash));
  std::set<model::FileId> named;
  for (const NewFile& file : transaction.files) {
    TRY(CheckNewFile(edit, file));
    if (!named.insert(file.record.id).second) {
      return Error(ErrorKind::kInvalid, "file ", file.record.id, " is named twice");
    }
  }
  if (transaction.job) TRY(CompleteJob(edit, *transaction.job, transaction.files));
  for (const NewFile& file : transaction.files) PlaceFile(edit, file);
  if (!transaction.files.empty()) edit.MarkAdd();
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
