#include "sleeper/state/registry_machine.h"

#include <iterator>
#include <utility>
#include <variant>

#include "sleeper/model/properties.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/layout.h"

namespace sleeper::state {

namespace {

// The sections of a snapshot; final.
constexpr uint32_t kTables = 1;
constexpr uint32_t kNames = 2;
constexpr uint32_t kGone = 3;
constexpr uint32_t kBeingDropped = 4;
/// The version of snapshots that knows kBeingDropped.
constexpr uint32_t kVersionWithDrops = 2;

Status UnknownTable(const model::TableId& id) {
  return Error(ErrorKind::kNotFound, "there is no table with the id ", id);
}

Status CheckName(const model::TableName& name) {
  if (IsTableName(name)) return Status::OK();
  return WithHint(Error(ErrorKind::kInvalid, "not a name of a table: ", name),
                  "use 1 to 200 letters, digits, dots, underscores and hyphens, beginning with a letter or digit");
}

}  // namespace

/// A registry that is being changed by one transaction.
struct RegistryMachine::Edit {
  const RegistryState& base;
  model::LogNumber number;
  MapEdit tables{base.tables_};
  MapEdit names{base.names_};
  MapEdit gone{base.gone_};
  MapEdit being_dropped{base.being_dropped_};
  model::PropertyMap properties = base.properties_;
  int64_t properties_version = base.properties_version_;

  void Put(const RegisteredTable& table) {
    tables.Put({table.name.value()}, EncodeFields(table));
    names.Put({table.id.value()}, table.name.value());
  }

  Status CheckFree(const model::TableName& name) const {
    if (!base.Find(name)) return Status::OK();
    return Error(ErrorKind::kConflict, "there is a table called ", name, " already");
  }

  /// The table with the id, if it has the name. Whoever asks has looked the name up, and it may have changed since.
  Result<RegisteredTable> FindNamed(const model::TableId& id, const model::TableName& name) const {
    std::optional<RegisteredTable> table = base.Find(id);
    if (!table && base.IsGone(id)) return Error(ErrorKind::kNotFound, "table ", name, " was deleted meanwhile");
    if (!table) return UnknownTable(id);
    if (table->name == name) return std::move(*table);
    return WithHint(
        Error(ErrorKind::kConflict, "table ", name, " was renamed to ", table->name, " meanwhile; nothing was done"),
        "see what the tables are called now: sleeper table list");
  }

  Result<TransactionOutcome> GiveName(RegisteredTable table, const model::TableName& name) {
    if (table.name == name) return TransactionOutcome::AlreadyDone();
    if (base.IsBeingDropped(table.id)) return Error(ErrorKind::kConflict, "table ", table.name, " is being deleted");
    TRY(CheckFree(name));
    tables.Erase({table.name.value()});
    table.name = name;
    Put(table);
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const RegisterTable& transaction) {
    TRY(CheckName(transaction.name));
    if (!IsTableId(transaction.id)) return Error(ErrorKind::kInvalid, "not an id of a table: ", transaction.id);
    if (const std::optional<RegisteredTable> known = base.Find(transaction.id)) {
      if (known->name == transaction.name) return TransactionOutcome::AlreadyDone();
      return Error(ErrorKind::kConflict, "the id ", transaction.id, " is that of table ", known->name);
    }
    if (base.IsGone(transaction.id)) {
      return Error(ErrorKind::kConflict, "the id ", transaction.id, " is barred: its table was dropped or given up");
    }
    TRY(CheckFree(transaction.name));
    Put({transaction.id, transaction.name, true, number});
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const RenameTable& transaction) {
    TRY(CheckName(transaction.name));
    std::optional<RegisteredTable> table = base.Find(transaction.id);
    if (!table) return UnknownTable(transaction.id);
    return GiveName(std::move(*table), transaction.name);
  }

  Result<TransactionOutcome> Apply(const RenameTableFrom& transaction) {
    TRY(CheckName(transaction.to));
    TRY_ASSIGN(RegisteredTable table, FindNamed(transaction.id, transaction.from));
    return GiveName(std::move(table), transaction.to);
  }

  Result<TransactionOutcome> Apply(const BeginTableDrop& transaction) {
    TRY_ASSIGN(const RegisteredTable table, FindNamed(transaction.id, transaction.name));
    if (base.IsBeingDropped(table.id)) return TransactionOutcome::AlreadyDone();
    being_dropped.Put({table.id.value()}, {});
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const SetTableOnline& transaction) {
    std::optional<RegisteredTable> table = base.Find(transaction.id);
    if (!table) return UnknownTable(transaction.id);
    if (table->online == transaction.online) return TransactionOutcome::AlreadyDone();
    table->online = transaction.online;
    Put(*table);
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const UnregisterTable& transaction) {
    const std::optional<RegisteredTable> table = base.Find(transaction.id);
    if (!table && base.IsGone(transaction.id)) return TransactionOutcome::AlreadyDone();
    if (!table) return UnknownTable(transaction.id);
    tables.Erase({table->name.value()});
    names.Erase({table->id.value()});
    being_dropped.Erase({table->id.value()});
    gone.Put({table->id.value()}, {});
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const BarTable& transaction) {
    if (!IsTableId(transaction.id)) return Error(ErrorKind::kInvalid, "not an id of a table: ", transaction.id);
    if (base.IsGone(transaction.id)) return TransactionOutcome::AlreadyDone();
    if (const std::optional<RegisteredTable> table = base.Find(transaction.id)) {
      return Error(ErrorKind::kConflict, "the id ", transaction.id, " is that of table ", table->name);
    }
    gone.Put({transaction.id.value()}, {});
    return TransactionOutcome::Applies();
  }

