#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/property_settings.h"
#include "sleeper/cli/session.h"
#include "sleeper/cli/text_file.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

model::TableName TableNameOf(const Arguments& arguments, std::string_view positional = "TABLE") {
  return model::TableName(arguments.Text(positional).value_or(""));
}

Status Create(const Arguments& arguments, Session& session) {
  const std::optional<std::string> schema_file = arguments.Text("schema");
  if (!schema_file) return Error(ErrorKind::kInvalid, "table create: --schema FILE is missing");
  TRY_ASSIGN(const std::string schema_text, ReadTextFile(*schema_file));
  auto schema = model::ParseSchemaJson(schema_text);
  TRY(WithContext(schema.status(), *schema_file));
  engine::NewTableRequest request{
      .name = TableNameOf(arguments), .schema = *std::move(schema), .properties = {}, .split_points_file = {}};
  TRY_ASSIGN(request.properties, ParseSettings(arguments.Texts("set")));
  request.split_points_file = arguments.Text("split-points").value_or("");
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY_ASSIGN(const auto table, instance->CreateTable(request, session.call()));
  TRY_ASSIGN(const auto state, table->State(session.call()));
  const int64_t partitions = state->partitions().size();
  return session.Summarise({{"name", table->name().value()}, {"id", table->id().value()}, {"partitions", partitions}},
                           "created table " + table->name().value() + " with " + Counted(partitions, "partition"));
}

Status List(const Arguments&, Session& session) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY_ASSIGN(const auto tables, instance->Tables(session.call()));
  if (session.json()) {
    ordered_json list = ordered_json::array();
    for (const auto& table : tables) {
      list.push_back({{"name", table.name.value()},
                      {"id", table.id.value()},
                      {"online", table.online},
                      {"beingDeleted", instance->IsBeingDropped(table.id)}});
    }
    return session.PrintJson(list);
  }
  std::string text;
  for (const auto& table : tables) {
    const std::string_view note = instance->IsBeingDropped(table.id) ? "  (being deleted)"
                                  : table.online                     ? ""
                                                                     : "  (offline)";
    text += table.name.value() + std::string(session.settings().quiet ? "" : note) + "\n";
  }
  if (tables.empty()) session.Note("no tables; make one: sleeper table create NAME --schema FILE");
  return session.Print(text);
}

std::string_view SourceName(model::PropertySource source) {
  switch (source) {
    case model::PropertySource::kTable:
      return "table";
    case model::PropertySource::kInstance:
      return "instance";
    case model::PropertySource::kBuiltIn:
      return "built-in";
  }
  return "";
}

std::string DescribeFields(const model::Schema& schema) {
  std::vector<std::vector<std::string>> rows = {{"field", "type", "role"}};
  for (int column = 0; column < schema.field_count(); ++column) {
    const model::Field& field = schema.field(column);
    const std::string role = schema.IsRowKey(column) ? "row key" : schema.IsKey(column) ? "sort key" : "value";
    rows.push_back({field.name, field.type.ToString(), role + (field.nullable ? ", nullable" : "")});
  }
  return AlignedTable(rows, {false, false, false});
}

std::string DescribeProperties(const std::vector<model::EffectiveProperty>& properties, bool all) {
  std::vector<std::vector<std::string>> rows = {{"property", "value", "set for"}};
  for (const model::EffectiveProperty& property : properties) {
    if (all || property.source != model::PropertySource::kBuiltIn) {
      rows.push_back({property.name, property.value, std::string(SourceName(property.source))});
    }
  }
  return rows.size() == 1 ? "all properties have their built-in values; --all lists them\n"
                          : AlignedTable(rows, {false, false, false});
}

ordered_json PropertiesJson(const std::vector<model::EffectiveProperty>& properties) {
  ordered_json list = ordered_json::array();
  for (const model::EffectiveProperty& property : properties) {
    list.push_back({{"name", property.name}, {"value", property.value}, {"source", SourceName(property.source)}});
  }
  return list;
}

Status DescribeTable(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const auto state, table->State(session.call()));
  TRY_ASSIGN(const model::Properties properties, table->Properties(session.call()));
  const model::Schema& schema = state->definition().schema;
  const auto effective = properties.List();
  if (session.json()) {
    return session.PrintJson({{"name", table->name().value()},
                              {"id", table->id().value()},
                              {"online", table->online()},
                              {"definitionVersion", state->definition().version},
                              {"partitions", state->partitions().size()},
                              {"schema", ordered_json::parse(model::WriteSchemaJson(schema))},
                              {"properties", PropertiesJson(effective)}});
  }
  return session.Print("table " + table->name().value() + "  " + table->id().value() +
                       (table->online() ? "" : "  offline") + "\n\n" + DescribeFields(schema) + "\n" +
                       DescribeProperties(effective, arguments.Has("all")));
}

