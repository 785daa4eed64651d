#include <string>
#include <vector>

#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/maintenance_json.h"
#include "sleeper/cli/session.h"
#include "sleeper/engine/tick.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

ordered_json OperationsJson(const engine::TableTick& tick) {
  return {{"split", ToJson(tick.split)},
          {"compact", ToJson(tick.compact)},
          {"collect", ToJson(tick.collect)},
          {"sweep", ToJson(tick.sweep)}};
}

ordered_json TickJson(const engine::TickResult& result) {
  engine::TableTick total;
  ordered_json tables = ordered_json::array();
  for (const engine::TableTick& tick : result.tables) {
    Add(total.split, tick.split);
    Add(total.compact, tick.compact);
    Add(total.collect, tick.collect);
    Add(total.sweep, tick.sweep);
    ordered_json table = {{"name", tick.name.value()}};
    table.update(OperationsJson(tick));
    table["snapshotWritten"] = tick.snapshot_written;
    table["entriesTruncated"] = tick.entries_truncated;
    table["error"] = tick.failure.ok() ? ordered_json() : ordered_json(tick.failure.message());
    tables.push_back(std::move(table));
  }
  Add(total.sweep, result.gone_tables);
  ordered_json json = OperationsJson(total);
  json["tables"] = std::move(tables);
  json["goneTables"] = ToJson(result.gone_tables);
  return json;
}

void AddPart(std::string& text, const std::string& part) { text += (text.empty() ? "" : "; ") + part; }

/// "split 1 partition into 4; compacted 12 files into 1; …"
std::string Describe(const engine::TableTick& tick) {
  std::string text;
  if (tick.split.partitions_after != tick.split.partitions_before) {
    AddPart(text, "split " + Counted(tick.split.partitions_before, "partition") + " into " +
                      Grouped(tick.split.partitions_after));
  }
  if (tick.compact.jobs > 0) {
    AddPart(text, "compacted " + Counted(tick.compact.files_in, "file") + " into " + Grouped(tick.compact.files_out));
  }
  if (tick.snapshot_written) AddPart(text, "wrote a snapshot");
  if (tick.entries_truncated > 0) AddPart(text, "shortened the log by " + Grouped(tick.entries_truncated));
  if (tick.collect.files > 0) AddPart(text, "deleted " + Counted(tick.collect.files, "file"));
  if (tick.sweep.orphans > 0) AddPart(text, "swept " + Counted(tick.sweep.orphans, "orphan"));
  if (!tick.failure.ok()) AddPart(text, "failed: " + tick.failure.message());
  return text;
}

std::string Describe(const engine::TickResult& result) {
  std::string text;
  for (const engine::TableTick& tick : result.tables) {
    const std::string table = Describe(tick);
    if (!table.empty()) text += (text.empty() ? "" : "\n") + tick.name.value() + ": " + table;
  }
  if (result.gone_tables.orphans > 0) {
    text += (text.empty() ? "" : "\n") + std::string("deleted tables: swept ") +
            Counted(result.gone_tables.orphans, "object");
  }
  if (text.empty()) text = "nothing was due in " + Counted(static_cast<int64_t>(result.tables.size()), "table");
  return text;
}

Status Tick(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  std::vector<model::TableName> names;
  for (const std::string& name : arguments.Texts("TABLE")) names.emplace_back(name);
  TRY_ASSIGN(const engine::TickResult result, engine::Tick(*instance, names, session.call()));
  for (const model::TableName& name : result.offline) {
    session.Note("note: table " + name.value() + " is offline, and was left alone");
  }
  for (const std::string& what : result.gone) session.Note("note: " + what);
  TRY(session.Summarise(TickJson(result), Describe(result)));
  return result.failure;
}

}  // namespace

std::vector<Command> TickCommands() {
  return {
      {.path = "tick",
       .summary = "Do everything that is due for all tables, then end: for a timer",
       .description =
           "Splits partitions, compacts, writes snapshots and truncates logs, deletes files that nothing refers to, "
           "and "
           "sweeps, each where it is due; without a table's name also what deleted tables left behind. Tables that are "
           "offline are left alone. Several may run at a time, on any machines. If one table fails, the others are "
           "looked after all the same, and the exit code tells.",
       .positionals = {{"TABLE", ValueKind::kTable, "Tables to look after; without one all that are online.", false,
                        true}},
       .examples = {{"sleeper tick", "Everything, for example once a minute."},
                    {"sleeper tick flights --format json", "One table, and what was done for a script."}},
       .run = Tick},
  };
}

}  // namespace sleeper::cli
