#include "sleeper/split/testing/split_fixture.h"

#include <utility>

#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"

namespace sleeper::split {
namespace {

using model::ValueOf;

}  // namespace

SplitFixture::SplitFixture(std::shared_ptr<const columnar::Layout> layout,
                           std::vector<model::NormalisedKey> split_points)
    : id_(state::MakeTableId(random_)), layout_(std::move(layout)) {
  Commit(state::DefineTable{{.schema = layout_->schema(), .properties = {}}, std::move(split_points)});
}

std::unique_ptr<state::TableLog> SplitFixture::OpenLog(store::ObjectStore& port) {
  return std::make_unique<state::TableLog>(port, clock_, random_, executor_, state::LogLayout::ForTable(id_),
                                           state::ImpatientLog());
}

model::FileRecord SplitFixture::AddFile(std::initializer_list<std::string> columns) {
  return AddFile(columnar::BatchOf(layout_, columns));
}

model::FileRecord SplitFixture::AddFile(const columnar::Batch& rows) {
  const columnar::Batch sorted = columnar::SortedCopy(std::vector{rows});
  const state::TableStatePtr state = State();
  const model::FileId id = state::MakeFileId(state->number(), random_);
  const store::ObjectPath path = state::DataFilePath(id_, id);
  state::NewFile file{file::WriteDataFile(objects_, path, sorted, settings).Record(id, state->number()), {}};
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
      const store::ObjectPath path = state::DataFilePath(id_, file.file.id);
      for (const columnar::Batch& batch :
           file::ReadDataFile(objects_, path, file.file, file.reference.interval, layout_)) {
        rows.back() += batch.rows();
      }
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
