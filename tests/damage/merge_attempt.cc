#include "tests/damage/merge_attempt.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/collect/sweep_table.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/commit_compaction.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/file/choose_split_points.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/layout.h"

namespace sleeper::damage {
namespace {

using columnar::Batch;
using compact::CompactionOutcome;
using compact::TestTable;
using model::ValueOf;

std::shared_ptr<const columnar::Layout> LayoutOf(Inputs inputs) {
  switch (inputs) {
    case Inputs::kNested:
      return columnar::LayoutOfAllTypes();
    case Inputs::kFlat:
      return columnar::LayoutOf(R"({
          "rowKeyFields": [{"name": "text", "type": "StringType"}, {"name": "day", "type": "DateType"}],
          "sortKeyFields": [{"name": "number", "type": "LongType"}, {"name": "raw", "type": "ByteArrayType"}],
          "valueFields": [{"name": "i", "type": "IntType"}, {"name": "ni", "type": "IntType", "nullable": true},
                          {"name": "b", "type": "BooleanType"}, {"name": "nb", "type": "BooleanType", "nullable": true},
                          {"name": "f", "type": "FloatType"}, {"name": "d", "type": "DoubleType", "nullable": true},
                          {"name": "s", "type": "StringType"}, {"name": "ns", "type": "StringType", "nullable": true},
                          {"name": "t", "type": "TimestampType", "nullable": true}]})");
    case Inputs::kDisjoint:
    case Inputs::kEqual:
      break;
  }
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "k", "type": "LongType"}],
                                "valueFields": [{"name": "v", "type": "LongType"}]})");
}

