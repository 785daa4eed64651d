#include "sleeper/query/testing/query_table.h"

#include <utility>

#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/key_text.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"

namespace sleeper::query {
namespace {

using model::ValueOf;

}  // namespace

QueryTable::QueryTable(std::shared_ptr<const columnar::Layout> layout, std::vector<model::NormalisedKey> split_points)
    : id_(state::MakeTableId(random_)), layout_(std::move(layout)) {
  log_ = std::make_unique<state::TableLog>(recorded_, clock_, random_, executor_, state::LogLayout::ForTable(id_),
                                           state::ImpatientLog());
  committer_ = std::make_unique<state::TableCommitter>(*log_);
  Restart();
  Commit(state::DefineTable{{.schema = layout_->schema(), .properties = {}}, std::move(split_points)});
}

state::NewFile QueryTable::WriteFile(const columnar::Batch& rows, const state::TableState& state) {
  const columnar::Batch sorted = columnar::SortedCopy(std::vector{rows});
  const model::FileId id = state::MakeFileId(state.number(), random_);
  const store::ObjectPath path = state::DataFilePath(id_, id);
  state::NewFile file{file::WriteDataFile(objects_, path, sorted, settings).Record(id, state.number()), {}};
  columnar::KeyColumn keys;
  const Status encoded = keys.EncodeRowKeys(sorted);
  SLEEPER_CHECK(encoded.ok(), encoded.ToString());
  for (const model::Partition& leaf : state.partitions().All()) {
    const int64_t begin = keys.LowerBound(leaf.interval.lower);
    const int64_t end = leaf.interval.upper ? keys.LowerBound(*leaf.interval.upper) : keys.rows();
    if (end > begin) file.slices.push_back({leaf.interval, end - begin});
  }
  return file;
}

model::FileRecord QueryTable::AddFile(const columnar::Batch& rows) {
  const state::TableStatePtr state = State();
  state::NewFile file = WriteFile(rows, *state);
  Commit(state::AddFiles{std::nullopt, state->shape_hash(), {file}});
  return file.record;
}

model::FileRecord QueryTable::AddFile(std::initializer_list<std::string> columns) {
  return AddFile(columnar::BatchOf(layout_, columns));
}

std::vector<model::Region> QueryTable::Regions(std::vector<std::string> keys, std::vector<std::string> ranges) const {
  return ValueOf(model::RegionsFromText(layout_->schema(), keys, ranges));
}

Result<std::vector<std::string>> QueryTable::Rows(const QueryRequest& request) {
  TRY_ASSIGN(const auto rows, Run(request));
  TRY_ASSIGN(const std::vector<columnar::Batch> batches, rows::Collect(*rows));
  return columnar::TextOf(batches);
}

Result<std::unique_ptr<rows::RowStream>> QueryTable::Run(const QueryRequest& request) {
  return RunQuery(ports(), request, CallContext());
}

void QueryTable::Rewrite(const std::vector<columnar::Batch>& files) {
  const state::TableStatePtr before = State();
  state::AddFiles adding{std::nullopt, before->shape_hash(), {}};
  for (const columnar::Batch& rows : files) adding.files.push_back(WriteFile(rows, *before));
  Commit({state::ClearTable{before->number()}, std::move(adding)});
  for (const state::TrackedFile& file : before->Files()) DeleteObject(file.record);
}

void QueryTable::Commit(state::Transaction transaction) { Commit(std::vector{std::move(transaction)}); }

void QueryTable::Commit(std::vector<state::Transaction> transactions) {
  const auto committed = committer_->Commit(std::move(transactions), CallContext());
  SLEEPER_CHECK(committed.ok(), committed.status().ToString());
  for (const state::TransactionOutcome& outcome : committed->outcomes) {
    SLEEPER_CHECK(outcome.applied(), "a transaction was refused");
  }
}

state::TableStatePtr QueryTable::State() { return ValueOf(log_->Refresh(CallContext())); }

void QueryTable::ClearAndCollect() {
  const state::TableStatePtr before = State();
  Commit(state::ClearTable{before->number()});
  for (const state::TrackedFile& file : before->Files()) DeleteObject(file.record);
}

void QueryTable::DeleteObject(const model::FileRecord& file) {
  const Status deleted = objects_.Delete(std::vector{state::DataFilePath(id_, file.id)}, CallContext());
  SLEEPER_CHECK(deleted.ok(), deleted.ToString());
}

void QueryTable::RestartOn(store::ObjectStore& port) {
  port_ = &port;
  Restart();
}

}  // namespace sleeper::query
