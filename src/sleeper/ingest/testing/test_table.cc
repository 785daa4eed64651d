#include "sleeper/ingest/testing/test_table.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"

namespace sleeper::ingest {
namespace {

using model::ValueOf;

constexpr int kThreads = 2;

}  // namespace

TestTable::TestTable(std::shared_ptr<const columnar::Layout> layout, std::vector<model::NormalisedKey> split_points)
    : executor_(std::make_unique<ThreadExecutor>(kThreads, clock_)),
      id_(state::MakeTableId(random_)),
      layout_(std::move(layout)) {
  Restart();
  Commit(state::DefineTable{{.schema = layout_->schema(), .properties = {}}, std::move(split_points)});
}

TestTable::Process::Process(TestTable& table)
    : log(table.faults_, table.clock_, table.random_, *table.executor_, state::LogLayout::ForTable(table.id_),
          state::ImpatientLog()),
      committer(log) {}

void TestTable::Restart() {
  process_.reset();
  faults_.Revive();
  process_.emplace(*this);
}

Result<IngestReport> TestTable::Ingest(const std::string& job, const std::vector<std::string>& inputs) {
  return Ingest(job, inputs, ports());
}

Result<IngestReport> TestTable::Ingest(const std::string& job, const std::vector<std::string>& inputs,
                                       const TablePorts& ports, const CallContext& call) {
  const InputLister lister = [&](const CallContext&) -> Result<std::vector<InputOpener>> {
    ++listings;
    std::vector<InputOpener> openers;
    for (const std::string& input : inputs) {
      openers.push_back(OpenerOf(input, "input " + std::to_string(openers.size())));
    }
    return openers;
  };
  return IngestTable(ports, RequestOf(job, inputs), properties, lister, call);
}

Result<IngestReport> TestTable::IngestStalled(const std::string& job, const std::string& input,
                                              const std::function<void()>& meanwhile) {
  // By the thread that also keeps the job alive: one that only waited for its input would not stand still.
  const InputLister lister = [&](const CallContext&) {
    meanwhile();
    std::vector<InputOpener> openers;
    openers.push_back(OpenerOf(input));
    return Result<std::vector<InputOpener>>(std::move(openers));
  };
  return IngestTable(ports(), RequestOf(job, {input}), properties, lister, {});
}

Result<IngestReport> TestTable::IngestFrom(const std::string& job,
                                           const std::function<std::unique_ptr<exchange::InputSource>()>& source,
                                           const std::string& input) {
  const SourceOpener open = [&](const CallContext&) {
    return Result<std::unique_ptr<exchange::InputSource>>(source());
  };
  const InputLister lister = [&](const CallContext&) -> Result<std::vector<InputOpener>> {
    return std::vector<InputOpener>{MakeInputOpener(open, {.format = exchange::InputFormat::kJsonLines})};
  };
  return IngestTable(ports(), RequestOf(job, {input}), properties, lister, {});
}

IngestRequest TestTable::RequestOf(const std::string& job, const std::vector<std::string>& inputs) {
  return {.job = model::JobId(job), .inputs = inputs, .reading = "jsonl"};
}

int64_t TestTable::DataObjects() {
  constexpr int kObjectsMax = 1'000;
  const auto page = ValueOf(objects_.List(state::DataPrefix(id_), store::ObjectPath(), kObjectsMax, CallContext()));
  return static_cast<int64_t>(page.objects.size());
}

InputOpener TestTable::OpenerOf(std::string lines, std::string name) {
  return MakeInputOpener(
      [lines = std::move(lines), name = std::move(name)](const CallContext&) {
        return Result<std::unique_ptr<exchange::InputSource>>(
            exchange::MakeBufferSource(Buffer::FromString(lines), name));
      },
      {.format = exchange::InputFormat::kJsonLines});
}

void TestTable::Drop() { Commit(state::DropTable()); }

void TestTable::Split(const model::NormalisedKey& boundary) {
  Commit(state::SplitPartitions{{{State()->partitions().Find(boundary).id, {boundary}}}});
}

std::vector<std::string> TestTable::Rows() {
  std::vector<std::string> all;
  const state::TableStatePtr state = State();
  for (const model::Partition& leaf : state->partitions().All()) {
    std::vector<columnar::Batch> batches;
    for (const state::ReferencedFile& file : state->FilesIn(leaf.interval)) {
      int64_t rows = 0;
      const store::ObjectPath path = state::DataFilePath(id_, file.file.id);
      for (columnar::Batch& batch : file::ReadDataFile(objects_, path, file.file, file.reference.interval, layout_)) {
        rows += batch.rows();
        batches.push_back(std::move(batch));
      }
      SLEEPER_CHECK(!file.reference.rows_exact || rows == file.reference.rows, "a reference counts other rows", rows);
    }
    if (batches.empty()) continue;
    std::ranges::move(columnar::TextOf(columnar::SortedCopy(batches)), std::back_inserter(all));
  }
  return all;
}

std::vector<int64_t> TestTable::FilesPerPartition() {
  const state::TableStatePtr state = State();
  std::vector<int64_t> files;
  for (const model::Partition& leaf : state->partitions().All()) files.push_back(state->ReferenceCount(leaf));
  return files;
}

state::TableStatePtr TestTable::State() {
  state::TableLog log(objects_, clock_, random_, *executor_, state::LogLayout::ForTable(id_), state::ImpatientLog());
  return ValueOf(log.Refresh(CallContext()));
}

std::vector<int64_t> TestTable::RowsPerPartition() {
  const state::TableStatePtr state = State();
  std::vector<int64_t> rows;
  for (const model::Partition& leaf : state->partitions().All()) {
    rows.push_back(0);
    for (const model::FileReference& reference : state->ReferencesIn(leaf.interval)) rows.back() += reference.rows;
  }
  return rows;
}

TablePorts TestTable::Process::PortsOn(TestTable& table) {
  return {table.faults_, table.scratch_, *table.executor_, table.random_, table.id_, log, committer};
}

TablePorts TestTable::ports() { return process_->PortsOn(*this); }

void TestTable::Commit(state::Transaction transaction) {
  state::TableLog log(objects_, clock_, random_, *executor_, state::LogLayout::ForTable(id_), state::ImpatientLog());
  state::TableCommitter committer(log);
  ValueOf(committer.Commit(std::move(transaction), CallContext()));
}

}  // namespace sleeper::ingest
