#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/session.h"
#include "sleeper/report/partition_rows.h"
#include "sleeper/report/table_status.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

Result<report::TableStatus> StatusOf(engine::Table& table, Session& session) {
  TRY_ASSIGN(const auto state, table.State(session.call()));
  return report::StatusOf({.id = table.id(), .name = table.name(), .online = table.online()}, *state);
}

/// An estimate says so.
std::string RowsText(int64_t rows, bool exact) { return (exact ? "" : "about ") + Grouped(rows); }

std::string Describe(const report::TableStatus& status) {
  std::string text = "table       " + status.table.value() + "  " + status.id.value() +
                     (status.online ? "" : "  offline") + "\n" + "rows        " +
                     RowsText(status.rows, status.rows_exact) + "\n" + "files       " + Grouped(status.files) + ", " +
                     ByteSize(status.bytes) + "\n" + "partitions  " + Grouped(status.partitions) + ", with " +
                     Grouped(status.files_per_partition.min) + " to " + Grouped(status.files_per_partition.max) +
                     " files each\n" + "log         entry " + std::to_string(status.log_number) + "\n";
  if (status.unfinished_jobs > 0) text += "jobs        " + Grouped(status.unfinished_jobs) + " unfinished\n";
  if (status.unreferenced_files > 0) {
    text += "unused      " + Counted(status.unreferenced_files, "file") + ", " + ByteSize(status.unreferenced_bytes) +
            ", not collected yet\n";
  }
  return text;
}

Result<report::TableStatus> StatusOf(engine::Instance& instance, const model::TableName& name, Session& session) {
  TRY_ASSIGN(const auto table, instance.OpenTable(name, session.call()));
  return StatusOf(*table, session);
}

Status StatusOfAll(Session& session) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY_ASSIGN(const auto tables, instance->Tables(session.call()));
  ordered_json list = ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"table", "rows", "files", "bytes", "partitions", "log"}};
  for (const auto& entry : tables) {
    const Result<report::TableStatus> status = StatusOf(*instance, entry.name, session);
    if (instance->IsGone(entry, status.status(), session.call())) continue;
    TRY(status.status());
    list.push_back(report::StatusJson(*status));
    rows.push_back({entry.name.value(), RowsText(status->rows, status->rows_exact), Grouped(status->files),
                    ByteSize(status->bytes), Grouped(status->partitions), std::to_string(status->log_number)});
  }
  if (session.json()) return session.PrintJson(list);
  return session.Print(AlignedTable(rows, {false, true, true, true, true, true}));
}

Status ShowStatus(const Arguments& arguments, Session& session) {
  if (!arguments.Has("TABLE")) return StatusOfAll(session);
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const report::TableStatus status, StatusOf(*table, session));
  if (session.json()) return session.PrintJson(report::StatusJson(status));
  return session.Print(Describe(status));
}

std::string BoundText(const std::optional<model::KeyTuple>& bound) {
  if (!bound) return "-";
  std::string text;
  for (const model::KeyValue& value : *bound) text += (text.empty() ? "" : ", ") + model::FormatKeyValue(value);
  return text;
}

Status ReportPartitions(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const auto state, table->State(session.call()));
  TRY_ASSIGN(const auto partitions, report::PartitionsOf(*state));
  if (session.json()) return session.PrintJson(report::PartitionsJson(partitions));
  std::vector<std::vector<std::string>> rows = {{"partition", "from", "to", "files", "rows", "bytes"}};
  for (const report::PartitionRow& row : partitions) {
    rows.push_back({row.id.value(), BoundText(row.lower), BoundText(row.upper), Grouped(row.files),
                    RowsText(row.rows, row.rows_exact), ByteSize(row.bytes)});
  }
  return session.Print(AlignedTable(rows, {false, false, false, true, true, true}));
}

}  // namespace

std::vector<Command> StatusCommands() {
  return {
      {.path = "status",
       .summary = "Show how big a table is and how it is doing, or all tables in short",
       .positionals = {{"TABLE", ValueKind::kTable, "The table's name; all tables if it is left out.", false}},
       .examples = {{"sleeper status flights", "Rows, files, bytes, partitions, unfinished jobs."},
                    {"sleeper status --format json", "All tables, for a script."}},
       .run = ShowStatus},
      {.path = "report partitions",
       .summary = "List the partitions of a table with their bounds and sizes",
       .positionals = {{"TABLE", ValueKind::kTable, "The table's name."}},
       .examples = {{"sleeper report partitions flights", "In key order; a bound of - is none."}},
       .run = ReportPartitions},
  };
}

}  // namespace sleeper::cli
