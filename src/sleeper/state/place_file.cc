#include <limits>

#include "sleeper/state/apply.h"

namespace sleeper::state {

namespace {

Status CheckSlices(const NewFile& file) {
  const model::FileRecord& record = file.record;
  const auto broken = [&](std::string_view what) { return Error(ErrorKind::kInvalid, "file ", record.id, ": ", what); };
  if (file.slices.empty()) return broken("it has no slices");
  int64_t rows = 0;
  for (size_t i = 0; i < file.slices.size(); ++i) {
    const IntervalRows& slice = file.slices[i];
    if (slice.interval.empty()) return broken("a slice has an empty interval");
    if (slice.rows <= 0 || slice.rows > record.rows - rows) return broken("the rows of its slices do not add up");
    rows += slice.rows;
    if (i == 0) continue;
    const std::optional<model::NormalisedKey>& before = file.slices[i - 1].interval.upper;
    if (!before || slice.interval.lower < *before) return broken("its slices overlap or are out of order");
  }
  if (rows != record.rows) return broken("the rows of its slices do not add up");
  if (!file.slices.front().interval.Contains(record.bounds.min))
    return broken("its least key is not in the first slice");
  if (!file.slices.back().interval.Contains(record.bounds.max)) {
    return broken("its greatest key is not in the last slice");
  }
  return Status::OK();
}

/// The parts of a slice that lie in one partition each and can hold rows of the file.
std::vector<model::KeyInterval> PiecesOf(const model::PartitionMap& partitions, const model::KeyInterval& slice,
                                         const model::KeyBounds& bounds) {
  std::vector<model::KeyInterval> pieces;
  for (const model::Partition& leaf : partitions.Overlapping(slice)) {
    std::optional<model::KeyInterval> piece = leaf.interval.Intersect(slice);
    if (piece && bounds.Overlaps(*piece)) pieces.push_back(std::move(*piece));
  }
  return pieces;
}

}  // namespace

int64_t ShareOf(int64_t rows, size_t pieces, size_t index) {
  const auto count = static_cast<int64_t>(pieces);
  return rows / count + (static_cast<int64_t>(index) < rows % count ? 1 : 0);
}

Status CheckNewFile(const StateEdit& edit, const NewFile& file) {
  const model::FileRecord& record = file.record;
  const std::optional<PackedFileId> id = PackedFileId::Pack(record.id);
  const auto broken = [&](std::string_view what) { return Error(ErrorKind::kInvalid, "file ", record.id, ": ", what); };
  if (!id) return broken("its name is not one of a data file");
  if (id->birth() != record.birth) return broken("its name and its record say different births");
  if (record.rows <= 0) return broken("it has no rows");
  if (record.size_bytes <= 0 || record.tail_bytes < 0 || record.tail_bytes > record.size_bytes) {
    return broken("its sizes are impossible");
  }
  if (record.bounds.min > record.bounds.max) return broken("its least key is greater than its greatest");
  TRY(CheckSlices(file));
  TRY(CheckBirth(edit, record.birth, "file " + record.id.value()));
  if (edit.FindFile(record.id, record.bounds.min)) {
    return Error(ErrorKind::kConflict, "file ", record.id, " is part of the table already");
  }
  return Status::OK();
}

void PlaceFile(StateEdit& edit, const NewFile& file) {
  edit.PutFile(TrackedFile{file.record});
  std::optional<StoredReference> last;
  // Partitions that the writer saw may have been joined since: two slices then meet in one partition.
  const auto joins = [&](const StoredReference& next) {
    return last && last->reference.interval.upper == next.reference.interval.lower &&
           edit.partitions().Seek(last->reference.interval.lower).lower() ==
               edit.partitions().Seek(next.reference.interval.lower).lower();
  };
  for (const IntervalRows& slice : file.slices) {
    const std::vector<model::KeyInterval> pieces = PiecesOf(edit.partitions(), slice.interval, file.record.bounds);
    for (size_t i = 0; i < pieces.size(); ++i) {
      StoredReference stored;
      stored.file_min = file.record.bounds.min;
      stored.reference.file = file.record.id;
      stored.reference.interval = pieces[i];
      stored.reference.rows = ShareOf(slice.rows, pieces.size(), i);
      stored.reference.rows_exact = pieces.size() == 1;
      if (joins(stored)) {
        last->reference.interval.upper = stored.reference.interval.upper;
        last->reference.rows += stored.reference.rows;
        last->reference.rows_exact = last->reference.rows_exact && stored.reference.rows_exact;
        continue;
      }
      if (last) edit.AddReference(*last);
      last = std::move(stored);
    }
  }
  if (last) edit.AddReference(*last);
}

}  // namespace sleeper::state
