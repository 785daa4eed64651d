#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sleeper/model/file_record.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/model/table_definition.h"
#include "sleeper/state/job.h"

// The changes that a table's log can hold. Plain values; what each requires and does is written here and carried out in
// apply_*.cc. "Refused" names the error kind in brackets. A dropped or undefined table refuses everything else
// [kNotFound].

namespace sleeper::state {

/// How many rows a writer put into an interval.
struct IntervalRows {
  model::KeyInterval interval;
  int64_t rows = 0;

  friend bool operator==(const IntervalRows&, const IntervalRows&) = default;
};

/// A file that is to become part of the table. Well formed [kInvalid]: the id is one of MakeFileId and says the
/// record's birth, which is not after the state; there are rows; the slices ascend, do not overlap, each has rows, they
/// add up to the record's rows, and the record's bounds lie in the first and the last of them.
struct NewFile {
  model::FileRecord record;
  std::vector<IntervalRows> slices;

  friend bool operator==(const NewFile&, const NewFile&) = default;
};

/// The job that an AddFiles completes.
struct CompletedJob {
  model::JobId id;
  SpecHash spec_hash;
  JobKind kind = JobKind::kIngest;
  JobCounts counts;
  JobRun run;

  friend bool operator==(const CompletedJob&, const CompletedJob&) = default;
};

/// Creates the table, or changes its definition. The first entry of a table's log.
///
/// Creation: on an undefined table, version 1, with the boundaries of the first partitions.
/// Change: the version is one above the current one [kConflict], the schema is the same [kInvalid], no boundaries
/// [kInvalid]. If the shape hash changes, all compactions are released. Already done: the same definition is in force.
struct DefineTable {
  model::TableDefinition definition;
  std::vector<model::NormalisedKey> split_points;

  friend bool operator==(const DefineTable&, const DefineTable&) = default;
};

/// Ends the table: the last entry of its log, for ever. Already done: it was dropped.
struct DropTable {
  friend bool operator==(const DropTable&, const DropTable&) = default;
};

/// Makes files part of the table, all or none, and completes the job that wrote them, also when there are no files.
///
/// Already done: the job has finished, with the same spec hash. Refused: the job id has another spec hash, or ended
/// otherwise [kConflict]; the shape hash is not the table's [kConflict]; a file is tracked already, or born below the
/// sweep floor [kConflict]; the memory of jobs is full [kExhausted]; neither job nor files [kInvalid]. Each slice
/// becomes a reference per partition of the current map that it and the file's bounds overlap. A slice that falls into
/// several is shared out evenly, and those counts are not exact.
struct AddFiles {
  std::optional<CompletedJob> job;
  std::string shape_hash;
  std::vector<NewFile> files;

  friend bool operator==(const AddFiles&, const AddFiles&) = default;
};

/// Gives references to compactions, all or none.
///
/// Already done: all jobs are known with the same contents. Refused: a job id is in use or remembered, a reference is
/// not there in exactly this form or is on a job, the shape hash is not the table's, the earliest birth is below the
/// sweep floor [kConflict]; the inputs of a job are none, repeated, or not of one partition, or the birth is after the
/// state [kInvalid]; too many unfinished jobs [kExhausted].
struct AssignJobs {
  std::vector<UnfinishedJob> jobs;

  friend bool operator==(const AssignJobs&, const AssignJobs&) = default;
};

/// What a compaction read of one file: all rows of the intervals of it that AssignJobs named.
struct ConsumedInput {
  model::FileId file;
  int64_t rows = 0;
  model::RowHash row_hash;

  friend bool operator==(const ConsumedInput&, const ConsumedInput&) = default;
};

/// Replaces the references of one compaction by its outputs, and completes it.
///
/// Already done: the job has finished. Refused: the job is unknown, was released or failed; the shape hash is not the
/// table's; the references on the job do not cover exactly what AssignJobs named; a file is tracked already, or born
/// below the floor or the job's earliest birth [kConflict]; the consumed files are not the job's inputs, or an output
/// lies outside of what they cover, or rows are neither written nor removed, or nothing was removed and the hashes
/// differ [kInvalid]; the slices of a file that is consumed up add up to something else than the file [kCorrupt].
struct ReplaceFiles {
  model::JobId job;
  std::string shape_hash;
  std::vector<ConsumedInput> consumed;
  std::vector<NewFile> outputs;
  /// Rows that filters dropped or aggregation merged away: consumed minus written.
  int64_t rows_removed = 0;
  JobRun run;

  friend bool operator==(const ReplaceFiles&, const ReplaceFiles&) = default;
};

/// A job that is to end without effect.
struct EndedJob {
  model::JobId id;
  /// kReleased or kFailed.
  JobResult result = JobResult::kReleased;
  std::string message;

