#include "sleeper/state/inspect.h"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/base/time.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/state_digest.h"
#include "sleeper/state/table_machine.h"

namespace sleeper::state {

namespace {

using Json = nlohmann::ordered_json;

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (char byte : bytes) {
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

std::string_view Name(JobKind kind) {
  static constexpr std::string_view kNames[] = {"ingest", "compaction", "import", "export"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view Name(JobResult result) {
  static constexpr std::string_view kNames[] = {"finished", "failed", "released"};
  return kNames[static_cast<size_t>(result)];
}

/// A visitor that makes JSON of what is described.
class JsonWriter {
 public:
  static constexpr bool kFillsIn = false;

  explicit JsonWriter(const model::Schema* schema) : schema_(schema) {}

  template <typename T>
  void Field(std::string_view name, const T& value) {
    object_[std::string(name)] = ToJson(value);
  }
  template <typename T>
  void Key(std::string_view name, const T& value) {
    object_[std::string(name)] = KeyToJson(value);
  }

  Json KeyToJson(const std::string& key) const {
    return schema_ == nullptr ? Hex(key) : model::FormatKey(schema_->row_key_fields(), key);
  }
  Json KeyToJson(const std::optional<std::string>& key) const { return key ? KeyToJson(*key) : Json(nullptr); }
  Json KeyToJson(const std::vector<std::string>& keys) const {
    Json list = Json::array();
    for (const std::string& key : keys) list.push_back(KeyToJson(key));
    return list;
  }

  template <typename T>
  requires std::is_arithmetic_v<T> Json ToJson(T value)
  const { return value; }
  template <typename E>
  requires std::is_enum_v<E> Json ToJson(E value)
  const { return Name(value); }
  Json ToJson(const std::string& value) const { return value; }
  template <IdTag kTag>
  Json ToJson(const StrongId<kTag>& value) const {
    return value.value();
  }
  Json ToJson(const model::RowHash& value) const { return FormatDigest({value.low, value.high}); }
  Json ToJson(WallTime value) const { return FormatWallTime(value); }
  Json ToJson(const model::PropertyMap& value) const {
    Json object = Json::object();
    for (const auto& [name, text] : value) object[name] = text;
    return object;
  }
  Json ToJson(const model::TableDefinition& value) const {
    return {{"version", value.version},
            {"schema", Json::parse(model::WriteSchemaJson(value.schema))},
            {"properties", ToJson(value.properties)}};
  }
  template <typename T>
  Json ToJson(const std::optional<T>& value) const {
    return value ? ToJson(*value) : Json(nullptr);
  }
  template <typename T>
  Json ToJson(const std::vector<T>& values) const {
    Json list = Json::array();
    for (const T& value : values) list.push_back(ToJson(value));
    return list;
  }
  template <typename T>
  requires requires(JsonWriter& v, const T& x) { Describe(v, x); }
  Json ToJson(const T& value) const {
    JsonWriter inner(schema_);
    Describe(inner, value);
    return std::move(inner.object_);
  }

  Json ToJson(const model::FileReference& value) const {
    return {{"file", value.file.value()},    {"interval", ToJson(value.interval)}, {"rows", value.rows},
            {"rowsExact", value.rows_exact}, {"job", ToJson(value.job)},           {"attempts", value.attempts}};
  }
  Json ToJson(const TrackedFile& value) const {
    Json json = ToJson(value.record);
    json["references"] = value.references;
    if (value.references == 0) json["unreferencedSince"] = value.unreferenced_since;
    if (value.consumed_rows > 0) {
      json["consumedRows"] = value.consumed_rows;
      json["consumedHash"] = ToJson(value.consumed_hash);
    }
    if (value.waived) json["waived"] = true;
    return json;
  }

 private:
  const model::Schema* const schema_;
  Json object_ = Json::object();
};

std::string Dump(const Json& json) {
  // Ids and messages that are not UTF-8 are shown, not refused.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string_view TransactionKind(const Transaction& transaction) { return TransactionName(transaction); }

std::string_view TransactionKind(const RegistryTransaction& transaction) {
  static constexpr std::string_view kNames[] = {"RegisterTable",   "RenameTable",   "SetTableOnline",
                                                "UnregisterTable", "BarTable",      "SetInstanceProperties",
                                                "RenameTableFrom", "BeginTableDrop"};
  static_assert(std::size(kNames) == std::variant_size_v<RegistryTransaction>);
  return kNames[transaction.index()];
}

template <typename Machine>
Result<Json> TransactionToJson(std::string_view bytes, const model::Schema* schema) {
  TRY_ASSIGN(const typename Machine::Transaction transaction, Machine::Decode(bytes));
  Json json = {{"transaction", TransactionKind(transaction)}};
  const Json fields = std::visit([&](const auto& t) { return JsonWriter(schema).ToJson(t); }, transaction);
  json.update(fields);
  return json;
}

template <typename Machine>
Result<std::string> ShowEntry(std::string_view bytes, const model::Schema* schema) {
  TRY_ASSIGN(const LogEntry entry, DecodeEntry(bytes, "log entry"));
  const JsonWriter writer(schema);
  Json json = {{"number", entry.number},
               {"id", entry.id.value()},
               {"previous", entry.previous.empty() ? Json(nullptr) : Json(entry.previous.value())},
               {"writer", entry.writer},
               {"written", FormatWallTime(entry.written)},
               {"mark", writer.ToJson(entry.mark)},
               {"endsLog", entry.ends_log},
               {"digest", FormatDigest(entry.digest)},
               {"transactions", Json::array()}};
  for (const auto& part : entry.transactions) {
    if (const auto* body = std::get_if<BodyReference>(&part)) {
      json["transactions"].push_back({{"body", body->name.value()}, {"sizeBytes", body->size}});
      continue;
    }
    TRY_ASSIGN(Json transaction, TransactionToJson<Machine>(std::get<std::string>(part), schema));
    json["transactions"].push_back(std::move(transaction));
  }
  return Dump(json);
}

/// Adds up to `max` elements, and says how many were left out.
template <typename List>
void AddList(Json& json, const std::string& name, const List& list, int64_t max, const JsonWriter& writer) {
  json[name] = Json::array();
  int64_t left_out = 0;
  for (const auto& element : list) {
    if (static_cast<int64_t>(json[name].size()) < max) {
      json[name].push_back(writer.ToJson(element));
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) json[name + "LeftOut"] = left_out;
}

}  // namespace

Result<std::string> ShowTableEntry(std::string_view bytes, const model::Schema* schema) {
  return ShowEntry<TableMachine>(bytes, schema);
}

Result<std::string> ShowRegistryEntry(std::string_view bytes) { return ShowEntry<RegistryMachine>(bytes, nullptr); }

Result<std::string> ShowTableBody(std::string_view bytes, const model::Schema* schema) {
  TRY_ASSIGN(const std::string_view transaction, OpenFrame(kBodyMagic, kEntryVersion, bytes, "body"));
  TRY_ASSIGN(const Json json, TransactionToJson<TableMachine>(transaction, schema));
  return Dump(json);
}

Result<std::string> ShowSnapshot(const Buffer& bytes) {
  TRY_ASSIGN(const SnapshotSummary summary, SummariseSnapshot(bytes, "snapshot"));
  const SnapshotPosition& position = summary.position;
  Json json = {{"number", position.number},
               {"entry", position.ids.last_id().value()},
               {"idsRemembered", position.ids.size()},
               {"digest", FormatDigest(position.digest)},
               {"sizeBytes", bytes.size()},
               {"chunks", Json::array()}};
  for (const SnapshotChunk& chunk : summary.chunks) {
    json["chunks"].push_back({{"section", chunk.section},
                              {"offset", chunk.range.offset},
                              {"sizeBytes", chunk.range.size},
                              {"entries", chunk.entries},
                              {"firstKey", Hex(chunk.first_head)}});
  }
  return Dump(json);
}

std::string ShowTableState(const TableState& state, const ShowStateOptions& options) {
  const model::Schema* schema = nullptr;
  const bool defined = state.exists();
  if (defined) schema = &state.definition().schema;
  const JsonWriter writer(schema);
  Json json = {{"number", state.number()}, {"exists", state.exists()}, {"dropped", state.dropped()}};
  if (defined) json["definition"] = writer.ToJson(state.definition());
  json["shapeHash"] = state.shape_hash();
  json["sweepFloor"] = state.sweep_floor();
  json["lastAdd"] = state.last_add();
  json["digest"] = FormatDigest(state.digest());
  json["totals"] = writer.ToJson(state.totals());
  json["partitions"] = Json::array();
  int64_t partitions = 0;
  for (auto at = state.partitions().Begin(); at.valid() && partitions < options.elements_max; at.Next(), ++partitions) {
    const model::Partition partition = at.partition();
    json["partitions"].push_back({{"id", partition.id.value()}, {"interval", writer.ToJson(partition.interval)}});
  }
  if (partitions < state.partitions().size()) json["partitionsLeftOut"] = state.partitions().size() - partitions;
  json["references"] = Json::array();
  int64_t references = 0;
  for (ReferenceCursor at = state.References(); at.valid() && references < options.elements_max; at.Next()) {
    json["references"].push_back(writer.ToJson(at.reference()));
    ++references;
  }
  if (references < state.totals().references) json["referencesLeftOut"] = state.totals().references - references;
  AddList(json, "files", state.Files(), options.elements_max, writer);
  AddList(json, "unfinishedJobs", state.Jobs(), options.elements_max, writer);
  AddList(json, "outcomes", state.Outcomes(0, state.remembered_jobs()), options.elements_max, writer);
  AddList(json, "consumedInbox", state.ConsumedInbox(), options.elements_max, writer);
  return Dump(json);
}

std::string ShowRegistryState(const RegistryState& state) {
  const JsonWriter writer(nullptr);
  return Dump({{"number", state.number()},
               {"tables", writer.ToJson(state.Tables())},
               {"beingDropped", writer.ToJson(state.TablesBeingDropped())},
               {"gone", writer.ToJson(state.GoneTables())},
               {"properties", writer.ToJson(state.properties())},
               {"propertiesVersion", state.properties_version()},
               {"digest", FormatDigest(state.digest())}});
}

}  // namespace sleeper::state
