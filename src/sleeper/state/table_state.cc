#include "sleeper/state/table_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/state/byte_codec.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/state_digest.h"
#include "sleeper/state/table_records.h"

namespace sleeper::state {

namespace {

/// Values that this program has encoded, or checked when it loaded them.
template <typename T>
T DecodeChecked(std::string_view value) {
  Result<T> decoded = DecodeFields<T>(value);
  SLEEPER_CHECK(decoded.ok(), "a value of the state is damaged: ", decoded.status().ToString());
  return std::move(decoded).ValueUnsafe();
}

WallTime MarkTime(std::string_view value) {
  ByteReader in(value);
  return ReadTime(in);
}

}  // namespace

ReferenceCursor::ReferenceCursor(const TableState& state, PersistentMap::Cursor at,
                                 std::optional<model::NormalisedKey> end)
    : state_(&state), at_(std::move(at)), end_(std::move(end)) {
  CheckEnd();
}

void ReferenceCursor::CheckEnd() { past_ = at_.valid() && end_ && at_.key().head >= *end_; }

void ReferenceCursor::Next() {
  at_.Next();
  CheckEnd();
}

model::FileReference ReferenceCursor::reference() const { return DecodeReference(at_.key(), at_.value()).reference; }

TrackedFile ReferenceCursor::file() const {
  const MapKey key{ReferenceFileMin(at_.value()), at_.key().suffix};
  const std::optional<std::string_view> value = state_->files_.Find(key);
  SLEEPER_CHECK(value.has_value(), "a referenced file is not tracked: ", PackedFileId::Unpack(key.suffix));
  return DecodeFile(key, *value);
}

int64_t ReferenceCursor::rows() const { return ReferenceRows(at_.value()); }
bool ReferenceCursor::on_job() const { return ReferenceOnJob(at_.value()); }

TableState::TableState() : files_(PackedFileId::kBytes), references_(PackedFileId::kBytes) {
  MapEdit histogram(partitions_by_references_);
  histogram.Put({NumberKey(0)}, NumberKey(1));
  partitions_by_references_ = histogram.Finish();
}

TableStatePtr TableState::Empty() { return TableStatePtr(std::make_shared<TableState>(TableState())); }

ReferenceCursor TableState::References(const model::KeyInterval& interval) const {
  const model::PartitionMap::Cursor leaf = partitions_.Seek(interval.lower);
  return ReferenceCursor(*this, references_.LowerBound({leaf.lower()}), interval.upper);
}

std::vector<model::FileReference> TableState::ReferencesIn(const model::KeyInterval& interval) const {
  std::vector<model::FileReference> found;
  for (ReferenceCursor at = References(interval); at.valid(); at.Next()) {
    model::FileReference reference = at.reference();
    if (reference.interval.Overlaps(interval)) found.push_back(std::move(reference));
  }
  return found;
}

std::vector<ReferencedFile> TableState::FilesIn(const model::KeyInterval& interval) const {
  std::vector<ReferencedFile> found;
  for (ReferenceCursor at = References(interval); at.valid(); at.Next()) {
    model::FileReference reference = at.reference();
    if (reference.interval.Overlaps(interval)) found.push_back({std::move(reference), at.file().record});
  }
  return found;
}

int64_t TableState::ReferenceCount(const model::Partition& partition) const {
  const int64_t end = partition.interval.upper ? references_.Rank({*partition.interval.upper}) : references_.size();
  return end - references_.Rank({partition.interval.lower});
}

std::vector<model::FileReference> TableState::ReferencesOf(const model::FileRecord& file) const {
  std::vector<model::FileReference> found;
  const std::optional<PackedFileId> id = PackedFileId::Pack(file.id);
  if (!id) return found;
  const model::PartitionMap::Cursor leaf = partitions_.Seek(file.bounds.min);
  PersistentMap::Cursor at = references_.LowerBound({leaf.lower()});
  for (; at.valid() && at.key().head <= file.bounds.max; at.Next()) {
    if (at.key().suffix == id->bytes()) found.push_back(DecodeReference(at.key(), at.value()).reference);
  }
  return found;
}

std::optional<TrackedFile> TableState::FindFile(const model::FileId& id) const {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(id);
  if (!packed) return std::nullopt;
  for (PersistentMap::Cursor at = files_.Begin(); at.valid(); at.Next()) {
    if (at.key().suffix == packed->bytes()) return DecodeFile(at.key(), at.value());
  }
  return std::nullopt;
}

std::optional<TrackedFile> TableState::FindFile(const model::FileId& id, std::string_view min) const {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(id);
  if (!packed) return std::nullopt;
  const MapKey key{min, packed->bytes()};
  const std::optional<std::string_view> value = files_.Find(key);
  if (!value) return std::nullopt;
  return DecodeFile(key, *value);
}

std::vector<TrackedFile> TableState::Files() const {
  std::vector<TrackedFile> files;
  files.reserve(static_cast<size_t>(files_.size()));
  for (PersistentMap::Cursor at = files_.Begin(); at.valid(); at.Next()) {
    files.push_back(DecodeFile(at.key(), at.value()));
  }
  return files;
}

std::vector<PackedFileId> TableState::FileIds() const {
  std::vector<PackedFileId> ids;
  ids.reserve(static_cast<size_t>(files_.size()));
  for (PersistentMap::Cursor at = files_.Begin(); at.valid(); at.Next()) {
    ids.push_back(PackedFileId::FromBytes(at.key().suffix));
  }
  return ids;
}

std::vector<TrackedFile> TableState::UnreferencedFiles(model::LogNumber through, int64_t files_max) const {
  std::vector<TrackedFile> files;
  for (PersistentMap::Cursor at = unreferenced_.Begin(); at.valid(); at.Next()) {
    const std::string_view key = at.key().head;
    if (NumberOfKey(key) > through || static_cast<int64_t>(files.size()) == files_max) break;
    const MapKey file_key{at.value(), key.substr(8)};
    const std::optional<std::string_view> value = files_.Find(file_key);
    SLEEPER_CHECK(value.has_value(), "an unreferenced file is not tracked");
    files.push_back(DecodeFile(file_key, *value));
  }
  return files;
}

std::optional<UnfinishedJob> TableState::FindJob(const model::JobId& id) const {
  const std::optional<std::string_view> value = jobs_.Find({id.value()});
  if (!value) return std::nullopt;
  return DecodeChecked<UnfinishedJob>(*value);
}

std::vector<UnfinishedJob> TableState::Jobs() const {
  std::vector<UnfinishedJob> jobs;
  for (PersistentMap::Cursor at = jobs_.Begin(); at.valid(); at.Next()) {
    jobs.push_back(DecodeChecked<UnfinishedJob>(at.value()));
  }
  return jobs;
}

std::optional<JobOutcome> TableState::FindOutcome(const model::JobId& id) const {
  const std::optional<std::string_view> value = outcomes_.Find({id.value()});
  if (!value) return std::nullopt;
  return DecodeChecked<JobOutcome>(*value);
}

std::vector<JobOutcome> TableState::Outcomes(model::LogNumber after, int64_t outcomes_max) const {
  std::vector<JobOutcome> found;
  if (after == std::numeric_limits<model::LogNumber>::max()) return found;
  PersistentMap::Cursor at = outcomes_by_end_.LowerBound({NumberKey(after + 1)});
  for (; at.valid() && static_cast<int64_t>(found.size()) < outcomes_max; at.Next()) {
    std::optional<JobOutcome> outcome = FindOutcome(model::JobId(std::string(at.key().head.substr(8))));
    SLEEPER_CHECK(outcome.has_value(), "an outcome is not remembered");
    found.push_back(std::move(*outcome));
  }
  return found;
}

bool TableState::IsConsumed(const InboxFileId& file) const { return consumed_inbox_.Find({file.value()}).has_value(); }

std::vector<InboxFileId> TableState::ConsumedInbox() const {
  std::vector<InboxFileId> files;
  for (PersistentMap::Cursor at = consumed_inbox_.Begin(); at.valid(); at.Next()) {
    files.emplace_back(std::string(at.key().head));
  }
  return files;
}

std::optional<model::LogNumber> TableState::least_job_birth() const {
  const PersistentMap::Cursor first = jobs_by_birth_.Begin();
  if (!first.valid()) return std::nullopt;
  return NumberOfKey(first.key().head);
}

std::optional<WallTime> TableState::TimeAtOrAfter(model::LogNumber number) const {
  const PersistentMap::Cursor at = marks_.LowerBound({NumberKey(number)});
  if (!at.valid()) return std::nullopt;
  return MarkTime(at.value());
}

std::optional<WallTime> TableState::TimeAtOrBefore(model::LogNumber number) const {
  const PersistentMap::Cursor at = marks_.Floor({NumberKey(number)});
  if (!at.valid()) return std::nullopt;
  return MarkTime(at.value());
}

std::optional<TimeMark> TableState::LastMark() const {
  const PersistentMap::Cursor at = marks_.Floor({NumberKey(std::numeric_limits<uint64_t>::max())});
  if (!at.valid()) return std::nullopt;
  return TimeMark{NumberOfKey(at.key().head), MarkTime(at.value())};
}

std::vector<TimeMark> TableState::Marks() const {
  std::vector<TimeMark> marks;
  for (PersistentMap::Cursor at = marks_.Begin(); at.valid(); at.Next()) {
    marks.push_back({NumberOfKey(at.key().head), MarkTime(at.value())});
  }
  return marks;
}

FilesPerPartition TableState::files_per_partition() const {
  FilesPerPartition result;
  result.min = static_cast<int64_t>(NumberOfKey(partitions_by_references_.Begin().key().head));
  result.max = static_cast<int64_t>(
      NumberOfKey(partitions_by_references_.Floor({NumberKey(std::numeric_limits<uint64_t>::max())}).key().head));
  result.mean = static_cast<double>(totals_.references) / static_cast<double>(partitions_.size());
  return result;
}

MapDigest TableState::digest() const {
  ByteWriter header;
  FieldEncoder fields(header);
  fields.Value(definition_ != nullptr);
  if (definition_ != nullptr) fields.Value(*definition_);
  fields.Value(dropped_);
  fields.Value(sweep_floor_);
  fields.Value(last_add_);
  fields.Value(partitions_.next_number());
  const PersistentMap* maps[] = {&partitions_.leaves(), &files_, &references_, &jobs_, &outcomes_,
                                 &consumed_inbox_,      &marks_};
  return CombineDigests(header.bytes(), maps);
}

}  // namespace sleeper::state
