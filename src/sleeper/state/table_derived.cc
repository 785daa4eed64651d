// What a state keeps besides its contents, so as to find things fast, is compared with them when a snapshot is read:
// only the contents have a digest. What would take a walk over all references or files is left out; nothing that is
// looked up depends on it.

#include "sleeper/base/check.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/table_records.h"

namespace sleeper::state {

namespace {

constexpr size_t kNumberBytes = 8;

Status Differs(std::string_view what) {
  return Error(ErrorKind::kCorrupt, "the state's ", what, " do not fit what it holds");
}

/// Whether `index` has an entry "number, id" for each job of `jobs`, and no other. `number_of` says a job's number.
template <typename Job, typename NumberOf>
Result<bool> IsIndexOf(const PersistentMap& index, const PersistentMap& jobs, const NumberOf& number_of) {
  if (index.size() != jobs.size()) return false;
  for (PersistentMap::Cursor at = index.Begin(); at.valid(); at.Next()) {
    const std::string_view key = at.key().head;
    if (key.size() < kNumberBytes) return false;
    const std::optional<std::string_view> value = jobs.Find({key.substr(kNumberBytes)});
    if (!value) return false;
    TRY_ASSIGN(const Job job, DecodeFields<Job>(*value));
    if (job.id.value() != key.substr(kNumberBytes) || number_of(job) != NumberOfKey(key)) return false;
  }
  return true;
}

bool AreUnreferenced(const PersistentMap& unreferenced, const PersistentMap& files) {
  for (PersistentMap::Cursor at = unreferenced.Begin(); at.valid(); at.Next()) {
    const std::string_view key = at.key().head;
    if (key.size() != kNumberBytes + PackedFileId::kBytes) return false;
    const MapKey file_key{at.value(), key.substr(kNumberBytes)};
    const std::optional<std::string_view> value = files.Find(file_key);
    if (!value) return false;
    const TrackedFile file = DecodeFile(file_key, *value);
    if (file.references != 0 || file.unreferenced_since != NumberOfKey(key)) return false;
  }
  return true;
}

/// Whether so many partitions with so many references each are all that there are.
bool IsHistogramOf(const PersistentMap& histogram, uint64_t partitions, uint64_t references) {
  uint64_t partitions_counted = 0;
  uint64_t references_counted = 0;
  for (PersistentMap::Cursor at = histogram.Begin(); at.valid(); at.Next()) {
    if (at.key().head.size() != kNumberBytes || at.value().size() != kNumberBytes) return false;
    const uint64_t count = NumberOfKey(at.value());
    const uint64_t each = NumberOfKey(at.key().head);
    if (count == 0 || count > partitions || each > references) return false;
    uint64_t of_these = 0;
    if (__builtin_mul_overflow(each, count, &of_these)) return false;
    partitions_counted += count;
    references_counted += of_these;
    if (partitions_counted > partitions || references_counted > references) return false;
  }
  return partitions_counted == partitions && references_counted == references;
}

}  // namespace

Status TableMachine::CheckDerived(const TableState& state) {
  TRY_ASSIGN(const bool jobs_found, IsIndexOf<UnfinishedJob>(state.jobs_by_birth_, state.jobs_,
                                                             [](const auto& job) { return job.earliest_birth; }));
  if (!jobs_found) return Differs("unfinished jobs by birth");
  TRY_ASSIGN(const bool outcomes_found, IsIndexOf<JobOutcome>(state.outcomes_by_end_, state.outcomes_,
                                                              [](const auto& outcome) { return outcome.ended; }));
  if (!outcomes_found) return Differs("jobs by their ends");
  if (!AreUnreferenced(state.unreferenced_, state.files_)) return Differs("unreferenced files");
  const TableTotals& totals = state.totals_;
  if (totals.references != state.references_.size() || totals.unreferenced_files != state.unreferenced_.size() ||
      totals.files != state.files_.size() - state.unreferenced_.size()) {
    return Differs("totals");
  }
  const auto partitions = static_cast<uint64_t>(state.partitions_.size());
  if (!IsHistogramOf(state.partitions_by_references_, partitions, static_cast<uint64_t>(totals.references))) {
    return Differs("partitions by references");
  }
  return Status::OK();
}

}  // namespace sleeper::state
