#include "sleeper/check/testing/checked_table.h"

#include <utility>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/impatient_log.h"

namespace sleeper::check {
namespace {

using model::ValueOf;

constexpr std::string_view kSchema = R"({"rowKeyFields": [{"name": "key", "type": "LongType"}],
                                         "valueFields": [{"name": "text", "type": "StringType"}]})";

}  // namespace

Status CheckedTable::Interruption::Before(const store::StoreCall& call) {
  const bool is_due = call.function == store::StoreFunction::kList && call.path == state::DataPrefix(table_.id_);
  if (is_due && table_.before_listing_) std::exchange(table_.before_listing_, nullptr)();
  return Status::OK();
}

CheckedTable::CheckedTable(std::vector<int64_t> split_points)
    : id_(state::MakeTableId(random_)), layout_(columnar::LayoutOf(kSchema)) {
  log_ = std::make_unique<state::TableLog>(objects_, clock_, random_, executor_, state::LogLayout::ForTable(id_),
                                           state::ImpatientLog());
  committer_ = std::make_unique<state::TableCommitter>(*log_);
  std::vector<model::NormalisedKey> keys;
  for (const int64_t point : split_points) keys.push_back(KeyOf(point));
  Commit(state::DefineTable{{.schema = layout_->schema(), .properties = {}}, std::move(keys)});
}

model::FileRecord CheckedTable::WriteFile(int64_t first, int64_t end, const std::string& prefix) {
  std::string keys;
  std::string texts;
  for (int64_t key = first; key < end; ++key) {
    keys += (keys.empty() ? "" : ",") + std::to_string(key);
    texts += (texts.empty() ? "\"" : ",\"") + prefix + std::to_string(key) + "\"";
  }
  const model::LogNumber birth = State()->number();
  const model::FileId id = state::MakeFileId(birth, random_);
  file::DataFileSettings settings;
  settings.page_rows_max = 16;
  settings.codec = model::CompressionCodec::kUncompressed;
  const columnar::Batch rows = columnar::BatchOf(layout_, {"[" + keys + "]", "[" + texts + "]"});
  return file::WriteDataFile(objects_, state::DataFilePath(id_, id), rows, settings).Record(id, birth);
}

void CheckedTable::Add(const model::FileRecord& file, std::vector<state::IntervalRows> slices) {
  if (slices.empty()) slices.push_back({model::KeyInterval::All(), file.rows});
  Commit(state::AddFiles{std::nullopt, State()->shape_hash(), {{file, std::move(slices)}}});
}

model::FileRecord CheckedTable::AddFile(int64_t first, int64_t end, const std::string& prefix) {
  model::FileRecord file = WriteFile(first, end, prefix);
  Add(file);
  return file;
}

void CheckedTable::Clear() { Commit(state::ClearTable{State()->number()}); }

void CheckedTable::Commit(state::Transaction transaction) {
  const auto committed = committer_->Commit(std::move(transaction), CallContext());
  SLEEPER_CHECK(committed.ok(), committed.status().ToString());
}

void CheckedTable::WriteSnapshot() {
  const auto written = log_->WriteSnapshot(CallContext());
  SLEEPER_CHECK(written.ok(), written.status().ToString());
}

state::TableStatePtr CheckedTable::State() { return ValueOf(log_->Refresh(CallContext())); }

store::ObjectPath CheckedTable::PathOf(const model::FileRecord& file) const {
  return state::DataFilePath(id_, file.id);
}

std::string CheckedTable::Read(const store::ObjectPath& path) {
  return std::string(ValueOf(objects_.Get(path, CallContext())).bytes.view());
}

void CheckedTable::Write(const store::ObjectPath& path, std::string bytes) {
  const auto put = objects_.Put(path, Buffer::FromString(std::move(bytes)), store::PutMode::kReplace, CallContext());
  SLEEPER_CHECK(put.ok(), put.status().ToString());
}

void CheckedTable::Delete(const store::ObjectPath& path) {
  const Status deleted = objects_.Delete(std::vector{path}, CallContext());
  SLEEPER_CHECK(deleted.ok(), deleted.ToString());
}

Result<CheckReport> CheckedTable::Check(const CheckRequest& request) {
  // Another process, which has not seen the table before.
  state::TableLog log(interruption_, clock_, random_, executor_, state::LogLayout::ForTable(id_),
                      state::ImpatientLog());
  return CheckTable({interruption_, executor_, id_, log}, request, CallContext());
}

model::NormalisedKey KeyOf(int64_t number) { return model::EncodeKey(std::vector<model::KeyValue>{number}); }

std::vector<std::string> TextOf(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) {
    texts.push_back(std::string(NameOf(finding.kind)) + " " + finding.object + ": " + finding.why);
  }
  return texts;
}

}  // namespace sleeper::check
