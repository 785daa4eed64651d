#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/persistent_map.h"
#include "sleeper/base/time.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/partition_map.h"
#include "sleeper/model/table_definition.h"
#include "sleeper/state/job.h"
#include "sleeper/state/packed_file_id.h"

namespace sleeper::state {

class TableState;
using TableStatePtr = std::shared_ptr<const TableState>;

/// What the state knows of a file besides its record.
struct TrackedFile {
  model::FileRecord record;
  /// How many references it has.
  int64_t references = 0;
  /// The entry that removed its last reference; 0 while it has one.
  model::LogNumber unreferenced_since = 0;
  /// What compactions have read of it so far.
  int64_t consumed_rows = 0;
  model::RowHash consumed_hash;
  /// True once a reference went without its rows being read: the file is not accounted for any more.
  bool waived = false;

  friend bool operator==(const TrackedFile&, const TrackedFile&) = default;
};

/// Sums over the state, kept up to date by every change.
struct TableTotals {
  /// Rows of all references.
  int64_t rows = 0;
  int64_t references = 0;
  /// References whose rows are an estimate.
  int64_t inexact_references = 0;
  /// References that a compaction has.
  int64_t assigned_references = 0;
  /// Files that have a reference, and their sizes.
  int64_t files = 0;
  int64_t bytes = 0;
  /// Files that have none any more and are not collected yet.
  int64_t unreferenced_files = 0;
  int64_t unreferenced_bytes = 0;

  bool rows_exact() const { return inexact_references == 0; }
  friend bool operator==(const TableTotals&, const TableTotals&) = default;
};

/// Over all partitions, counting references.
struct FilesPerPartition {
  int64_t min = 0;
  int64_t max = 0;
  double mean = 0;
};

/// "Entry `number` was written at `time` by the store's clock."
struct TimeMark {
  model::LogNumber number = 0;
  WallTime time;

  friend bool operator==(const TimeMark&, const TimeMark&) = default;
};

/// Walks over references in key order: by lower bound, then by file. The state must outlive it. Thread-compatible.
class ReferenceCursor {
 public:
  bool valid() const { return at_.valid() && !past_; }
  /// REQUIRES of all: valid().
  model::FileReference reference() const;
  /// The record of the referenced file: one more look-up.
  TrackedFile file() const;
  std::string_view lower() const { return at_.key().head; }
  int64_t rows() const;
  bool on_job() const;
  void Next();

 private:
  friend class TableState;
  ReferenceCursor(const TableState& state, PersistentMap::Cursor at, std::optional<model::NormalisedKey> end);
  void CheckEnd();

  const TableState* state_;
  PersistentMap::Cursor at_;
  std::optional<model::NormalisedKey> end_;
  bool past_ = false;
};

/// A reference with the record of its file.
struct ReferencedFile {
  model::FileReference reference;
  model::FileRecord file;
};

/// What a table consists of at one number of its log: a pure value. Immutable; versions share what is the same, so that
/// a change costs what it changes, however large the table is.
///
/// Invariants: the leaves tile the key space; each reference lies inside one of them, and its file is tracked; no two
/// references of a file overlap; every reference on a job belongs to a known compaction.
class TableState {
 public:
  /// The state before the first entry: number 0, no definition, one partition.
  static TableStatePtr Empty();

  /// The number of the entry that led here.
  model::LogNumber number() const { return number_; }

  /// True between DefineTable and DropTable.
  bool exists() const { return definition_ != nullptr && !dropped_; }
  bool dropped() const { return dropped_; }

  /// REQUIRES: the table was defined; a dropped one still was.
  const model::TableDefinition& definition() const { return *definition_; }
  const std::string& shape_hash() const { return shape_hash_; }

  const model::PartitionMap& partitions() const { return partitions_; }

  // References.

  /// The references that lie in the partitions that `interval` overlaps and overlap it themselves.
  std::vector<model::FileReference> ReferencesIn(const model::KeyInterval& interval) const;
  /// The same with the files' records.
  std::vector<ReferencedFile> FilesIn(const model::KeyInterval& interval) const;
  /// All references from the partition that holds interval.lower up to interval.upper.
  ReferenceCursor References(const model::KeyInterval& interval) const;
  ReferenceCursor References() const { return References(model::KeyInterval::All()); }
  /// How many lie in a partition: O(log n).
  int64_t ReferenceCount(const model::Partition& partition) const;
  /// All references of one file, in key order: looks through the partitions that the file's bounds overlap.
  std::vector<model::FileReference> ReferencesOf(const model::FileRecord& file) const;

