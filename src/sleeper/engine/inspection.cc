#include "sleeper/engine/inspection.h"

#include <nlohmann/json.hpp>

#include "sleeper/columnar/layout.h"
#include "sleeper/engine/footer_json.h"
#include "sleeper/engine/table_parts.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/report/describe_json.h"
#include "sleeper/report/log_json.h"
#include "sleeper/report/state_json.h"
#include "sleeper/state/slot_log.h"

namespace sleeper::engine {
namespace {

using nlohmann::ordered_json;

state::SlotLog SlotsOf(TableParts& parts) {
  return {parts.ports.store, parts.ports.executor, state::LogLayout::ForTable(parts.registered.id)};
}

/// The transactions of an entry, also those that stand in objects of their own.
Result<std::vector<state::Transaction>> TransactionsOf(state::SlotLog& slots, const state::LogEntry& entry,
                                                       const CallContext& call) {
  std::vector<state::Transaction> transactions;
  for (const auto& item : entry.transactions) {
    std::string bytes;
    if (const auto* body = std::get_if<state::BodyReference>(&item)) {
      TRY_ASSIGN(bytes, slots.ReadBody(*body, call));
    } else {
      bytes = std::get<std::string>(item);
    }
    TRY_ASSIGN(state::Transaction transaction, state::TableMachine::Decode(bytes));
    transactions.push_back(std::move(transaction));
  }
  return transactions;
}

}  // namespace

Result<ordered_json> Inspection::Log(int64_t entries_max, const CallContext& call) {
  state::SlotLog slots = SlotsOf(*table_.parts_);
  TRY_ASSIGN(const std::optional<state::Slot> newest, slots.Newest(call));
  ordered_json list = ordered_json::array();
  if (!newest) return list;
  for (model::LogNumber number = newest->number; number > 0; --number) {
    if (static_cast<int64_t>(list.size()) >= entries_max) break;
    TRY_ASSIGN(const std::optional<state::LogEntry> entry, slots.Read(number, call));
    // Older ones were truncated.
    if (!entry) break;
    TRY_ASSIGN(const auto transactions, TransactionsOf(slots, *entry, call));
    list.push_back(report::EntryLineJson(*entry, transactions));
  }
  return list;
}

Result<ordered_json> Inspection::Entry(model::LogNumber number, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, table_.State(call));
  state::SlotLog slots = SlotsOf(*table_.parts_);
  TRY_ASSIGN(const std::optional<state::LogEntry> entry, slots.Read(number, call));
  if (!entry) {
    return Error(ErrorKind::kNotFound, "the log of table ", table_.name(), ", which ends at ", state->number(),
                 ", has no entry ", number);
  }
  TRY_ASSIGN(const auto transactions, TransactionsOf(slots, *entry, call));
  return report::EntryJson(*entry, transactions, state->definition().schema);
}

Result<ordered_json> Inspection::State(int64_t items_max, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, table_.State(call));
  return report::StateJson(*state, items_max);
}

Result<ordered_json> Inspection::File(const model::FileId& file, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, table_.State(call));
  const std::optional<state::TrackedFile> tracked = state->FindFile(file);
  if (!tracked) return Error(ErrorKind::kNotFound, "table ", table_.name(), " has no file ", file);
  const model::Schema& schema = state->definition().schema;
  TRY_ASSIGN(const auto reader, table_.parts_->files.Open(tracked->record, columnar::Layout::Of(schema), call));
  const file::DataFileSummary& summary = reader->summary();
  if (summary.Record(file, tracked->record.birth) != tracked->record) {
    return Error(ErrorKind::kCorrupt, "file ", file, " is not the one that the log of table ", table_.name(), " names");
  }
  const file::ScanEstimate whole = reader->Estimate({});
  ordered_json samples = ordered_json::array();
  for (const file::KeySample& sample : reader->page_keys()) {
    samples.push_back({{"key", report::KeyJson(schema, sample.key)}, {"rows", sample.rows}});
  }
  ordered_json json = report::TrackedFileJson(*state, *tracked);
  json["object"] = state::DataFilePath(table_.id(), file).value();
  json["pages"] = whole.pages;
  json["pageBytes"] = whole.bytes;
  json["rowGroups"] = RowGroupsJson(reader->footer(), schema);
  json["keyPages"] = std::move(samples);
  return json;
}

}  // namespace sleeper::engine