  Result<TransactionOutcome> Apply(const SetInstanceProperties& transaction) {
    if (transaction.based_on != properties_version) {
      return Error(ErrorKind::kConflict, "the properties of the instance have changed meanwhile");
    }
    if (transaction.properties == properties) return TransactionOutcome::AlreadyDone();
    properties = transaction.properties;
    ++properties_version;
    return TransactionOutcome::Applies();
  }

  RegistryStatePtr Finish() {
    auto next = std::make_shared<RegistryState>(base);
    next->number_ = number;
    next->tables_ = tables.Finish();
    next->names_ = names.Finish();
    next->gone_ = gone.Finish();
    next->being_dropped_ = being_dropped.Finish();
    next->properties_ = std::move(properties);
    next->properties_version_ = properties_version;
    return next;
  }
};

RegistryTransition RegistryMachine::Apply(const RegistryStatePtr& state, const Transaction& transaction,
                                          model::LogNumber number) {
  Edit edit{*state, number};
  Result<TransactionOutcome> outcome =
      std::visit([&](const auto& alternative) { return edit.Apply(alternative); }, transaction);
  if (!outcome.ok()) return {TransactionOutcome::Refused(outcome.status()), state};
  if (!outcome->applied()) return {std::move(outcome).ValueUnsafe(), state};
  return {TransactionOutcome::Applies(), edit.Finish()};
}

std::string RegistryMachine::Encode(const Transaction& transaction) { return EncodeFields(transaction); }

Result<RegistryTransaction> RegistryMachine::Decode(std::string_view bytes) {
  return DecodeFields<RegistryTransaction>(bytes);
}

SnapshotContents RegistryMachine::Dump(const RegistryState& state) {
  ByteWriter header;
  FieldEncoder fields(header);
  fields.Value(state.properties_);
  fields.Value(state.properties_version_);
  SnapshotContents contents{.header = std::move(header).Take(),
                            .sections = {{kTables, state.tables_}, {kNames, state.names_}, {kGone, state.gone_}}};
  if (state.being_dropped_.size() > 0) {
    contents.sections.push_back({kBeingDropped, state.being_dropped_});
    contents.version = kVersionWithDrops;
  }
  return contents;
}

Status RegistryMachine::CheckEntry(uint32_t section, MapKey, std::string_view value) {
  return section == kTables ? DecodeFields<RegisteredTable>(value).status() : Status::OK();
}

Result<RegistryStatePtr> RegistryMachine::Load(model::LogNumber number, const SnapshotContents& contents) {
  auto state = std::make_shared<RegistryState>(RegistryState());
  state->number_ = number;
  FieldDecoder header(contents.header);
  state->properties_ = header.Value<model::PropertyMap>();
  state->properties_version_ = header.Value<int64_t>();
  TRY(header.Finish());
  PersistentMap* const maps[] = {&state->tables_, &state->names_, &state->gone_, &state->being_dropped_};
  constexpr uint32_t kIds[] = {kTables, kNames, kGone, kBeingDropped};
  const size_t count = contents.sections.size();
  if (count < std::size(maps) - 1 || count > std::size(maps)) {
    return Error(ErrorKind::kCorrupt, "the registry has other parts");
  }
  for (size_t i = 0; i < count; ++i) {
    const SnapshotSection& section = contents.sections[i];
    if (section.id != kIds[i] || section.map.suffix_bytes() != maps[i]->suffix_bytes()) {
      return Error(ErrorKind::kCorrupt, "part ", section.id, " of the registry is not where it should be");
    }
    *maps[i] = section.map;
  }
  if (state->names_.size() != state->tables_.size()) {
    return Error(ErrorKind::kCorrupt, "the registry has ", state->tables_.size(), " tables, and ids of ",
                 state->names_.size());
  }
  // As many names as tables, and each table under its own: they agree both ways.
  for (PersistentMap::Cursor at = state->tables_.Begin(); at.valid(); at.Next()) {
    TRY_ASSIGN(const RegisteredTable table, DecodeFields<RegisteredTable>(at.value()));
    if (table.name.value() != at.key().head || state->names_.Find({table.id.value()}) != at.key().head) {
      return Error(ErrorKind::kCorrupt, "table ", table.id, " of the registry has two names");
    }
  }
  for (PersistentMap::Cursor at = state->being_dropped_.Begin(); at.valid(); at.Next()) {
    if (state->names_.Find({at.key().head})) continue;
    return Error(ErrorKind::kCorrupt, "a table of the registry is being dropped and is not listed");
  }
  return RegistryStatePtr(std::move(state));
}

}  // namespace sleeper::state
