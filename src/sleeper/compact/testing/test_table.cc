#include "sleeper/compact/testing/test_table.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

constexpr int kThreads = 2;

template <typename T>
T Must(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

state::LogOptions Impatient() {
  state::LogOptions options;
  options.writer = "test";
  options.backoff_first = Duration(1);
  options.backoff_max = Duration(10);
  return options;
}

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
          Impatient()),
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
  const CallContext call;
  auto writer = Must(file::DataFileWriter::Open(objects_, state::DataFilePath(id_, id), layout_, settings, call));
  Must(writer->Write(sorted));
  state::NewFile file{Must(writer->Finish()).Record(id, state->number()), {}};
  columnar::KeyColumn keys;
  Must(keys.Encode(sorted));
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
  const CallContext call;
  for (const model::Partition& leaf : state->partitions().All()) {
    std::vector<columnar::Batch> batches;
    for (const state::ReferencedFile& file : state->FilesIn(leaf.interval)) {
      auto reader = Must(file::DataFileReader::Open(objects_, state::DataFilePath(id_, file.file.id),
                                                    file.file.size_bytes, file.file.tail_bytes, layout_, call));
      file::ScanRequest request;
      request.intervals = {file.reference.interval};
      auto stream = reader->Scan(request, call);
      int64_t rows = 0;
      for (columnar::Batch& batch : Must(rows::Collect(*stream))) {
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
  state::TableLog log(objects_, clock_, random_, *executor_, state::LogLayout::ForTable(id_), Impatient());
  return Must(log.Refresh(CallContext()));
}

Result<CompactTableReport> TestTable::Compact(const CompactTableRequest& request) {
  return CompactTable(ports(), request, CallContext());
}

TablePorts TestTable::Process::PortsOn(TestTable& table) {
  return {table.faults_, *table.executor_, table.random_, table.id_, log, committer};
}

TablePorts TestTable::ports() { return process_->PortsOn(*this); }

void TestTable::Commit(state::Transaction transaction) {
  state::TableLog log(objects_, clock_, random_, *executor_, state::LogLayout::ForTable(id_), Impatient());
  state::TableCommitter committer(log);
  Must(committer.Commit(std::move(transaction), CallContext()).status());
}

}  // namespace sleeper::compact
