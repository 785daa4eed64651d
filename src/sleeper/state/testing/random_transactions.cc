#include "sleeper/state/testing/random_transactions.h"

#include <algorithm>
#include <map>
#include <vector>

#include "sleeper/state/layout.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {

namespace {

/// Every row of these tables has the same hash, so that a part of a file can be read without knowing which rows it has.
constexpr model::RowHash kRowHash{0x9e3779b97f4a7c15U, 0xbf58476d1ce4e5b9U};

model::RowHash HashOf(int64_t rows) {
  return {kRowHash.low * static_cast<uint64_t>(rows), kRowHash.high * static_cast<uint64_t>(rows)};
}

template <typename T>
const T& Pick(const std::vector<T>& list, Random& random) {
  return list[random.Below(list.size())];
}

}  // namespace

std::string RandomTransactions::Key() {
  std::string key;
  for (uint64_t size = random_.Below(3) + 1; size > 0; --size) key += static_cast<char>('a' + random_.Below(26));
  return key;
}

model::JobId RandomTransactions::NewJobId() { return model::JobId("job" + std::to_string(++jobs_made_)); }

NewFile RandomTransactions::File(const TableState& state, const model::KeyInterval& within, int64_t rows,
                                 model::RowHash hash) {
  NewFile file;
  file.record.birth = state.number() - random_.Below(std::min<uint64_t>(state.number(), 2) + 1);
  file.record.birth = std::max(file.record.birth, state.sweep_floor());
  file.record.id = MakeFileId(file.record.birth, random_);
  file.record.size_bytes = static_cast<int64_t>(random_.Below(10'000)) + 100;
  file.record.tail_bytes = 50;
  file.record.rows = rows;
  file.record.row_hash = hash;
  std::string min = within.lower + Key();
  std::string max = within.lower + Key();
  if (!within.Contains(min)) min = within.lower;
  if (!within.Contains(max)) max = min;
  file.record.bounds = {std::min(min, max), std::max(min, max)};
  file.slices = {{within, rows}};
  return file;
}

AddFiles RandomTransactions::Add(const TableState& state) {
  AddFiles add{std::nullopt, state.shape_hash(), {}};
  for (uint64_t files = random_.Below(3) + 1; files > 0; --files) {
    const auto rows = static_cast<int64_t>(random_.Below(100)) + 3;
    const bool whole = random_.Below(2) == 0;
    const model::KeyInterval within = whole ? model::KeyInterval::All() : state.partitions().Find(Key()).interval;
    add.files.push_back(File(state, within, rows, HashOf(rows)));
  }
  if (random_.Below(2) == 0) add.job = {NewJobId(), SpecHash("spec"), JobKind::kIngest, {}};
  if (random_.Below(10) == 0) add.shape_hash = "another";
  if (random_.Below(10) == 0) add.files.back().slices.back().rows += 1;
  return add;
}

AssignJobs RandomTransactions::Assign(const TableState& state) {
  UnfinishedJob job;
  job.id = NewJobId();
  job.spec_hash = SpecHash("spec");
  job.shape_hash = state.shape_hash();
  job.earliest_birth = state.number();
  const model::KeyInterval partition = state.partitions().Find(Key()).interval;
  for (const model::FileReference& reference : state.ReferencesIn(partition)) {
    const bool taken = reference.job && random_.Below(10) != 0;
    // A compaction takes at most one reference of a file.
    const bool repeated = std::any_of(job.inputs.begin(), job.inputs.end(),
                                      [&](const ReferenceName& input) { return input.file == reference.file; });
    if (!taken && !repeated) job.inputs.push_back({reference.file, reference.interval});
  }
  return {{job}};
}

Transaction RandomTransactions::Replace(const TableState& state) {
  std::vector<UnfinishedJob> jobs = state.Jobs();
  std::erase_if(jobs, [](const UnfinishedJob& job) { return job.kind != JobKind::kCompaction; });
  if (jobs.empty()) return Assign(state);
  const UnfinishedJob& job = Pick(jobs, random_);
  ReplaceFiles replace;
  replace.job = job.id;
  replace.shape_hash = state.shape_hash();
  model::KeyInterval hull = job.inputs.front().interval;
  int64_t rows = 0;
  for (const ReferenceName& input : job.inputs) {
    hull.lower = std::min(hull.lower, input.interval.lower);
    if (hull.upper && (!input.interval.upper || *hull.upper < *input.interval.upper)) hull.upper = input.interval.upper;
    const std::optional<TrackedFile> file = state.FindFile(input.file);
    if (!file) return Release(state);
    // The last reader of a file reads what is left of it, an earlier one at least one row less than that.
    const int64_t left = file->record.rows - file->consumed_rows;
    int64_t on_job = 0;
    for (const model::FileReference& reference : state.ReferencesOf(file->record)) on_job += reference.job == job.id;
    const int64_t read = on_job == file->references ? left : std::min<int64_t>(left, 1);
    replace.consumed.push_back({input.file, read, HashOf(read)});
    rows += read;
  }
  if (rows > 0 && random_.Below(8) != 0) {
    replace.outputs.push_back(File(state, hull, rows, HashOf(rows)));
    replace.outputs.back().record.birth = state.number();
    replace.outputs.back().record.id = MakeFileId(state.number(), random_);
  } else {
    replace.rows_removed = rows;
  }
  return replace;
}

Transaction RandomTransactions::Release(const TableState& state) {
  const std::vector<UnfinishedJob> jobs = state.Jobs();
  if (jobs.empty()) return Register(state);
  return ReleaseJobs{{{Pick(jobs, random_).id, JobResult::kReleased, "silent"}}};
}

RegisterJobs RandomTransactions::Register(const TableState& state) {
  UnfinishedJob job;
  job.id = NewJobId();
  job.kind = JobKind::kImport;
  job.spec_hash = SpecHash("spec");
  job.shape_hash = state.shape_hash();
  job.earliest_birth = state.number();
  if (random_.Below(2) == 0) job.inbox.push_back(MakeInboxFileId(state.number(), random_));
  return {{job}};
}

SplitPartitions RandomTransactions::Split(const TableState& state) {
  SplitPartitions split;
  const std::string key = Key();
  PartitionSplit one{state.partitions().Find(key).id, {key}};
  if (random_.Below(2) == 0) one.boundaries.push_back(key + "m");
  split.splits.push_back(std::move(one));
  return split;
}

MergePartitions RandomTransactions::Merge(const TableState& state) {
  const std::vector<model::Partition> leaves = state.partitions().All();
  const size_t first = random_.Below(leaves.size());
  std::vector<model::PartitionId> group;
  for (size_t i = first; i < leaves.size() && i < first + 2 + random_.Below(2); ++i) group.push_back(leaves[i].id);
  return {{group}};
}

ForgetFiles RandomTransactions::Forget(const TableState& state) {
  ForgetFiles forget;
  for (const TrackedFile& file : state.UnreferencedFiles(state.number(), 3)) {
    forget.files.push_back({file.record.id, file.record.bounds.min});
  }
  for (const InboxFileId& file : state.ConsumedInbox()) {
    if (*BirthOf(file) < state.sweep_floor()) forget.inbox.push_back(file);
  }
  return forget;
}

RecordJobs RandomTransactions::Record(const TableState& state) {
  for (const UnfinishedJob& job : state.Jobs()) {
    if (job.kind != JobKind::kImport) continue;
    return {{{job.id, job.kind, job.spec_hash, JobResult::kFinished, {}, "", 0}}};
  }
  return {{{NewJobId(), JobKind::kExport, SpecHash("spec"), JobResult::kFailed, {}, "why", 0}}};
}

Transaction RandomTransactions::Next(const TableState& state) {
  if (!state.exists()) return DefineTable{SampleDefinition(), {"m"}};
  switch (random_.Below(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return Add(state);
    case 6:
    case 7:
    case 8:
    case 9:
      return Assign(state);
    case 10:
    case 11:
    case 12:
      return Replace(state);
    case 13:
      return Release(state);
    case 14:
      return Register(state);
    case 15:
    case 16:
    case 17:
      return Split(state);
    case 18:
      return Merge(state);
    case 19:
      return Forget(state);
    case 20:
      return Record(state);
    case 21:
      return ForgetJobs{state.number() / 2};
    case 22:
      return RaiseSweepFloor{state.sweep_floor() + random_.Below(4)};
    default: {
      if (random_.Below(3) != 0) return ClearTable{state.number() - random_.Below(2)};
      model::PropertyMap properties = state.definition().properties;
      properties["filters"] = "ageOff(value," + std::to_string(random_.Below(3) + 1) + ")";
      DefineTable change{SampleDefinition(properties), {}};
      change.definition.version = state.definition().version + 1;
      return change;
    }
  }
}

}  // namespace sleeper::state
