#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/maintenance_json.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

/// The named table, or all that are online. What fails with one does not stop the others.
template <typename Action>
Status ForTables(const Arguments& arguments, Session& session, const Action& action) {
  if (arguments.Has("TABLE")) {
    TRY_ASSIGN(const auto table, session.OpenTable(arguments));
    return action(*table);
  }
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY_ASSIGN(const auto tables, instance->Tables(session.call()));
  Status first;
  for (const state::RegisteredTable& registered : tables) {
    if (!registered.online) continue;
    const auto table = instance->OpenTable(registered.name, session.call());
    const Status status = table.ok() ? action(**table) : table.status();
    if (instance->IsGone(registered, status, session.call())) continue;
    if (first.ok()) first = table.ok() ? WithContext(status, "table " + registered.name.value()) : status;
    if (IsKind(status, ErrorKind::kCancelled)) break;
  }
  return first;
}

std::string DescribeCollected(const engine::CollectResult& result) {
  std::string text = "nothing to collect";
  if (result.files > 0) text = "deleted " + Counted(result.files, "file") + ", " + ByteSize(result.bytes);
  if (result.waiting > 0) text += "; " + Counted(result.waiting, "file") + " not old enough yet";
  return text;
}

Status Collect(const Arguments& arguments, Session& session) {
  engine::CollectResult total;
  const Status status = ForTables(arguments, session, [&](engine::Table& table) -> Status {
    TRY_ASSIGN(const engine::CollectResult result, table.Collect(session.call()));
    Add(total, result);
    return result.failure;
  });
  if (!status.ok() && total.files == 0) return status;
  TRY(session.Summarise(ToJson(total), DescribeCollected(total)));
  return status;
}

std::string DescribeSwept(const engine::SweepResult& result) {
  std::string text = "nothing to sweep";
  if (result.orphans > 0) text = "deleted " + Counted(result.orphans, "orphan") + ", " + ByteSize(result.bytes);
  if (result.waiting > 0) text += "; " + Counted(result.waiting, "object") + " not old enough yet, or of a job";
  return text;
}

void NoteWhatWasMet(const engine::SweepResult& result, Session& session) {
  if (result.jobs_released > 0) {
    session.Note("note: " + Counted(result.jobs_released, "job") + " of dead workers ended");
  }
  if (result.foreign > 0) {
    session.Note("note: " + Counted(result.foreign, "object") + " with names of another kind left alone");
  }
}

Status Sweep(const Arguments& arguments, Session& session) {
  engine::SweepResult total;
  const auto count = [&](const Result<engine::SweepResult>& result) {
    TRY(result.status());
    Add(total, *result);
    return result->failure;
  };
  Status status =
      ForTables(arguments, session, [&](engine::Table& table) { return count(table.Sweep(session.call())); });
  if (!arguments.Has("TABLE") && !IsKind(status, ErrorKind::kCancelled)) {
    TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
    const Status gone = count(instance->SweepGoneTables(session.call()));
    if (status.ok()) status = gone;
  }
  if (!status.ok() && total.orphans == 0) return status;
  NoteWhatWasMet(total, session);
  TRY(session.Summarise(ToJson(total), DescribeSwept(total)));
  return status;
}

}  // namespace

std::vector<Command> CleaningCommands() {
  return {
      {.path = "collect",
       .summary = "Delete files that compactions have replaced, once no query can need them",
       .description =
           "A file goes when nothing has referred to it for as long as the property gc.delay.minutes says, by "
           "the store's clock.",
       .positionals = {{"TABLE", ValueKind::kTable, "The table's name; without it all tables that are online.", false}},
       .examples = {{"sleeper collect flights", "Deletes what is due."}},
       .run = Collect},
      {.path = "sweep",
       .summary = "Delete what killed or failed jobs, and deleted tables, left behind",
       .description = "An object that its table does not know goes once it is as old as the property sweep.age.minutes "
                      "says, by the store's clock. Safe while jobs are running.",
       .positionals = {{"TABLE", ValueKind::kTable,
                        "The table's name; without it all tables that are online, and those that were deleted.",
                        false}},
       .examples = {{"sleeper sweep flights", "What jobs on one table left behind."},
                    {"sleeper sweep", "The whole instance."}},
       .run = Sweep},
  };
}

}  // namespace sleeper::cli
