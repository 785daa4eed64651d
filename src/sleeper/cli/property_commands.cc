#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/property_settings.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

Result<model::PropertyChanges> ChangesOf(const Arguments& arguments) {
  model::PropertyChanges changes;
  TRY_ASSIGN(changes.set, ParseSettings(arguments.Texts("SETTING")));
  changes.unset = arguments.Texts("NAME");
  return changes;
}

std::string Describe(const model::PropertyChanges& changes) {
  std::string text;
  for (const auto& [name, value] : changes.set) text += (text.empty() ? "" : "\n") + name + "=" + value;
  for (const std::string& name : changes.unset) text += (text.empty() ? "" : "\n") + name + " has its default again";
  return text;
}

nlohmann::ordered_json ChangesJson(const model::PropertyChanges& changes) {
  return {{"set", nlohmann::ordered_json(changes.set)}, {"unset", changes.unset}};
}

Status ChangeInstance(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const model::PropertyChanges changes, ChangesOf(arguments));
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY(instance->SetProperties(changes, session.call()).status());
  return session.Summarise(ChangesJson(changes), Describe(changes));
}

Status ChangeTable(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const model::PropertyChanges changes, ChangesOf(arguments));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY(table->SetProperties(changes, session.call()));
  return session.Summarise(ChangesJson(changes), Describe(changes));
}

const Positional kTable{"TABLE", ValueKind::kTable, "The table's name."};
const Positional kSettings{"SETTING", ValueKind::kText, "NAME=VALUE; docs/guide/properties.md lists all.", true, true};
const Positional kNames{"NAME", ValueKind::kText, "The property's name.", true, true};

}  // namespace

std::vector<Command> PropertyCommands() {
  return {
      {.path = "instance set",
       .summary = "Set properties of the instance: defaults of its tables",
       .description = "A property that is set for a table comes before that of the instance.",
       .positionals = {kSettings},
       .examples = {{"sleeper instance set parquet.compression.codec=snappy",
                     "Data files that are written from now on are compressed with Snappy, in all tables."}},
       .run = ChangeInstance},
      {.path = "instance unset",
       .summary = "Give properties of the instance their built-in defaults again",
       .positionals = {kNames},
       .examples = {{"sleeper instance unset parquet.compression.codec", "Back to the built-in codec."}},
       .run = ChangeInstance},
      {.path = "table set",
       .summary = "Set properties of a table",
       .positionals = {kTable, kSettings},
       .examples = {{"sleeper table set flights partition.splitting.threshold=500000",
                     "Partitions of the table are split when they hold half a million rows."}},
       .run = ChangeTable},
      {.path = "table unset",
       .summary = "Give properties of a table the instance's values again, or the built-in ones",
       .positionals = {kTable, kNames},
       .examples = {{"sleeper table unset flights partition.splitting.threshold", "Back to the default."}},
       .run = ChangeTable},
  };
}

}  // namespace sleeper::cli
