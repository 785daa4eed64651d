#include "sleeper/collect/testing/stored_table.h"

#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::collect {
namespace {

constexpr int kThreads = 2;
constexpr int64_t kRows = 10;
constexpr std::string_view kFileBytes = "a thousand rows, or so";

using model::ValueOf;

state::LogOptions Impatient() {
  state::LogOptions options = state::ImpatientLog();
  options.resolve_attempts_max = 3;
  return options;
}

}  // namespace

StoredTable::StoredTable(model::PropertyMap properties)
    : executor_(std::make_unique<ThreadExecutor>(kThreads, worker_clock_)) {
  registry_ = std::make_unique<state::Registry>(calls_, worker_clock_, random_, *executor_, Impatient());
  const state::NewTable table{model::TableName("table"), state::SampleDefinition(std::move(properties)), {"m"}};
  id_ = ValueOf(registry_->CreateTable(table, {})).id;
  Restart();
}

void StoredTable::Restart() {
  committer_.reset();
  faults_.Revive();
  log_ = std::make_unique<state::TableLog>(calls_, worker_clock_, random_, *executor_, state::LogLayout::ForTable(id_),
                                           Impatient());
  committer_ = std::make_unique<state::TableCommitter>(*log_);
}

TablePorts StoredTable::ports() { return {calls_, *executor_, random_, id_, *log_, *committer_}; }

state::NewFile StoredTable::PutFile() {
  state::NewFile file;
  file.record.birth = ValueOf(log_->Refresh({}))->number();
  file.record.id = state::MakeFileId(file.record.birth, random_);
  file.record.size_bytes = static_cast<int64_t>(kFileBytes.size());
  file.record.tail_bytes = 1;
  file.record.bounds = {"b", "c"};
  file.record.rows = kRows;
  file.record.row_hash = state::HashOfRows(0, kRows);
  file.slices = {{model::KeyInterval::All(), kRows}};
  Put(state::DataFilePath(id_, file.record.id).value());
  return file;
}

std::string StoredTable::Add(const state::NewFile& file) {
  const std::string shape = ValueOf(log_->Refresh({}))->shape_hash();
  return Commit(state::AddFiles{.job = std::nullopt, .shape_hash = shape, .files = {file}});
}

state::NewFile StoredTable::AddFile() {
  state::NewFile file = PutFile();
  const std::string added = Add(file);
  SLEEPER_CHECK(added == "applied", "the file was not added: ", added);
  return file;
}

void StoredTable::Clear() {
  const std::string cleared = Commit(state::ClearTable{ValueOf(log_->Refresh({}))->number()});
  SLEEPER_CHECK(cleared == "applied", "the table was not cleared: ", cleared);
}

std::string StoredTable::Commit(state::Transaction transaction) {
  const Result<state::CommitOutcome> committed = committer_->Commit(std::move(transaction), {});
  if (!committed.ok()) return std::string(ErrorKindName(KindOf(committed.status())));
  return committed->outcomes.front().applied() ? "applied" : "already done";
}

void StoredTable::Put(const std::string& path) {
  ValueOf(
      objects_.Put(store::ObjectPath(path), Buffer::FromString(std::string(kFileBytes)), store::PutMode::kReplace, {}));
}

bool StoredTable::Exists(const store::ObjectPath& path) { return objects_.Head(path, {}).ok(); }

std::vector<std::string> StoredTable::Objects(const store::ObjectPath& prefix) {
  std::vector<std::string> paths;
  for (const store::ObjectInfo& info : ValueOf(objects_.List(prefix, {}, 1'000, {})).objects) {
    paths.push_back(info.path.value());
  }
  return paths;
}

state::TableStatePtr StoredTable::State() {
  state::TableLog log(objects_, worker_clock_, random_, *executor_, state::LogLayout::ForTable(id_), Impatient());
  return ValueOf(log.Refresh({}));
}

}  // namespace sleeper::collect
