#include <map>
#include <set>

#include "sleeper/state/apply.h"

namespace sleeper::state {

namespace {

/// kConflict unless the references of one file, in key order, leave no part of `interval` uncovered in which the file
/// may have rows.
Status CheckCovered(const ReferenceName& input, const model::KeyBounds& bounds,
                    const std::vector<const StoredReference*>& references) {
  const auto missing = [&](const model::KeyInterval& gap) {
    return !gap.empty() && bounds.Overlaps(gap)
               ? Error(ErrorKind::kConflict, "a part of file ", input.file, " that the job was to replace is gone")
               : Status::OK();
  };
  model::NormalisedKey at = input.interval.lower;
  for (const StoredReference* stored : references) {
    const model::KeyInterval& interval = stored->reference.interval;
    TRY(missing({at, interval.lower}));
    if (!interval.upper) return Status::OK();
    at = *interval.upper;
  }
  return missing({at, input.interval.upper});
}

/// Takes the job's references away and accounts for what was read of each file.
Status ConsumeInputs(StateEdit& edit, const UnfinishedJob& job, const std::vector<ConsumedInput>& consumed) {
  const std::vector<StoredReference> on_job = ReferencesOnJob(edit, job);
  std::map<model::FileId, std::vector<const StoredReference*>> by_file;
  for (const StoredReference& stored : on_job) by_file[stored.reference.file].push_back(&stored);
  std::map<model::FileId, const ConsumedInput*> read;
  for (const ConsumedInput& input : consumed) {
    if (input.rows < 0) return Error(ErrorKind::kInvalid, "file ", input.file, ": a negative number of rows");
    if (!read.emplace(input.file, &input).second) {
      return Error(ErrorKind::kInvalid, "input ", input.file, " is named twice");
    }
  }
  if (read.size() != job.inputs.size()) {
    return Error(ErrorKind::kInvalid, "job ", job.id, " has ", job.inputs.size(), " inputs, but ", read.size(),
                 " were read");
  }
  for (const ReferenceName& input : job.inputs) {
    const auto was_read = read.find(input.file);
    if (was_read == read.end()) return Error(ErrorKind::kInvalid, "input ", input.file, " was not read");
    const std::vector<const StoredReference*>& references = by_file[input.file];
    if (references.empty()) {
      return Error(ErrorKind::kConflict, "file ", input.file, ", which the job was to replace, is gone");
    }
    std::optional<TrackedFile> file = edit.FindFile(input.file, references.front()->file_min);
    TRY(CheckCovered(input, file->record.bounds, references));
    for (const StoredReference* stored : references) edit.RemoveReference(*stored);
    file = edit.FindFile(input.file, references.front()->file_min);
    file->consumed_rows += was_read->second->rows;
    file->consumed_hash += was_read->second->row_hash;
    if (file->references == 0 && !file->waived &&
        (file->consumed_rows != file->record.rows || file->consumed_hash != file->record.row_hash)) {
      return WithHint(Error(ErrorKind::kCorrupt, "file ", input.file, " has ", file->record.rows,
                            " rows, but compactions have read ", file->consumed_rows, " or other ones"),
                      "the file is kept; check the table with --deep");
    }
    edit.PutFile(std::move(*file));
  }
  return Status::OK();
}

Status CheckOutputs(const StateEdit& edit, const UnfinishedJob& job, const ReplaceFiles& transaction) {
  const model::KeyInterval hull = HullOf(job.inputs);
  std::set<model::FileId> named;
  for (const NewFile& output : transaction.outputs) {
    TRY(CheckNewFile(edit, output));
    const model::FileId& id = output.record.id;
    if (!named.insert(id).second) return Error(ErrorKind::kInvalid, "output ", id, " is named twice");
    if (output.record.birth < job.earliest_birth) {
      return Error(ErrorKind::kConflict, "output ", id, " was born before its job ", job.id);
    }
    for (const IntervalRows& slice : output.slices) {
      if (!hull.Contains(slice.interval)) {
        return Error(ErrorKind::kInvalid, "output ", id, " reaches beyond the inputs of job ", job.id);
      }
    }
  }
  return Status::OK();
}

/// Every row that was read was written or removed, and without removal they are the same rows.
Status CheckRows(const ReplaceFiles& transaction) {
  int64_t rows = 0;
  model::RowHash hash;
  for (const ConsumedInput& input : transaction.consumed) {
    rows += input.rows;
    hash += input.row_hash;
  }
  for (const NewFile& output : transaction.outputs) {
    rows -= output.record.rows;
    hash -= output.record.row_hash;
  }
  if (transaction.rows_removed < 0 || rows != transaction.rows_removed) {
    return Error(ErrorKind::kInvalid, "job ", transaction.job, ": ", rows, " rows are missing from its outputs, but ",
                 transaction.rows_removed, " were removed");
  }
  if (rows == 0 && hash != model::RowHash{}) {
    return Error(ErrorKind::kInvalid, "job ", transaction.job, ": its outputs hold other rows than its inputs");
  }
  return Status::OK();
}

}  // namespace

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ReplaceFiles& transaction) {
  const std::optional<UnfinishedJob> job = edit.FindJob(transaction.job);
  if (!job) {
    std::optional<JobOutcome> outcome = edit.FindOutcome(transaction.job);
    if (outcome && outcome->kind == JobKind::kCompaction && outcome->result == JobResult::kFinished) {
      return TransactionOutcome::AlreadyDone(std::move(outcome));
    }
    return Error(ErrorKind::kConflict, "job ", transaction.job, outcome ? " was released" : " is not known");
  }
  if (job->kind != JobKind::kCompaction) {
    return Error(ErrorKind::kConflict, "job ", transaction.job, " is not a compaction");
  }
  TRY(CheckShape(edit, transaction.shape_hash));
  TRY(CheckRows(transaction));
  TRY(CheckOutputs(edit, *job, transaction));
  TRY(ConsumeInputs(edit, *job, transaction.consumed));
  JobCounts counts;
  counts.files_in = static_cast<int64_t>(transaction.consumed.size());
  counts.files_out = static_cast<int64_t>(transaction.outputs.size());
  for (const ConsumedInput& input : transaction.consumed) counts.rows_read += input.rows;
  for (const NewFile& output : transaction.outputs) {
    counts.rows_written += output.record.rows;
    PlaceFile(edit, output);
  }
  edit.EraseJob(*job);
  edit.Remember({job->id, job->kind, job->spec_hash, JobResult::kFinished, counts, "", 0});
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