Status Rename(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  const model::TableName from = TableNameOf(arguments);
  const model::TableName to = TableNameOf(arguments, "NEW-NAME");
  TRY(instance->RenameTable(from, to, session.call()));
  return session.Summarise({{"from", from.value()}, {"to", to.value()}},
                           "table " + from.value() + " is called " + to.value() + " now");
}

/// What cannot be undone is asked for twice.
Status RequireYes(const Arguments& arguments, std::string_view command, std::string_view loss) {
  if (arguments.Has("yes")) return Status::OK();
  return WithHint(Error(ErrorKind::kInvalid, command, ": ", loss), "if that is what you want, add --yes");
}

Status Delete(const Arguments& arguments, Session& session) {
  const model::TableName name = TableNameOf(arguments);
  TRY(RequireYes(arguments, "table delete", "the table and all of its rows would be gone for ever"));
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY(instance->DropTable(name, session.call()));
  return session.Summarise({{"table", name.value()}, {"deleted", true}}, "deleted table " + name.value());
}

Status Clear(const Arguments& arguments, Session& session) {
  TRY(RequireYes(arguments, "table clear", "all rows of the table would be gone for ever"));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const int64_t rows, table->Clear(session.call()));
  return session.Summarise({{"table", table->name().value()}, {"rowsRemoved", rows}},
                           "removed " + Counted(rows, "row") + " from " + table->name().value());
}

Status SetOnline(const Arguments& arguments, Session& session, bool online) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  const model::TableName name = TableNameOf(arguments);
  TRY(instance->SetOnline(name, online, session.call()));
  return session.Summarise({{"table", name.value()}, {"online", online}},
                           "table " + name.value() + (online ? " is online" : " is offline"));
}

const Positional kTable{"TABLE", ValueKind::kTable, "The table's name."};
const Option kYes{"yes", ValueKind::kNone, "", "Yes, really."};

std::vector<Command> OnlineCommands() {
  return {
      {.path = "table online",
       .summary = "Let background work be done for a table again",
       .positionals = {kTable},
       .examples = {{"sleeper table online flights", "The table is compacted and split with the others again."}},
       .run = [](const Arguments& arguments, Session& session) { return SetOnline(arguments, session, true); }},
      {.path = "table offline",
       .summary = "Exclude a table from background work; ingests and queries go on",
       .positionals = {kTable},
       .examples = {{"sleeper table offline flights", "The table is left alone until it is online again."}},
       .run = [](const Arguments& arguments, Session& session) { return SetOnline(arguments, session, false); }},
  };
}

}  // namespace

std::vector<Command> TableCommands() {
  std::vector<Command> commands = {
      {.path = "table create",
       .summary = "Create a table",
       .description = "The schema file names the row keys, the sort keys and the values: docs/guide/schema.md. Split "
                      "points are row keys, or leading parts of them, one a line in ascending order, the fields of a "
                      "line separated by tabs.",
       .positionals = {{"TABLE", ValueKind::kText, "Its name: letters, digits, '.', '_' and '-'."}},
       .options = {{"schema", ValueKind::kFile, "FILE", "The schema, as JSON. Required."},
                   {"set", ValueKind::kText, "NAME=VALUE", "Sets a property: docs/guide/properties.md.", true},
                   {"split-points", ValueKind::kFile, "FILE", "Keys that the first partitions begin at."}},
       .examples = {{"sleeper table create flights --schema examples/flights-schema.json",
                     "One partition, all properties as the instance has them."},
                    {"sleeper table create flights --schema flights.json --split-points airports.txt "
                     "--set compaction.files.batch.size=5",
                     "Partitions from the start, and a property."}},
       .run = Create},
      {.path = "table list",
       .summary = "List the tables",
       .examples = {{"sleeper table list --format json", "Names, ids and whether they are online, for a script."}},
       .run = List},
      {.path = "table describe",
       .summary = "Show a table's schema and properties",
       .positionals = {kTable},
       .options = {{"all", ValueKind::kNone, "", "Properties with built-in values too."}},
       .examples = {{"sleeper table describe flights --all", "The schema, and every property with its value."}},
       .run = DescribeTable},
      {.path = "table rename",
       .summary = "Give a table another name",
       .positionals = {kTable, {"NEW-NAME", ValueKind::kText, "What it shall be called."}},
       .examples = {{"sleeper table rename flights flights-2001", "Running jobs are not disturbed."}},
       .run = Rename},
      {.path = "table delete",
       .summary = "Delete a table with all of its rows",
       .positionals = {kTable},
       .options = {kYes},
       .examples = {{"sleeper table delete flights --yes", "The table is gone; its name is free."}},
       .run = Delete},
      {.path = "table clear",
       .summary = "Remove all rows of a table; schema, properties and partitions stay",
       .positionals = {kTable},
       .options = {kYes},
       .examples = {{"sleeper table clear flights --yes", "The table is empty."}},
       .run = Clear},
  };
  for (Command& command : OnlineCommands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace sleeper::cli
