#include <map>
#include <set>

#include "sleeper/state/apply.h"

namespace sleeper::state {

namespace {

/// kConflict unless the references of one file, in key order, leave no part of the named interval uncovered in which
/// the file may have rows.
Status CheckCovered(const ReferenceName& input, const model::KeyBounds& bounds,
                    const std::vector<StoredReference>& references) {
  const auto missing = [&](const model::KeyInterval& gap) {
    return !gap.empty() && bounds.Overlaps(gap)
               ? Error(ErrorKind::kConflict, "a part of file ", input.file, " that the job was to replace is gone")
               : Status::OK();
  };
  model::NormalisedKey at = input.interval.lower;
  for (const StoredReference& stored : references) {
    const model::KeyInterval& interval = stored.reference.interval;
    if (!input.interval.Contains(interval)) continue;
    TRY(missing({at, interval.lower}));
    if (!interval.upper) return Status::OK();
    at = *interval.upper;
  }
  return missing({at, input.interval.upper});
}

/// What a job was given of one file, what is there of it, and what it has read.
struct InputFile {
  std::vector<ReferenceName> names;
  std::vector<StoredReference> references;
  const ConsumedInput* read = nullptr;
};

Result<std::map<model::FileId, InputFile>> GatherInputs(const StateEdit& edit, const UnfinishedJob& job,
                                                        const std::vector<ConsumedInput>& consumed) {
  std::map<model::FileId, InputFile> files;
  for (const ReferenceName& name : job.inputs) files[name.file].names.push_back(name);
  for (StoredReference& stored : ReferencesOnJob(edit, job)) {
    files[stored.reference.file].references.push_back(std::move(stored));
  }
  for (const ConsumedInput& input : consumed) {
    const auto file = files.find(input.file);
    if (file == files.end()) return Error(ErrorKind::kInvalid, "file ", input.file, " is not an input of the job");
    if (file->second.read != nullptr) return Error(ErrorKind::kInvalid, "input ", input.file, " is named twice");
    file->second.read = &input;
  }
  return files;
}

/// Takes the references of one file away and accounts for what was read of it.
Status ConsumeFile(StateEdit& edit, const model::FileId& id, const InputFile& input) {
  if (input.read == nullptr) return Error(ErrorKind::kInvalid, "input ", id, " was not read");
  if (input.references.empty()) {
    return Error(ErrorKind::kConflict, "file ", id, ", which the job was to replace, is gone");
  }
  const model::NormalisedKey& min = input.references.front().file_min;
  const model::KeyBounds bounds = edit.FindFile(id, min)->record.bounds;
  for (const ReferenceName& name : input.names) TRY(CheckCovered(name, bounds, input.references));
  for (const StoredReference& stored : input.references) edit.RemoveReference(stored);
  TrackedFile file = *edit.FindFile(id, min);
  const auto miscounted = [&] {
    return WithHint(Error(ErrorKind::kCorrupt, "file ", id, " has ", file.record.rows,
                          " rows, but compactions have read others, or another number"),
                    "the file is kept; check the table with --deep");
  };
  if (input.read->rows < 0 || input.read->rows > file.record.rows - file.consumed_rows) return miscounted();
  file.consumed_rows += input.read->rows;
  file.consumed_hash += input.read->row_hash;
  const bool all_read = file.consumed_rows == file.record.rows && file.consumed_hash == file.record.row_hash;
  if (file.references == 0 && !file.waived && !all_read) return miscounted();
  edit.PutFile(std::move(file));
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
  bool overflows = false;
  for (const ConsumedInput& input : transaction.consumed) {
    overflows |= __builtin_add_overflow(rows, input.rows, &rows);
    hash += input.row_hash;
  }
  for (const NewFile& output : transaction.outputs) {
    overflows |= __builtin_sub_overflow(rows, output.record.rows, &rows);
    hash -= output.record.row_hash;
  }
  if (overflows || transaction.rows_removed < 0 || rows != transaction.rows_removed) {
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
  TRY_ASSIGN(const auto inputs, GatherInputs(edit, *job, transaction.consumed));
  for (const auto& [id, input] : inputs) TRY(ConsumeFile(edit, id, input));
  JobCounts counts;
  counts.files_in = static_cast<int64_t>(transaction.consumed.size());
  counts.files_out = static_cast<int64_t>(transaction.outputs.size());
  for (const ConsumedInput& input : transaction.consumed) counts.rows_read += input.rows;
  for (const NewFile& output : transaction.outputs) {
    counts.rows_written += output.record.rows;
    PlaceFile(edit, output);
  }
  edit.EraseJob(*job);
  edit.Remember({job->id, job->kind, job->spec_hash, JobResult::kFinished, counts, "", 0, transaction.run});
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