/// Rows of the keys from `begin` on; `spread` of 1 makes them follow one another.
Batch Numbers(int64_t begin, int64_t rows, uint64_t spread, Random& random) {
  std::string keys;
  std::string values;
  for (int64_t i = 0; i < rows; ++i) {
    const auto key = begin + (spread == 1 ? i : static_cast<int64_t>(random.Below(spread)));
    keys += (i > 0 ? "," : "") + std::to_string(key);
    values += (i > 0 ? "," : "") + std::to_string(random.Below(1'000'000'000));
  }
  return columnar::BatchOf(LayoutOf(Inputs::kEqual), {"[" + keys + "]", "[" + values + "]"});
}

file::DataFileSettings SettingsOf(Inputs inputs, Random& random) {
  file::DataFileSettings settings;
  settings.page_rows_max = 5 + static_cast<int64_t>(random.Below(60));
  settings.row_group_rows_max = 20 + static_cast<int64_t>(random.Below(200));
  if (inputs == Inputs::kEqual) {
    settings.codec = model::CompressionCodec::kUncompressed;
    settings.row_key_encoding = settings.value_encoding = model::FieldEncoding::kPlain;
    return settings;
  }
  if (random.Below(2) == 0) settings.codec = model::CompressionCodec::kUncompressed;
  if (random.Below(3) == 0) settings.value_encoding = model::FieldEncoding::kDictionary;
  if (random.Below(3) == 0) settings.page_bytes_max = 50 + static_cast<int64_t>(random.Below(500));
  return settings;
}

}  // namespace

MergeAttempt::MergeAttempt(Inputs inputs, uint64_t seed)
    : random_(seed), table_(std::make_unique<TestTable>(LayoutOf(inputs))) {
  table_->settings = SettingsOf(inputs, random_);
  const auto files = static_cast<int64_t>(2 + random_.Below(3));
  const auto rows = static_cast<int64_t>(30 + random_.Below(90));
  for (int64_t i = 0; i < files; ++i) {
    switch (inputs) {
      case Inputs::kFlat:
      case Inputs::kNested:
        table_->AddFile(columnar::RandomBatch(LayoutOf(inputs), rows, random_));
        break;
      case Inputs::kDisjoint:
        table_->AddFile(Numbers(1'000 * i, 2 * rows, 1, random_));
        break;
      case Inputs::kEqual:
        table_->AddFile(Numbers(0, rows, 400, random_));
        break;
    }
  }
  Plan();
  expected_ = Rows();
}

void MergeAttempt::Plan() {
  compact::PlanRequest request;
  request.policy.mode = compact::CompactionMode::kAll;
  request.policy.files_batch_size = 100;
  request.policy.file_bytes_target = int64_t{1} << 30;
  compact::CompactionPlan plan = compact::PlanCompactions(*table_->State(), request);
  SLEEPER_CHECK(!plan.jobs.empty(), "there is nothing to merge");
  spec_ = std::move(plan.jobs.front());
  spec_->file_settings = table_->settings;
}

Result<CompactionOutcome> MergeAttempt::Merge() {
  const compact::TablePorts ports = table_->ports();
  return compact::RunCompaction({ports.store, ports.table, ports.executor, ports.random}, *spec_, CallContext());
}

Status MergeAttempt::MergeAndCommit() {
  const compact::TablePorts ports = table_->ports();
  const CallContext call;
  SLEEPER_CHECK(
      ValueOf(compact::AssignCompactions(ports.committer, ports.executor, {*spec_}, "worker", call)).size() == 1,
      "the job was not assigned");
  const Result<CompactionOutcome> outcome = Merge();
  Status status = outcome.status();
  if (status.ok()) status = compact::CommitCompaction(ports.committer, *spec_, *outcome, call).status();
  if (!status.ok()) {
    const compact::Release release{spec_->job, "it failed"};
    const Status released = compact::ReleaseCompactions(ports.committer, ports.executor, {&release, 1}, call);
    SLEEPER_CHECK(released.ok(), released.ToString());
  }
  return status;
}

Status MergeAttempt::CompactRest() {
  compact::CompactTableRequest request;
  request.mode = compact::CompactionMode::kAll;
  TRY_ASSIGN(const compact::CompactTableReport report, table_->Compact(request));
  return report.failure;
}

std::vector<std::string> MergeAttempt::Rows() {
  std::vector<std::string> rows = table_->Rows();
  std::ranges::sort(rows);
  return rows;
}

std::vector<std::string> MergeAttempt::RowsOf(const CompactionOutcome& outcome) {
  std::vector<std::string> rows;
  for (const state::NewFile& output : outcome.outputs) {
    const model::FileRecord& record = output.record;
    const auto reader = ValueOf(
        file::DataFileReader::Open(table_->faults(), state::DataFilePath(table_->id(), record.id), record.size_bytes,
                                   record.tail_bytes, columnar::Layout::Of(spec_->schema), CallContext()));
    std::ranges::move(columnar::TextOf(ValueOf(rows::Collect(*reader->Scan({}, CallContext())))),
                      std::back_inserter(rows));
  }
  std::ranges::sort(rows);
  return rows;
}

std::string MergeAttempt::LeftBehind() {
  if (Rows() != expected_) return "the table has other rows";
  const state::TableStatePtr state = table_->State();
  if (state->unfinished_jobs() != 0) return "a job is not ended";
  table_->Advance(std::chrono::hours(48));
  table_->Restart();
  const compact::TablePorts ports = table_->ports();
  const auto swept = collect::SweepTable(
      {ports.store, ports.executor, ports.random, ports.table, ports.log, ports.committer}, {}, CallContext());
  if (!swept.ok() || !swept->failure.ok()) return "the sweep failed";
  std::set<std::string> known;
  for (const state::TrackedFile& file : state->Files()) {
    known.insert(state::DataFilePath(table_->id(), file.record.id).value());
  }
  constexpr int kObjectsMax = 100;
  const auto listed = ValueOf(ports.store.List(state::DataPrefix(table_->id()), {}, kObjectsMax, CallContext()));
  for (const store::ObjectInfo& object : listed.objects) {
    if (!known.contains(object.path.value())) return "an object is left: " + object.path.value();
  }
  return listed.objects.size() == known.size() ? "" : "a file of the table is gone";
}

std::string MergeAttempt::Read(size_t input) {
  const store::ObjectPath path = state::DataFilePath(table_->id(), spec_->inputs[input].file.id);
  return std::string(ValueOf(table_->faults().Get(path, CallContext())).bytes.view());
}

void MergeAttempt::Replace(size_t input, const std::string& bytes) {
  const store::ObjectPath path = state::DataFilePath(table_->id(), spec_->inputs[input].file.id);
  const auto put = table_->faults().Put(path, Buffer::FromString(bytes), store::PutMode::kReplace, CallContext());
  SLEEPER_CHECK(put.ok(), put.status().ToString());
}

void MergeAttempt::Split() {
  const model::FileRecord& file = spec_->inputs.front().file;
  const auto reader =
      ValueOf(file::DataFileReader::Open(table_->faults(), state::DataFilePath(table_->id(), file.id), file.size_bytes,
                                         file.tail_bytes, columnar::Layout::Of(spec_->schema), CallContext()));
  std::vector<model::NormalisedKey> points =
      file::ChooseSplitPoints(spec_->schema.row_key_fields(), model::KeyInterval::All(), reader->page_keys(), 2);
  if (points.empty()) return;
  table_->Split(points.front());
  Plan();
}

}  // namespace sleeper::damage
