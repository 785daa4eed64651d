#include <algorithm>
#include <functional>
#include <set>

#include "sleeper/state/apply.h"

namespace sleeper::state {

Status CheckJobName(const model::JobId& id, const SpecHash& spec_hash) {
  if (id.empty() || id.value().size() > kJobIdBytesMax) {
    return Error(ErrorKind::kInvalid, "a job id has 1 to ", kJobIdBytesMax, " bytes: ", id);
  }
  if (spec_hash.empty() || spec_hash.value().size() > kJobIdBytesMax) {
    return Error(ErrorKind::kInvalid, "job ", id, ": the hash of its specification is missing or too long");
  }
  return Status::OK();
}

model::KeyInterval HullOf(const std::vector<ReferenceName>& inputs) {
  model::KeyInterval hull = inputs.front().interval;
  for (const ReferenceName& input : inputs) {
    hull.lower = std::min(hull.lower, input.interval.lower);
    if (hull.upper && (!input.interval.upper || *input.interval.upper > *hull.upper)) hull.upper = input.interval.upper;
  }
  return hull;
}

std::vector<StoredReference> ReferencesOnJob(const StateEdit& edit, const UnfinishedJob& job) {
  std::vector<StoredReference> found;
  if (job.inputs.empty()) return found;
  for (StoredReference& stored : edit.ReferencesIn(HullOf(job.inputs))) {
    if (stored.reference.job == job.id) found.push_back(std::move(stored));
  }
  return found;
}

void EndWithoutEffect(StateEdit& edit, const UnfinishedJob& job, JobResult result, std::string message) {
  for (const StoredReference& stored : ReferencesOnJob(edit, job)) {
    StoredReference free = stored;
    free.reference.job = std::nullopt;
    ++free.reference.attempts;
    edit.UpdateReference(stored, free);
  }
  edit.EraseJob(job);
  edit.Remember({job.id, job.kind, job.spec_hash, result, {}, std::move(message), 0, {}});
}

namespace {

/// What AssignJobs and RegisterJobs have in common: true if the job is known already with the same contents.
Result<bool> CheckNewJob(const StateEdit& edit, const UnfinishedJob& job) {
  TRY(CheckJobName(job.id, job.spec_hash));
  if (std::optional<UnfinishedJob> known = edit.FindJob(job.id)) {
    known->registered = job.registered;
    if (*known == job) return true;
    return Error(ErrorKind::kConflict, "job ", job.id, " is another job, with other contents");
  }
  if (edit.FindOutcome(job.id)) return Error(ErrorKind::kConflict, "job ", job.id, " has ended already");
  TRY(CheckShape(edit, job.shape_hash));
  TRY(CheckBirth(edit, job.earliest_birth, "job " + job.id.value()));
  return false;
}

Status AssignInputs(StateEdit& edit, const UnfinishedJob& job) {
  if (job.inputs.empty()) return Error(ErrorKind::kInvalid, "job ", job.id, " has no inputs");
  const model::Partition leaf = edit.partitions().Find(job.inputs.front().interval.lower);
  for (const ReferenceName& input : job.inputs) {
    const std::optional<StoredReference> stored = edit.FindReference(input);
    if (!stored) {
      return Error(ErrorKind::kConflict, "job ", job.id, ": file ", input.file, " has no such reference any more");
    }
    if (stored->reference.job == job.id) {
      return Error(ErrorKind::kInvalid, "job ", job.id, ": file ", input.file, " is named twice");
    }
    if (stored->reference.job) {
      return Error(ErrorKind::kConflict, "job ", job.id, ": file ", input.file, " is on job ", *stored->reference.job);
    }
    if (!leaf.interval.Contains(input.interval)) {
      return Error(ErrorKind::kInvalid, "job ", job.id, ": its inputs lie in several partitions");
    }
    StoredReference assigned = *stored;
    assigned.reference.job = job.id;
    edit.UpdateReference(*stored, assigned);
  }
  return Status::OK();
}

Status ConsumeInbox(StateEdit& edit, const UnfinishedJob& job) {
  for (const InboxFileId& file : job.inbox) {
    const std::optional<model::LogNumber> birth = BirthOf(file);
    if (!birth) return Error(ErrorKind::kInvalid, "job ", job.id, ": not a file of the inbox: ", file);
    TRY(CheckBirth(edit, *birth, "inbox file " + file.value()));
    if (edit.IsConsumed(file)) {
      return Error(ErrorKind::kConflict, "job ", job.id, ": inbox file ", file, " is consumed already");
    }
    edit.Consume(file, job.id);
  }
  return Status::OK();
}

/// Takes jobs in, all or none. `take` does what is particular to their kind.
template <typename Take>
Result<TransactionOutcome> TakeIn(StateEdit& edit, const std::vector<UnfinishedJob>& jobs, const Take& take) {
  if (jobs.empty()) return Error(ErrorKind::kInvalid, "no jobs are named");
  std::set<model::JobId> named;
  size_t known = 0;
  for (const UnfinishedJob& job : jobs) {
    if (!named.insert(job.id).second) return Error(ErrorKind::kInvalid, "job ", job.id, " is named twice");
    TRY_ASSIGN(const bool is_known, CheckNewJob(edit, job));
    if (is_known) {
      ++known;
      continue;
    }
    if (edit.jobs_free() <= 0) {
      return WithHint(
          Error(ErrorKind::kExhausted, "the table knows as many jobs as it may, ", edit.base().job_memory_max()),
          "let a sweep forget old ones, or raise job.memory.max");
    }
    TRY(take(job));
    edit.PutJob(job);
  }
  if (known == jobs.size()) return TransactionOutcome::AlreadyDone();
  if (known > 0) return Error(ErrorKind::kConflict, "some of the jobs are known already");
  return TransactionOutcome::Applies();
}

}  // namespace

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const AssignJobs& transaction) {
  return TakeIn(edit, transaction.jobs, [&](const UnfinishedJob& job) -> Status {
    if (job.kind != JobKind::kCompaction || !job.inbox.empty()) {
      return Error(ErrorKind::kInvalid, "job ", job.id, " is no compaction: it has to be registered");
    }
    return AssignInputs(edit, job);
  });
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RegisterJobs& transaction) {
  return TakeIn(edit, transaction.jobs, [&](const UnfinishedJob& job) -> Status {
    if (job.kind == JobKind::kCompaction || !job.inputs.empty()) {
      return Error(ErrorKind::kInvalid, "job ", job.id, " is a compaction: its references have to be assigned");
    }
    return ConsumeInbox(edit, job);
  });
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ReleaseJobs& transaction) {
  if (transaction.jobs.empty()) return Error(ErrorKind::kInvalid, "no jobs are named");
  std::set<model::JobId> named;
  bool changes = false;
  for (const EndedJob& ended : transaction.jobs) {
    if (!named.insert(ended.id).second) return Error(ErrorKind::kInvalid, "job ", ended.id, " is named twice");
    if (ended.result == JobResult::kFinished) {
      return Error(ErrorKind::kInvalid, "job ", ended.id, " cannot be released as finished");
    }
    if (ended.message.size() > kMessageBytesMax) {
      return Error(ErrorKind::kInvalid, "job ", ended.id, ": the message is longer than ", kMessageBytesMax, " bytes");
    }
    const std::optional<UnfinishedJob> job = edit.FindJob(ended.id);
    if (!job && edit.FindOutcome(ended.id)) continue;
    if (!job) return Error(ErrorKind::kNotFound, "job ", ended.id, " is not known");
    EndWithoutEffect(edit, *job, ended.result, ended.message);
    changes = true;
  }
  return changes ? TransactionOutcome::Applies() : TransactionOutcome::AlreadyDone();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RecordJobs& transaction) {
  if (transaction.outcomes.empty()) return Error(ErrorKind::kInvalid, "no jobs are named");
  std::set<model::JobId> named;
  bool changes = false;
  for (const JobOutcome& outcome : transaction.outcomes) {
    TRY(CheckJobName(outcome.id, outcome.spec_hash));
    if (!named.insert(outcome.id).second) return Error(ErrorKind::kInvalid, "job ", outcome.id, " is named twice");
    if (outcome.message.size() > kMessageBytesMax) {
      return Error(ErrorKind::kInvalid, "job ", outcome.id, ": the message is longer than ", kMessageBytesMax,
                   " bytes");
    }
    if (std::optional<JobOutcome> known = edit.FindOutcome(outcome.id)) {
      known->ended = outcome.ended;
      if (*known == outcome) continue;
      return Error(ErrorKind::kConflict, "job ", outcome.id, " is remembered with another outcome");
    }
    if (const std::optional<UnfinishedJob> job = edit.FindJob(outcome.id)) {
      if (job->kind == JobKind::kCompaction || job->kind != outcome.kind || job->spec_hash != outcome.spec_hash) {
        return Error(ErrorKind::kConflict, "job ", outcome.id, " is unfinished, and not the job that has ended");
      }
      edit.EraseJob(*job);
    } else if (edit.jobs_free() <= 0) {
      return Error(ErrorKind::kExhausted, "the table remembers as many jobs as it may, ", edit.base().job_memory_max());
    }
    edit.Remember(outcome);
    changes = true;
  }
  return changes ? TransactionOutcome::Applies() : TransactionOutcome::AlreadyDone();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetJobs& transaction) {
  if (edit.ForgetThrough(transaction.through) == 0) return TransactionOutcome::AlreadyDone();
  if (edit.base().sweep_floor() <= transaction.through) {
    return Error(ErrorKind::kConflict, "jobs that ended at ", transaction.through,
                 " are remembered until the sweep floor, now ", edit.base().sweep_floor(), ", has passed that entry");
  }
  return TransactionOutcome::Applies();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetMarks& transaction) {
  const std::vector<model::LogNumber>& numbers = transaction.numbers;
  if (numbers.empty()) return Error(ErrorKind::kInvalid, "no marks are named");
  if (std::ranges::adjacent_find(numbers, std::greater_equal<>()) != numbers.end()) {
    return Error(ErrorKind::kInvalid, "the marks are not named in ascending order");
  }
  const std::optional<TimeMark> newest = edit.base().LastMark();
  if (newest && numbers.back() == newest->number) {
    return Error(ErrorKind::kInvalid, "the mark at ", newest->number, " is the newest, which stays");
  }
  bool changes = false;
  for (const model::LogNumber number : numbers) changes |= edit.ForgetMark(number);
  return changes ? TransactionOutcome::Applies() : TransactionOutcome::AlreadyDone();
}

}  // namespace sleeper::state
