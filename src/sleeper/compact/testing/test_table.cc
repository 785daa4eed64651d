#include "sleeper/compact/testing/test_table.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"

namespace sleeper::compact {
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

model::FileId TestTable::AddFile(const columnar::Batch& rows) {
  const columnar::Batch sorted = columnar::SortedCopy(std::vector{rows});
  const state::TableStatePtr state = State();
  const model::FileId id = state::MakeFileId(state->number(), random_);
  const store::ObjectPath path = state::DataFilePath(id_, id);
  state::NewFile file{file::WriteDataFile(objects_, path, sorted, settings).Record(id, state->number()), {}};
  columnar::KeyColumn keys;
  const Status encoded = keys.Encode(sorted);
  SLEEPER_CHECK(encoded.ok(), encoded.ToString());
  for (const model::Partition& leaf : state->partitions().All()) {
    const int64_t begin = keys.LowerBound(leaf.interval.lower);
    const int64_t end = leaf.interval.upper ? keys.LowerBound(*leaf.interval.upper) : keys.rows();
    if (end > begin) file.slices.push_back({leaf.interval, end - begin});
  }
  Commit(state::AddFiles{std::nullopt, state->shape_hash(), {std::move(file)}});
  return id;
}

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

Result<CompactTableReport> TestTable::Compact(const CompactTableRequest& request) {
  return CompactTable(ports(), request, CallContext());
}

TablePorts TestTable::Process::PortsOn(TestTable& table) {
  return {table.faults_, *table.executor_, table.random_, table.id_, log, committer};
}

TablePorts TestTable::ports() { return process_->PortsOn(*this); }

void TestTable::Commit(state::Transaction transaction) {
  state::TableLog log(objects_, clock_, random_, *executor_, state::LogLayout::ForTable(id_), state::ImpatientLog());
  state::TableCommitter committer(log);
  ValueOf(committer.Commit(std::move(transaction), CallContext()));
}

}  // namespace sleeper::compact
