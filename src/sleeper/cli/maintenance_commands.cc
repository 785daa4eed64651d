#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/maintenance_json.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

Status PrintPlan(const engine::CompactionResult& result, Session& session) {
  ordered_json jobs = ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"partition", "files", "rows", "bytes"}};
  for (const engine::PlannedCompaction& job : result.plan) {
    ordered_json files = ordered_json::array();
    for (const model::FileId& file : job.files) files.push_back(file.value());
    jobs.push_back({{"partition", job.partition.value()}, {"files", files}, {"rows", job.rows}, {"bytes", job.bytes}});
    rows.push_back({job.partition.value(), Grouped(static_cast<int64_t>(job.files.size())), Grouped(job.rows),
                    ByteSize(job.bytes)});
  }
  if (session.json()) return session.PrintJson({{"dryRun", true}, {"jobs", jobs}});
  if (result.plan.empty()) return session.Print("nothing to compact\n");
  return session.Print("would start with " + Counted(static_cast<int64_t>(result.plan.size()), "job") + ":\n" +
                       AlignedTable(rows, {false, true, true, true}));
}

std::string Describe(const engine::CompactionResult& result, Duration elapsed) {
  if (result.jobs == 0) return "nothing to compact";
  std::string text = "compacted " + Counted(result.files_in, "file") + " into " + Grouped(result.files_out) + " in " +
                     Counted(result.jobs, "job") + ": " + Counted(result.rows_in, "row") + ", " +
                     ByteSize(result.bytes_in) + " -> " + ByteSize(result.bytes_out) + ", in " + Seconds(elapsed);
  const std::string rate = RowRate(result.rows_in, elapsed);
  if (!rate.empty()) text += " (" + rate + ")";
  return text;
}

void NoteWhatWasLeft(const engine::CompactionResult& result, Session& session) {
  if (result.jobs_taken_over > 0) {
    session.Note("note: " + Counted(result.jobs_taken_over, "job") + " of other processes had been silent for long " +
                 "or was taken over by request");
  }
  if (result.jobs_of_others > 0) {
    session.Note("note: " + Counted(result.jobs_of_others, "job") +
                 " of other processes hold files; if those processes are dead, --take-over frees the files at once");
  }
  if (result.jobs_superseded > 0) {
    session.Note("note: the table changed under " + Counted(result.jobs_superseded, "job") + "; no harm was done");
  }
  if (result.references_set_aside > 0) {
    session.Note("note: " + Counted(result.references_set_aside, "file reference") +
                 " left alone after failed attempts; --all tries them again");
  }
}

Status Compact(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  const engine::CompactionOptions options{
      .all = arguments.Has("all"), .dry_run = arguments.Has("dry-run"), .take_over = arguments.Has("take-over")};
  TRY_ASSIGN(const engine::CompactionResult result, table->Compact(options, session.call()));
  if (options.dry_run) return PrintPlan(result, session);
  if (result.jobs == 0) TRY(result.failure);
  const Duration elapsed = session.elapsed();
  NoteWhatWasLeft(result, session);
  ordered_json json = ToJson(result);
  json["seconds"] = SecondsOf(elapsed);
  TRY(session.Summarise(json, Describe(result, elapsed)));
  return result.failure;
}

Status Split(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  const std::optional<std::string> points = arguments.Text("at");
  TRY_ASSIGN(const engine::SplitResult result,
             points ? table->SplitAt(*points, session.call()) : table->Split(session.call()));
  const Duration elapsed = session.elapsed();
  if (!result.unsplittable.empty()) {
    session.Note("note: " + Counted(static_cast<int64_t>(result.unsplittable.size()), "partition") +
                 " over the threshold cannot be split, because all of their rows have one key");
  }
  const std::string text = result.partitions_after == result.partitions_before
                               ? "nothing to split: " + Counted(result.partitions_after, "partition")
                               : "split " + Counted(result.partitions_before, "partition") + " into " +
                                     Grouped(result.partitions_after) + " in " + Seconds(elapsed);
  ordered_json json = ToJson(result);
  json["logNumber"] = result.log_number;
  json["seconds"] = SecondsOf(elapsed);
  return session.Summarise(json, text);
}

}  // namespace

std::vector<Command> MaintenanceCommands() {
  return {
      {.path = "compact",
       .summary = "Merge small files of each partition until none is left that is worth it",
       .description =
           "What is worth it is for the table's strategy to say: property compaction.strategy.class. Queries "
           "and ingests go on meanwhile.",
       .positionals = {{"TABLE", ValueKind::kTable, "The table's name."}},
       .options = {{"all", ValueKind::kNone, "", "Every partition down to as few files as possible."},
                   {"dry-run", ValueKind::kNone, "", "Only say which jobs would be started first."},
                   {"take-over", ValueKind::kNone, "",
                    "Take files away from unfinished jobs of other processes at once. Safe, but the work of those "
                    "that are still alive is lost."}},
       .examples = {{"sleeper compact flights", "As the table's strategy has it."},
                    {"sleeper compact flights --all --dry-run", "What a full compaction would start with."}},
       .run = Compact},
      {.path = "split",
       .summary = "Split partitions that hold too many rows",
       .description = "Partitions that have as many rows as the property partition.splitting.threshold says are cut at "
                      "keys in their middle. No data is rewritten.",
       .positionals = {{"TABLE", ValueKind::kTable, "The table's name."}},
       .options = {{"at", ValueKind::kFile, "FILE",
                    "Split at these keys instead: row keys or leading parts of them, one a line in ascending order, "
                    "fields separated by tabs."}},
       .examples = {{"sleeper split flights", "Splits what is too big."},
                    {"sleeper split flights --at airports.txt", "Splits at keys of one's own choice."}},
       .run = Split},
  };
}

}  // namespace sleeper::cli
