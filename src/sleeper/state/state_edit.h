#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/state/outcome.h"
#include "sleeper/state/table_records.h"
#include "sleeper/state/table_state.h"

namespace sleeper::state {

/// A state that is being changed by one transaction: sees its own changes, and keeps every sum and look-up in step.
/// What is not finished has no effect. Confined.
class StateEdit {
 public:
  /// `number` is that of the entry that is being made or applied. `base` must outlive the edit.
  StateEdit(const TableState& base, model::LogNumber number);

  /// The state before the transaction.
  const TableState& base() const { return base_; }
  model::LogNumber number() const { return next_.number_; }

  // Definition.
  void Define(model::TableDefinition definition);
  void Drop() { next_.dropped_ = true; }
  const std::string& shape_hash() const { return next_.shape_hash_; }
  void RaiseSweepFloor(model::LogNumber floor) { next_.sweep_floor_ = floor; }
  void MarkAdd() { next_.last_add_ = number(); }

  // Partitions. `changed` is the part of the key space whose leaves are others now.
  const model::PartitionMap& partitions() const { return next_.partitions_; }
  void SetPartitions(model::PartitionMap partitions, const model::KeyInterval& changed);

  // Files.
  std::optional<TrackedFile> FindFile(const model::FileId& id, std::string_view min) const;
  /// REQUIRES: the id is well formed.
  void PutFile(TrackedFile file);
  /// REQUIRES: the file is tracked and has no references.
  void EraseFile(const TrackedFile& file);

  // References.

  /// Those whose lower bound lies in `interval`, in key order.
  std::vector<StoredReference> ReferencesIn(const model::KeyInterval& interval) const;
  std::optional<StoredReference> FindReference(const ReferenceName& name) const;
  /// REQUIRES: the file is tracked.
  void AddReference(const StoredReference& stored);
  /// REQUIRES: the reference is there.
  void RemoveReference(const StoredReference& stored);
  /// Replaces one of the same name.
  void UpdateReference(const StoredReference& before, const StoredReference& after);
  /// Removes all. REQUIRES: nothing has been changed yet.
  void ClearReferences();

  // Jobs.
  std::optional<UnfinishedJob> FindJob(const model::JobId& id) const;
  void PutJob(UnfinishedJob job);
  void EraseJob(const UnfinishedJob& job);
  std::optional<JobOutcome> FindOutcome(const model::JobId& id) const;
  /// Remembers the outcome as of this entry. A compaction's is left out when the memory is full: nothing depends on it.
  void Remember(JobOutcome outcome);
  /// Forgets the outcomes of jobs that ended at or before an entry; how many there were.
  int64_t ForgetThrough(model::LogNumber number);
  /// How many more jobs can be taken in.
  int64_t jobs_free() const;
  bool IsConsumed(const InboxFileId& file) const { return inbox_.Find({file.value()}).has_value(); }
  void Consume(const InboxFileId& file, const model::JobId& job);
  void ForgetInbox(const InboxFileId& file) { inbox_.Erase({file.value()}); }

  // Time.
  void AddMark(const TimeMark& mark);
  /// False if there is none.
  bool ForgetMark(model::LogNumber number);

  TableStatePtr Finish();

  /// What Finish has written.
  int64_t bytes_written() const { return bytes_written_; }

 private:
  /// Least key and packed id.
  using FileKey = std::pair<std::string, std::string>;

  TrackedFile& Touch(const StoredReference& stored);
  void Count(const StoredReference& stored, int sign);
  void FinishFiles();
  void FinishHistogram();
  PersistentMap Finish(MapEdit& edit);

  const TableState& base_;
  /// Header, sums and partitions of the state to come.
  TableState next_;
  MapEdit files_;
  MapEdit references_;
  MapEdit jobs_;
  MapEdit outcomes_;
  MapEdit inbox_;
  MapEdit marks_;
  MapEdit unreferenced_;
  MapEdit outcomes_by_end_;
  MapEdit jobs_by_birth_;
  MapEdit histogram_;
  int64_t jobs_known_;

  /// Files as they are now; nothing where one was erased.
  std::map<FileKey, std::optional<TrackedFile>> touched_files_;
  /// Keys in whose partitions references were added or removed.
  std::set<std::string, std::less<>> touched_keys_;
  std::vector<model::KeyInterval> changed_intervals_;
  int64_t bytes_written_ = 0;
};

}  // namespace sleeper::state