  // Files, with and without references.

  /// Looks through all files; `min`, the file's least key, makes it one look-up.
  std::optional<TrackedFile> FindFile(const model::FileId& id) const;
  std::optional<TrackedFile> FindFile(const model::FileId& id, std::string_view min) const;
  std::vector<TrackedFile> Files() const;
  /// The ids alone, in no order: little memory also for millions of files.
  std::vector<PackedFileId> FileIds() const;
  /// Files without references whose last one went at or before entry `through`, oldest first, at most `files_max`.
  std::vector<TrackedFile> UnreferencedFiles(model::LogNumber through, int64_t files_max) const;

  // Jobs.

  std::optional<UnfinishedJob> FindJob(const model::JobId& id) const;
  std::vector<UnfinishedJob> Jobs() const;
  int64_t unfinished_jobs() const { return jobs_.size(); }
  std::optional<JobOutcome> FindOutcome(const model::JobId& id) const;
  /// Outcomes of jobs that ended after entry `after`, oldest first, at most `outcomes_max`.
  std::vector<JobOutcome> Outcomes(model::LogNumber after, int64_t outcomes_max) const;
  int64_t remembered_jobs() const { return outcomes_.size(); }
  /// Jobs, unfinished and remembered, beyond which new ones are refused: the table's property job.memory.max.
  int64_t job_memory_max() const { return job_memory_max_; }
  bool IsConsumed(const InboxFileId& file) const;
  std::vector<InboxFileId> ConsumedInbox() const;

  // Safety and time.

  /// Nothing that was born below it can become part of the table.
  model::LogNumber sweep_floor() const { return sweep_floor_; }
  /// The least earliest birth of the unfinished jobs, if there are any: the floor cannot pass it.
  std::optional<model::LogNumber> least_job_birth() const;
  /// The latest entry that held an AddFiles with files.
  model::LogNumber last_add() const { return last_add_; }
  /// The store's time of the first marked entry at or after `number`: an upper bound of when `number` was written.
  std::optional<WallTime> TimeAtOrAfter(model::LogNumber number) const;
  /// The store's time of the last marked entry at or before `number`: a lower bound.
  std::optional<WallTime> TimeAtOrBefore(model::LogNumber number) const;
  std::optional<TimeMark> LastMark() const;
  /// In the order of their numbers.
  std::vector<TimeMark> Marks() const;
  int64_t mark_count() const { return marks_.size(); }

  // Sums.

  const TableTotals& totals() const { return totals_; }
  FilesPerPartition files_per_partition() const;

  /// A sum over the contents, independent of how the state came about: docs/formats/log-entry.md.
  MapDigest digest() const;

 private:
  friend class StateEdit;
  friend class ReferenceCursor;
  friend struct TableMachine;

  TableState();

  model::LogNumber number_ = 0;
  std::shared_ptr<const model::TableDefinition> definition_;
  std::string shape_hash_;
  int64_t job_memory_max_ = 0;
  bool dropped_ = false;
  model::LogNumber sweep_floor_ = 0;
  model::LogNumber last_add_ = 0;
  TableTotals totals_;

  model::PartitionMap partitions_;
  /// (least key, file id) to the rest of the record.
  PersistentMap files_;
  /// (lower bound, file id) to the rest of the reference.
  PersistentMap references_;
  PersistentMap jobs_;
  PersistentMap outcomes_;
  PersistentMap consumed_inbox_;
  PersistentMap marks_;

  // Made from the above, for look-ups.
  /// (entry that removed the last reference, file id) to the file's least key.
  PersistentMap unreferenced_;
  /// (entry that ended it, job id).
  PersistentMap outcomes_by_end_;
  /// (earliest birth, job id).
  PersistentMap jobs_by_birth_;
  /// Number of references in a partition to the number of such partitions.
  PersistentMap partitions_by_references_;
};

}  // namespace sleeper::state