  friend bool operator==(const EndedJob&, const EndedJob&) = default;
};

/// Ends unfinished jobs of any kind without effect. References that were on them are free again, with one attempt more.
/// Those that have ended already are passed over; already done if all have. Refused: one was never known [kNotFound];
/// none named, or one repeated [kInvalid].
struct ReleaseJobs {
  std::vector<EndedJob> jobs;

  friend bool operator==(const ReleaseJobs&, const ReleaseJobs&) = default;
};

/// Makes jobs known that are not compactions, so that the sweep spares what they write, and consumes files of the
/// inbox.
///
/// Already done: all are known with the same contents. Refused: an id is in use or remembered, a file of the inbox is
/// consumed already, a birth is below the sweep floor [kConflict]; a compaction, inputs, or a birth after the state
/// [kInvalid]; too many unfinished jobs [kExhausted].
struct RegisterJobs {
  std::vector<UnfinishedJob> jobs;

  friend bool operator==(const RegisterJobs&, const RegisterJobs&) = default;
};

struct PartitionSplit {
  model::PartitionId partition;
  /// At least one; ascending, strictly inside the partition [kInvalid].
  std::vector<model::NormalisedKey> boundaries;

  friend bool operator==(const PartitionSplit&, const PartitionSplit&) = default;
};

/// Cuts partitions, all or none, into new ones, and every reference with them, also those on jobs. A piece in which the
/// file's bounds leave no room gets no reference; where several remain, the rows are shared out evenly and not exact.
/// Refused: a partition is not there [kConflict]; one is named twice [kInvalid]; too many partitions [kExhausted].
struct SplitPartitions {
  std::vector<PartitionSplit> splits;

  friend bool operator==(const SplitPartitions&, const SplitPartitions&) = default;
};

/// Joins groups of neighbours, all or none, each to one new partition. Two references of one file that meet and are
/// free become one. Refused: a partition is not there [kConflict]; a group is not of at least two neighbours in key
/// order, or one is named twice [kInvalid].
struct MergePartitions {
  std::vector<std::vector<model::PartitionId>> groups;

  friend bool operator==(const MergePartitions&, const MergePartitions&) = default;
};

/// A file by name and least key, which is how the state finds it.
struct CollectedFile {
  model::FileId id;
  model::NormalisedKey min;

  friend bool operator==(const CollectedFile&, const CollectedFile&) = default;
};

/// Forgets files without references, whose objects were deleted, and consumed files of the inbox that were deleted.
/// What is not tracked is passed over; already done if nothing is. Refused: a file has references; an inbox file was
/// born at or above the sweep floor [kConflict].
struct ForgetFiles {
  std::vector<CollectedFile> files;
  std::vector<InboxFileId> inbox;

  friend bool operator==(const ForgetFiles&, const ForgetFiles&) = default;
};

/// Forgets the outcomes of jobs that ended at or before an entry. Already done: there is none. Refused: the sweep floor
/// is not above that entry [kConflict].
struct ForgetJobs {
  model::LogNumber through = 0;

  friend bool operator==(const ForgetJobs&, const ForgetJobs&) = default;
};

/// Removes all references. Refused: files were added after the state that it was decided on [kConflict]. Already done:
/// there are no references.
struct ClearTable {
  model::LogNumber decided_on = 0;

  friend bool operator==(const ClearTable&, const ClearTable&) = default;
};

/// From here on nothing that was born below `floor` can become part of the table. Already done: the floor is there or
/// above. Refused: an unfinished job holds it [kConflict]; it is after the state [kInvalid].
struct RaiseSweepFloor {
  model::LogNumber floor = 0;

  friend bool operator==(const RaiseSweepFloor&, const RaiseSweepFloor&) = default;
};

/// Remembers outcomes of jobs that change nothing else: an export that finished, an ingest that was rejected. A
/// registered job ends. `ended` is ignored. Already done: all are remembered with the same contents. Refused: one is
/// remembered otherwise, or is an unfinished compaction or an unfinished job with another spec hash [kConflict]; the
/// memory of jobs is full [kExhausted].
struct RecordJobs {
  std::vector<JobOutcome> outcomes;

  friend bool operator==(const RecordJobs&, const RecordJobs&) = default;
};

/// Forgets marks of time. Entries between the marks that stay count as being as young as the later one of the two.
/// Those that are not there are passed over; already done if none is. Refused: none named, not ascending, or the newest
/// mark among them [kInvalid].
struct ForgetMarks {
  std::vector<model::LogNumber> numbers;

  friend bool operator==(const ForgetMarks&, const ForgetMarks&) = default;
};

/// In the order of their numbers in docs/formats/log-entry.md; new ones are added at the end.
using Transaction =
    std::variant<DefineTable, DropTable, AddFiles, AssignJobs, ReplaceFiles, ReleaseJobs, RegisterJobs, SplitPartitions,
                 MergePartitions, ForgetFiles, ForgetJobs, ClearTable, RaiseSweepFloor, RecordJobs, ForgetMarks>;

/// "AddFiles".
std::string_view TransactionName(const Transaction& transaction);

}  // namespace sleeper::state
