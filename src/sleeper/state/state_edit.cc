#include "sleeper/state/state_edit.h"

#include <limits>

#include "sleeper/base/check.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/field_codec.h"

namespace sleeper::state {

namespace {

/// Beyond this many marks, every other one of the older half goes. Sweeps see to it that there are fewer; this is for
/// tables that nobody sweeps, and cannot change, because the digests of old entries depend on it.
constexpr int64_t kMarksMax = 4'096;
/// Clearing a table makes changes in batches of so many, so that it needs little memory.
constexpr int64_t kClearBatch = 50'000;

std::string Packed(const model::FileId& id) {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(id);
  SLEEPER_CHECK(packed.has_value(), "not a file id: ", id);
  return std::string(packed->bytes());
}

std::string EncodeTime(WallTime time) {
  ByteWriter out;
  WriteTime(out, time);
  return std::move(out).Take();
}

/// The records of a log are not to be trusted so far that their sums could not overflow.
int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

std::string JobBirthKey(const UnfinishedJob& job) { return NumberKey(job.earliest_birth) + job.id.value(); }
std::string OutcomeEndKey(const JobOutcome& outcome) { return NumberKey(outcome.ended) + outcome.id.value(); }

template <typename T>
std::optional<T> FindDecoded(const MapEdit& edit, const model::JobId& id) {
  const std::optional<std::string_view> value = edit.Find({id.value()});
  if (!value) return std::nullopt;
  Result<T> decoded = DecodeFields<T>(*value);
  SLEEPER_CHECK(decoded.ok(), "job ", id, " is damaged: ", decoded.status().ToString());
  return std::move(decoded).ValueUnsafe();
}

int64_t JobMemoryMax(const model::TableDefinition& definition) {
  const Result<model::Properties> properties = model::Properties::Make(definition.properties);
  return (properties.ok() ? *properties : model::Properties()).Get(model::property::kJobMemoryMax);
}

}  // namespace

StateEdit::StateEdit(const TableState& base, model::LogNumber number)
    : base_(base),
      next_(base),
      files_(base.files_),
      references_(base.references_),
      jobs_(base.jobs_),
      outcomes_(base.outcomes_),
      inbox_(base.consumed_inbox_),
      marks_(base.marks_),
      unreferenced_(base.unreferenced_),
      outcomes_by_end_(base.outcomes_by_end_),
      jobs_by_birth_(base.jobs_by_birth_),
      histogram_(base.partitions_by_references_),
      jobs_known_(base.jobs_.size() + base.outcomes_.size()) {
  SLEEPER_CHECK(number >= base.number() && number - base.number() <= 1, "entry ", number, " on state ", base.number());
  next_.number_ = number;
}

void StateEdit::Define(model::TableDefinition definition) {
  next_.shape_hash_ = definition.ShapeHash();
  next_.job_memory_max_ = JobMemoryMax(definition);
  next_.definition_ = std::make_shared<const model::TableDefinition>(std::move(definition));
}

void StateEdit::SetPartitions(model::PartitionMap partitions, const model::KeyInterval& changed) {
  next_.partitions_ = std::move(partitions);
  changed_intervals_.push_back(changed);
}

std::optional<TrackedFile> StateEdit::FindFile(const model::FileId& id, std::string_view min) const {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(id);
  if (!packed) return std::nullopt;
  const auto touched = touched_files_.find(FileKey(min, packed->bytes()));
  if (touched != touched_files_.end()) return touched->second;
  return base_.FindFile(id, min);
}

void StateEdit::PutFile(TrackedFile file) {
  FileKey key(file.record.bounds.min, Packed(file.record.id));
  touched_files_.insert_or_assign(std::move(key), std::move(file));
}

void StateEdit::EraseFile(const TrackedFile& file) {
  touched_files_.insert_or_assign(FileKey(file.record.bounds.min, Packed(file.record.id)), std::nullopt);
}

TrackedFile& StateEdit::Touch(const StoredReference& stored) {
  FileKey key(stored.file_min, Packed(stored.reference.file));
  auto touched = touched_files_.find(key);
  if (touched == touched_files_.end()) {
    touched = touched_files_.emplace(key, base_.FindFile(stored.reference.file, stored.file_min)).first;
  }
  SLEEPER_CHECK(touched->second.has_value(), "a referenced file is not tracked: ", stored.reference.file);
  return *touched->second;
}

std::vector<StoredReference> StateEdit::ReferencesIn(const model::KeyInterval& interval) const {
  std::optional<MapKey> last;
  if (interval.upper) last = MapKey{*interval.upper};
  std::vector<StoredReference> found;
  for (const MapEdit::Entry& entry : references_.Scan({interval.lower}, last)) {
    found.push_back(DecodeReference({entry.head, entry.suffix}, entry.value));
  }
  return found;
}

std::optional<StoredReference> StateEdit::FindReference(const ReferenceName& name) const {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(name.file);
  if (!packed) return std::nullopt;
  const MapKey key{name.interval.lower, packed->bytes()};
  const std::optional<std::string_view> value = references_.Find(key);
  if (!value) return std::nullopt;
  StoredReference stored = DecodeReference(key, *value);
  if (stored.reference.interval != name.interval) return std::nullopt;
  return stored;
}

void StateEdit::Count(const StoredReference& stored, int sign) {
  TableTotals& totals = next_.totals_;
  totals.references += sign;
  totals.rows = AddWrapping(totals.rows, sign * stored.reference.rows);
  if (!stored.reference.rows_exact) totals.inexact_references += sign;
  if (stored.reference.job) totals.assigned_references += sign;
}

void StateEdit::AddReference(const StoredReference& stored) {
  references_.Put({stored.reference.interval.lower, Packed(stored.reference.file)}, EncodeReferenceValue(stored));
  ++Touch(stored).references;
  Count(stored, 1);
  touched_keys_.insert(stored.reference.interval.lower);
}

void StateEdit::RemoveReference(const StoredReference& stored) {
  references_.Erase({stored.reference.interval.lower, Packed(stored.reference.file)});
  --Touch(stored).references;
  Count(stored, -1);
  touched_keys_.insert(stored.reference.interval.lower);
}

void StateEdit::UpdateReference(const StoredReference& before, const StoredReference& after) {
  references_.Put({after.reference.interval.lower, Packed(after.reference.file)}, EncodeReferenceValue(after));
  Count(before, -1);
  Count(after, 1);
}

void StateEdit::ClearReferences() {
  SLEEPER_CHECK(touched_files_.empty() && !references_.changed(), "clearing comes first");
  int64_t batch = 0;
  for (PersistentMap::Cursor at = base_.files_.Begin(); at.valid(); at.Next()) {
    TrackedFile file = DecodeFile(at.key(), at.value());
    if (file.references == 0) continue;
    file.references = 0;
    file.waived = true;
    file.unreferenced_since = number();
    files_.Put(at.key(), EncodeFileValue(file));
    unreferenced_.Put({NumberKey(number()) + std::string(at.key().suffix)}, at.key().head);
    if (++batch % kClearBatch == 0) {
      files_.Finish();
      unreferenced_.Finish();
    }
  }
  references_ = MapEdit(PersistentMap(PackedFileId::kBytes));
  TableTotals& totals = next_.totals_;
  totals.unreferenced_files += totals.files;
  totals.unreferenced_bytes = AddWrapping(totals.unreferenced_bytes, totals.bytes);
  totals.files = totals.bytes = totals.rows = 0;
  totals.references = totals.inexact_references = totals.assigned_references = 0;
  MapEdit histogram((PersistentMap()));
  histogram.Put({NumberKey(0)}, NumberKey(static_cast<uint64_t>(next_.partitions_.size())));
  histogram_ = MapEdit(histogram.Finish());
}

std::optional<UnfinishedJob> StateEdit::FindJob(const model::JobId& id) const {
  return FindDecoded<UnfinishedJob>(jobs_, id);
}

void StateEdit::PutJob(UnfinishedJob job) {
  job.registered = number();
  jobs_.Put({job.id.value()}, EncodeFields(job));
  jobs_by_birth_.Put({JobBirthKey(job)}, {});
  ++jobs_known_;
}

void StateEdit::EraseJob(const UnfinishedJob& job) {
  jobs_.Erase({job.id.value()});
  jobs_by_birth_.Erase({JobBirthKey(job)});
  --jobs_known_;
}

std::optional<JobOutcome> StateEdit::FindOutcome(const model::JobId& id) const {
  return FindDecoded<JobOutcome>(outcomes_, id);
}

int64_t StateEdit::jobs_free() const { return next_.job_memory_max_ - jobs_known_; }

void StateEdit::Remember(JobOutcome outcome) {
  if (outcome.kind == JobKind::kCompaction && jobs_free() <= 0) return;
  outcome.ended = number();
  outcomes_.Put({outcome.id.value()}, EncodeFields(outcome));
  outcomes_by_end_.Put({OutcomeEndKey(outcome)}, {});
  ++jobs_known_;
}

int64_t StateEdit::ForgetThrough(model::LogNumber number) {
  int64_t forgotten = 0;
  for (PersistentMap::Cursor at = base_.outcomes_by_end_.Begin(); at.valid(); at.Next()) {
    const std::string_view key = at.key().head;
    if (NumberOfKey(key) > number) break;
    outcomes_by_end_.Erase({key});
    outcomes_.Erase({key.substr(8)});
    ++forgotten;
  }
  jobs_known_ -= forgotten;
  return forgotten;
}

void StateEdit::Consume(const InboxFileId& file, const model::JobId& job) { inbox_.Put({file.value()}, job.value()); }

void StateEdit::AddMark(const TimeMark& mark) {
  const std::optional<TimeMark> last = base_.LastMark();
  if (last && mark.number <= last->number) return;
  // The store's clock may go back; the marks do not.
  const WallTime time = last ? std::max(last->time, mark.time) : mark.time;
  marks_.Put({NumberKey(mark.number)}, EncodeTime(time));
  if (base_.marks_.size() < kMarksMax) return;
  int64_t index = 0;
  for (PersistentMap::Cursor at = base_.marks_.Begin(); index < kMarksMax / 2; at.Next(), ++index) {
    if (index % 2 == 1) marks_.Erase(at.key());
  }
}

bool StateEdit::ForgetMark(model::LogNumber number) {
  const std::string key = NumberKey(number);
  if (!marks_.Find({key})) return false;
  marks_.Erase({key});
  return true;
}

PersistentMap StateEdit::Finish(MapEdit& edit) {
  PersistentMap map = edit.Finish();
  bytes_written_ += edit.bytes_written();
  return map;
}

void StateEdit::FinishFiles() {
  TableTotals& totals = next_.totals_;
  const auto count = [&](const TrackedFile& file, int sign) {
    (file.references > 0 ? totals.files : totals.unreferenced_files) += sign;
    int64_t& bytes = file.references > 0 ? totals.bytes : totals.unreferenced_bytes;
    bytes = AddWrapping(bytes, sign * file.record.size_bytes);
  };
  for (auto& [key, file] : touched_files_) {
    const MapKey map_key{key.first, key.second};
    if (const std::optional<std::string_view> value = base_.files_.Find(map_key)) {
      const TrackedFile before = DecodeFile(map_key, *value);
      count(before, -1);
      if (before.references == 0) unreferenced_.Erase({NumberKey(before.unreferenced_since) + key.second});
      if (file && file->references == 0 && before.references > 0) file->unreferenced_since = number();
    } else if (file && file->references == 0) {
      file->unreferenced_since = number();
    }
    if (!file) {
      files_.Erase(map_key);
      continue;
    }
    if (file->references > 0) file->unreferenced_since = 0;
    count(*file, 1);
    files_.Put(map_key, EncodeFileValue(*file));
    if (file->references == 0) unreferenced_.Put({NumberKey(file->unreferenced_since) + key.second}, key.first);
  }
}

void StateEdit::FinishHistogram() {
  // Lower bounds of the leaves, before and after, in which something has changed.
  std::set<std::string, std::less<>> before;
  std::set<std::string, std::less<>> after;
  const auto add_leaves = [](const model::PartitionMap& map, const model::KeyInterval& interval, auto& lowers) {
    auto at = map.Seek(interval.lower);
    for (; at.valid() && (!interval.upper || at.lower() < *interval.upper); at.Next()) lowers.emplace(at.lower());
  };
  for (const std::string& key : touched_keys_) {
    before.emplace(base_.partitions_.Seek(key).lower());
    after.emplace(next_.partitions_.Seek(key).lower());
  }
  for (const model::KeyInterval& interval : changed_intervals_) {
    add_leaves(base_.partitions_, interval, before);
    add_leaves(next_.partitions_, interval, after);
  }
  const auto count = [&](const TableState& state, const std::set<std::string, std::less<>>& lowers, int sign) {
    for (const std::string& lower : lowers) {
      const std::string key = NumberKey(static_cast<uint64_t>(state.ReferenceCount(state.partitions_.Find(lower))));
      const std::optional<std::string_view> value = histogram_.Find({key});
      const uint64_t partitions = (value ? NumberOfKey(*value) : 0) + static_cast<uint64_t>(sign);
      if (partitions == 0) {
        histogram_.Erase({key});
      } else {
        histogram_.Put({key}, NumberKey(partitions));
      }
    }
  };
  count(base_, before, -1);
  count(next_, after, 1);
}

TableStatePtr StateEdit::Finish() {
  FinishFiles();
  next_.references_ = Finish(references_);
  FinishHistogram();
  next_.files_ = Finish(files_);
  next_.jobs_ = Finish(jobs_);
  next_.outcomes_ = Finish(outcomes_);
  next_.consumed_inbox_ = Finish(inbox_);
  next_.marks_ = Finish(marks_);
  next_.unreferenced_ = Finish(unreferenced_);
  next_.outcomes_by_end_ = Finish(outcomes_by_end_);
  next_.jobs_by_birth_ = Finish(jobs_by_birth_);
  next_.partitions_by_references_ = Finish(histogram_);
  return TableStatePtr(std::make_shared<const TableState>(next_));
}

}  // namespace sleeper::state
