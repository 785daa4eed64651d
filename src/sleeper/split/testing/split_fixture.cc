#include "sleeper/split/testing/split_fixture.h"

#include <utility>

#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"

namespace sleeper::split {
namespace {

using model::ValueOf;

state::LogOptions Impatient() {
  state::LogOptions options;
  options.writer = "test";
  options.backoff_first = Duration(1);
  options.backoff_max = Duration(10);
  return options;
}

}  // namespace

SplitFixture::SplitFixture(std::shared_ptr<const columnar::Layout> layout,
                           std::vector<model::NormalisedKey> split_points)
    : id_(state::MakeTableId(random_)), layout_(std::move(layout)) {
  Commit(state::DefineTable{{.schema = layout_->schema(), .properties = {}}, std::move(split_points)});
}

std::unique_ptr<state::TableLog> SplitFixture::OpenLog(store::ObjectStore& port) {
  return std::make_unique<state::TableLog>(port, clock_, random_, executor_, state::LogLayout::ForTable(id_),
                                           Impatient());
}

model::FileRecord SplitFixture::AddFile(std::initializer_list<std::string> columns) {
  return AddFile(columnar::BatchOf(layout_, columns));
}

model::FileRecord SplitFixture::AddFile(const columnar::Batch& rows) {
  const columnar::Batch sorted = columnar::SortedCopy(std::vector{rows});
  const state::TableStatePtr state = State();
  const model::FileId id = state::MakeFileId(state->number(), random_);
  const CallContext call;
  auto writer = ValueOf(file::DataFileWriter::Open(objects_, state::DataFilePath(id_, id), layout_, settings, call));
  const Status written = writer->Write(sorted);
  SLEEPER_CHECK(written.ok(), written.ToString());
  state::NewFile file{ValueOf(writer->Finish()).Record(id, state->number()), {}};
  columnar::KeyColumn keys;
  const Status encoded = keys.EncodeRowKeys(sorted);
  SLEEPER_CHECK(encoded.ok(), encoded.ToString());
  for (const model::Partition& leaf : state->partitions().All()) {
    const int64_t begin = keys.LowerBound(leaf.interval.lower);
    const int64_t end = leaf.interval.upper ? keys.LowerBound(*leaf.interval.upper) : keys.rows();
    if (end > begin) file.slices.push_back({leaf.interval, end - begin});
  }
  Commit(state::AddFiles{std::nullopt, state->shape_hash(), {file}});
  return file.record;
}

void SplitFixture::Commit(state::Transaction transaction) {
  const auto log = OpenLog(objects_);
  state::TableCommitter committer(*log);
  const auto committed = committer.Commit(std::move(transaction), CallContext());
  SLEEPER_CHECK(committed.ok(), committed.status().ToString());
}

state::TableStatePtr SplitFixture::State() { return ValueOf(OpenLog(objects_)->Refresh(CallContext())); }

std::vector<int64_t> SplitFixture::RowsOfPartitions() {
  const state::TableStatePtr state = State();
  std::vector<int64_t> rows;
  for (const model::Partition& leaf : state->partitions().All()) {
    rows.push_back(0);
    for (const state::ReferencedFile& file : state->FilesIn(leaf.interval)) {
      const auto reader =
          ValueOf(file::DataFileReader::Open(objects_, state::DataFilePath(id_, file.file.id), file.file.size_bytes,
                                             file.file.tail_bytes, layout_, CallContext()));
      file::ScanRequest scan;
      scan.intervals = {file.reference.interval};
      const auto stream = reader->Scan(scan, CallContext());
      while (const auto batch = ValueOf(stream->Next())) rows.back() += batch->rows();
    }
  }
  return rows;
}

void SplitFixture::DeleteObject(const model::FileRecord& file) {
  const Status deleted = objects_.Delete(std::vector{state::DataFilePath(id_, file.id)}, CallContext());
  SLEEPER_CHECK(deleted.ok(), deleted.ToString());
}

Result<SplitReport> SplitFixture::Split(const SplitPolicy& policy, store::ObjectStore& port) {
  const auto log = OpenLog(port);
  state::TableCommitter committer(*log);
  return SplitTable({port, executor_, id_, *log, committer}, policy, CallContext());
}

Result<SplitReport> SplitFixture::SplitAt(const std::vector<model::NormalisedKey>& points, store::ObjectStore& port) {
  const auto log = OpenLog(port);
  state::TableCommitter committer(*log);
  return SplitTableAt({port, executor_, id_, *log, committer}, points, CallContext());
}

}  // namespace sleeper::split
