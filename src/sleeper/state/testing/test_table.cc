#include "sleeper/state/testing/test_table.h"

#include <limits>
#include <set>
#include <sstream>

#include "sleeper/base/check.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/state/packed_file_id.h"

namespace sleeper::state {

namespace {

std::string Show(const model::KeyInterval& interval) {
  return "[" + interval.lower + "," + interval.upper.value_or("") + ")";
}

}  // namespace

model::TableDefinition SampleDefinition(model::PropertyMap properties) {
  const Result<model::Schema> schema = model::ParseSchemaJson(
      R"({"rowKeyFields":[{"name":"key","type":"StringType"}],"valueFields":[{"name":"value","type":"LongType"}]})");
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return {*schema, std::move(properties), 1};
}

model::KeyInterval Interval(std::string_view lower, std::string_view upper) {
  model::KeyInterval interval{std::string(lower), std::nullopt};
  if (!upper.empty()) interval.upper = std::string(upper);
  return interval;
}

model::RowHash HashOfRows(int64_t first, int64_t count) {
  model::RowHash hash;
  for (int64_t row = first; row < first + count; ++row) {
    const auto number = static_cast<uint64_t>(row) + 1;
    hash += {number * 0x9e3779b97f4a7c15U, number * number};
  }
  return hash;
}

TestTable::TestTable(std::vector<model::NormalisedKey> split_points, model::PropertyMap properties) {
  const std::string done = Do(DefineTable{SampleDefinition(std::move(properties)), std::move(split_points)});
  SLEEPER_CHECK(done == "applied", "the table was not created: ", done);
}

TransactionOutcome TestTable::Try(const Transaction& transaction) {
  TableTransition transition = Apply(state_, transaction, state_->number() + 1);
  const TransactionOutcome validated = Validate(*state_, transaction, state_->number() + 1);
  SLEEPER_CHECK(validated.verdict == transition.outcome.verdict, "validation and application differ");
  state_ = std::move(transition.state);
  return std::move(transition.outcome);
}

std::string TestTable::Do(const Transaction& transaction) {
  const TransactionOutcome outcome = Try(transaction);
  switch (outcome.verdict) {
    case Verdict::kApplies:
      return "applied";
    case Verdict::kAlreadyDone:
      return "already done";
    case Verdict::kRefused:
      return std::string(ErrorKindName(KindOf(outcome.refusal)));
  }
  return "";
}

NewFile TestTable::File(std::string name, model::KeyBounds bounds, std::vector<IntervalRows> slices) {
  NewFile file;
  file.record.birth = state_->number();
  file.record.id = PackedFileId::Make(file.record.birth, ++files_made_);
  file.record.size_bytes = 1000;
  file.record.tail_bytes = 100;
  file.record.bounds = std::move(bounds);
  for (const IntervalRows& slice : slices) file.record.rows += slice.rows;
  file.record.row_hash = HashOfRows(0, file.record.rows);
  file.slices = std::move(slices);
  ids_[name] = file.record.id;
  names_[file.record.id] = std::move(name);
  return file;
}

NewFile TestTable::File(std::string name, model::KeyBounds bounds, int64_t rows) {
  return File(std::move(name), std::move(bounds), {{model::KeyInterval::All(), rows}});
}

AddFiles TestTable::Adding(std::vector<NewFile> files) const {
  return {std::nullopt, state_->shape_hash(), std::move(files)};
}

std::string TestTable::Add(std::vector<NewFile> files) { return Do(Adding(std::move(files))); }

UnfinishedJob TestTable::Compaction(std::string id, std::string_view key) const {
  UnfinishedJob job;
  job.id = model::JobId(std::move(id));
  job.kind = JobKind::kCompaction;
  job.spec_hash = SpecHash("spec of " + job.id.value());
  job.shape_hash = state_->shape_hash();
  job.earliest_birth = state_->number();
  for (const model::FileReference& reference : state_->ReferencesIn(state_->partitions().Find(key).interval)) {
    job.inputs.push_back({reference.file, reference.interval});
  }
  return job;
}

ReplaceFiles TestTable::Compacted(const UnfinishedJob& job, std::string name) {
  ReplaceFiles replace;
  replace.job = job.id;
  replace.shape_hash = state_->shape_hash();
  NewFile output;
  model::KeyInterval hull = job.inputs.front().interval;
  for (const ReferenceName& input : job.inputs) {
    // Reads the whole file: these tables compact each file at once.
    const TrackedFile file = *state_->FindFile(input.file);
    replace.consumed.push_back({input.file, file.record.rows, file.record.row_hash});
    output.record.rows += file.record.rows;
    output.record.row_hash += file.record.row_hash;
    const bool first = output.record.bounds.max.empty();
    output.record.bounds.min =
        first ? file.record.bounds.min : std::min(output.record.bounds.min, file.record.bounds.min);
    output.record.bounds.max = std::max(output.record.bounds.max, file.record.bounds.max);
    hull.lower = std::min(hull.lower, input.interval.lower);
    if (hull.upper && (!input.interval.upper || *hull.upper < *input.interval.upper)) hull.upper = input.interval.upper;
  }
  NewFile named = File(std::move(name), output.record.bounds, {{hull, output.record.rows}});
  named.record.row_hash = output.record.row_hash;
  replace.outputs.push_back(std::move(named));
  return replace;
}

std::vector<std::string> TestTable::References() const {
  std::vector<std::string> shown;
  for (ReferenceCursor at = state_->References(); at.valid(); at.Next()) {
    const model::FileReference reference = at.reference();
    std::ostringstream text;
    const auto name = names_.find(reference.file);
    text << (name == names_.end() ? reference.file.value() : name->second) << Show(reference.interval) << reference.rows
         << (reference.rows_exact ? "" : "~");
    if (reference.job) text << "@" << *reference.job;
    if (reference.attempts > 0) text << "!" << reference.attempts;
    shown.push_back(text.str());
  }
  return shown;
}

std::vector<std::string> TestTable::Partitions() const {
  std::vector<std::string> shown;
  for (const model::Partition& partition : state_->partitions().All()) {
    shown.push_back(partition.id.value() + Show(partition.interval));
  }
  return shown;
}

namespace {

/// Recomputes the sums of a state and compares.
std::string FindWrongSum(const TableState& state) {
  TableTotals totals;
  FilesPerPartition per_partition{std::numeric_limits<int64_t>::max(), 0, 0};
  for (const model::Partition& partition : state.partitions().All()) {
    const auto count = static_cast<int64_t>(state.ReferencesIn(partition.interval).size());
    if (state.ReferenceCount(partition) != count) return "the reference count of partition " + partition.id.value();
    per_partition.min = std::min(per_partition.min, count);
    per_partition.max = std::max(per_partition.max, count);
  }
  for (ReferenceCursor at = state.References(); at.valid(); at.Next()) {
    const model::FileReference reference = at.reference();
    ++totals.references;
    totals.rows += reference.rows;
    totals.inexact_references += reference.rows_exact ? 0 : 1;
    totals.assigned_references += reference.job ? 1 : 0;
  }
  for (const TrackedFile& file : state.Files()) {
    (file.references > 0 ? totals.files : totals.unreferenced_files) += 1;
    (file.references > 0 ? totals.bytes : totals.unreferenced_bytes) += file.record.size_bytes;
  }
  if (!(totals == state.totals())) return "the totals";
  const FilesPerPartition claimed = state.files_per_partition();
  if (claimed.min != per_partition.min || claimed.max != per_partition.max) return "the files per partition";
  const auto unreferenced =
      static_cast<int64_t>(state.UnreferencedFiles(state.number(), std::numeric_limits<int64_t>::max()).size());
  if (unreferenced != totals.unreferenced_files) return "the list of unreferenced files";
  return "";
}

std::string FindWrongReference(const TableState& state) {
  std::map<model::FileId, int64_t> counted;
  std::map<model::FileId, std::optional<model::NormalisedKey>> end;
  for (ReferenceCursor at = state.References(); at.valid(); at.Next()) {
    const model::FileReference reference = at.reference();
    const std::string name = "reference " + reference.file.value() + Show(reference.interval);
    const model::Partition leaf = state.partitions().Find(reference.interval.lower);
    if (!leaf.interval.Contains(reference.interval)) return name + " does not lie in one partition";
    const TrackedFile file = at.file();
    if (file.record.id != reference.file) return name + " leads to another file";
    if (!file.record.bounds.Overlaps(reference.interval)) return name + " cannot hold rows";
    if (++counted[reference.file] > 1) {
      const std::optional<model::NormalisedKey>& before = end[reference.file];
      if (!before || *before > reference.interval.lower) return name + " overlaps another one of its file";
    }
    end[reference.file] = reference.interval.upper;
    if (!reference.job) continue;
    const std::optional<UnfinishedJob> job = state.FindJob(*reference.job);
    if (!job || job->kind != JobKind::kCompaction) return name + " is on a job that is not known";
  }
  for (const TrackedFile& file : state.Files()) {
    const std::string name = "file " + file.record.id.value();
    if (file.references != counted[file.record.id]) return name + " has another number of references";
    if ((file.references == 0) != (file.unreferenced_since > 0)) return name + " is unreferenced, or not";
    if (static_cast<int64_t>(state.ReferencesOf(file.record).size()) != file.references) {
      return name + ": not all of its references are found";
    }
  }
  return "";
}

}  // namespace

std::string FindBrokenLaw(const TableState& state) {
  std::optional<model::NormalisedKey> expected = "";
  std::set<model::PartitionId> ids;
  for (const model::Partition& leaf : state.partitions().All()) {
    if (!expected || leaf.interval.lower != *expected) return "the leaves do not tile the key space";
    if (!ids.insert(leaf.id).second) return "two leaves have one id";
    if (state.partitions().Find(leaf.id) != leaf) return "a leaf is not found by its id";
    expected = leaf.interval.upper;
  }
  if (expected) return "the leaves end before the key space does";
  if (std::string wrong = FindWrongReference(state); !wrong.empty()) return wrong;
  if (std::string wrong = FindWrongSum(state); !wrong.empty()) return wrong + " is wrong";
  std::optional<model::LogNumber> least;
  for (const UnfinishedJob& job : state.Jobs()) {
    least = std::min(least.value_or(job.earliest_birth), job.earliest_birth);
    if (state.FindOutcome(job.id)) return "job " + job.id.value() + " is unfinished and has ended";
  }
  if (least != state.least_job_birth()) return "the least birth of the jobs is wrong";
  if (static_cast<int64_t>(state.Outcomes(0, std::numeric_limits<int64_t>::max()).size()) != state.remembered_jobs()) {
    return "the outcomes by their ends are not all";
  }
  if (least && *least < state.sweep_floor()) return "the sweep floor has passed a job";
  return "";
}

}  // namespace sleeper::state
