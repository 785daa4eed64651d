#include <map>
#include <set>

#include "sleeper/state/apply.h"

namespace sleeper::state {

namespace {

/// Cuts one reference along the leaves that its interval overlaps now.
void CutReference(StateEdit& edit, const StoredReference& stored) {
  const std::optional<TrackedFile> file = edit.FindFile(stored.reference.file, stored.file_min);
  std::vector<StoredReference> pieces;
  for (const model::Partition& leaf : edit.partitions().Overlapping(stored.reference.interval)) {
    std::optional<model::KeyInterval> interval = leaf.interval.Intersect(stored.reference.interval);
    if (!interval || !file->record.bounds.Overlaps(*interval)) continue;
    pieces.push_back(stored);
    pieces.back().reference.interval = std::move(*interval);
  }
  // A reference whose interval and bounds do not meet holds no rows, but stays for its job.
  if (pieces.empty()) return;
  for (size_t i = 0; i < pieces.size(); ++i) {
    model::FileReference& reference = pieces[i].reference;
    reference.rows = ShareOf(stored.reference.rows, pieces.size(), i);
    reference.rows_exact = stored.reference.rows_exact && pieces.size() == 1;
  }
  edit.RemoveReference(stored);
  for (const StoredReference& piece : pieces) edit.AddReference(piece);
}

bool CanJoin(const model::FileReference& a, const model::FileReference& b) {
  return !a.job && !b.job && a.interval.upper == b.interval.lower;
}

/// Joins the free references of one file that meet. `references` are in key order.
void JoinReferences(StateEdit& edit, const std::vector<StoredReference>& references) {
  for (size_t first = 0; first < references.size();) {
    StoredReference joined = references[first];
    size_t next = first + 1;
    for (; next < references.size() && CanJoin(joined.reference, references[next].reference); ++next) {
      const model::FileReference& other = references[next].reference;
      joined.reference.interval.upper = other.interval.upper;
      joined.reference.rows += other.rows;
      joined.reference.rows_exact = joined.reference.rows_exact && other.rows_exact;
      joined.reference.attempts = std::max(joined.reference.attempts, other.attempts);
    }
    if (next > first + 1) {
      for (size_t i = first; i < next; ++i) edit.RemoveReference(references[i]);
      edit.AddReference(joined);
    }
    first = next;
  }
}

/// Refusals of the partition map: a partition that is not there any more is a conflict.
Status AsRefusal(const Status& status) {
  return !status.ok() && KindOf(status) == ErrorKind::kNotFound ? WithKind(status, ErrorKind::kConflict) : status;
}

}  // namespace

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const SplitPartitions& transaction) {
  if (transaction.splits.empty()) return Error(ErrorKind::kInvalid, "no partitions are named");
  std::set<model::PartitionId> named;
  for (const PartitionSplit& split : transaction.splits) {
    if (!named.insert(split.partition).second) {
      return Error(ErrorKind::kInvalid, "partition ", split.partition, " is named twice");
    }
    const std::optional<model::Partition> leaf = edit.partitions().Find(split.partition);
    Result<model::PartitionMap> partitions = edit.partitions().Split(split.partition, split.boundaries);
    if (!partitions.ok()) return AsRefusal(partitions.status());
    if (partitions->size() > kPartitionsMax) {
      return Error(ErrorKind::kExhausted, "a table has at most ", kPartitionsMax, " partitions");
    }
    edit.SetPartitions(std::move(partitions).ValueUnsafe(), leaf->interval);
    for (const StoredReference& stored : edit.ReferencesIn(leaf->interval)) CutReference(edit, stored);
  }
  return TransactionOutcome::Applies();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const MergePartitions& transaction) {
  if (transaction.groups.empty()) return Error(ErrorKind::kInvalid, "no partitions are named");
  std::set<model::PartitionId> named;
  for (const std::vector<model::PartitionId>& group : transaction.groups) {
    for (const model::PartitionId& id : group) {
      if (!named.insert(id).second) return Error(ErrorKind::kInvalid, "partition ", id, " is named twice");
    }
    const std::optional<model::Partition> first = group.empty() ? std::nullopt : edit.partitions().Find(group.front());
    Result<model::PartitionMap> partitions = edit.partitions().Merge(group);
    if (!partitions.ok()) return AsRefusal(partitions.status());
    const model::KeyInterval merged = partitions->Find(first->interval.lower).interval;
    edit.SetPartitions(std::move(partitions).ValueUnsafe(), merged);
    std::map<model::FileId, std::vector<StoredReference>> by_file;
    for (StoredReference& stored : edit.ReferencesIn(merged))
      by_file[stored.reference.file].push_back(std::move(stored));
    for (const auto& [file, references] : by_file) JoinReferences(edit, references);
  }
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
