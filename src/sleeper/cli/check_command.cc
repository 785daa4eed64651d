#include <nlohmann/json.hpp>

#include "sleeper/base/printable_text.h"
#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

/// Findings that a person is shown; JSON has them all.
constexpr size_t kFindingsShownMax = 100;

ordered_json JsonOf(const engine::CheckResult& result, Duration elapsed) {
  ordered_json findings = ordered_json::array();
  for (const engine::CheckFinding& finding : result.findings) {
    findings.push_back(
        {{"kind", finding.kind}, {"object", finding.object}, {"bytes", finding.bytes}, {"why", finding.why}});
  }
  return {{"ok", result.ok},
          {"missingFiles", result.missing_files},
          {"orphanFiles", result.orphan_files},
          {"badFiles", result.bad_files},
          {"logFaults", result.log_faults},
          {"inFlightFiles", result.in_flight_files},
          {"unreferencedFiles", result.unreferenced_files},
          {"orphanBytes", result.orphan_bytes},
          {"logNumber", result.log_number},
          {"logEntries", result.log_entries},
          {"logSnapshots", result.log_snapshots},
          {"files", result.files},
          {"bytes", result.bytes},
          {"filesRead", result.files_read},
          {"filesReadBefore", result.files_read_before},
          {"rowsRead", result.rows_read},
          {"findings", std::move(findings)},
          {"seconds", SecondsOf(elapsed)}};
}

/// "missing    tables/…: why", a line for each.
std::string Listed(const engine::CheckResult& result) {
  std::string text;
  for (const engine::CheckFinding& finding : result.findings) {
    if (&finding == result.findings.data() + kFindingsShownMax) {
      return text + "  and more: --format json shows them\n";
    }
    const std::string kind = finding.kind == "in_flight" ? "in flight" : finding.kind;
    text += "  " + kind + std::string(kind.size() < 9 ? 9 - kind.size() : 0, ' ') + "  " +
            PrintableText(finding.object + ": " + finding.why) + "\n";
  }
  return text;
}

std::string Describe(const engine::CheckResult& result, bool deep, Duration elapsed) {
  std::string text = "checked " + Counted(result.files, "file") + " with " + ByteSize(result.bytes) + " and " +
                     (result.log_entries == 1 ? "1 log entry" : Grouped(result.log_entries) + " log entries");
  if (deep) text += ", read " + Counted(result.rows_read, "row") + " of " + Counted(result.files_read, "file");
  if (result.files_read_before > 0) text += " (" + Grouped(result.files_read_before) + " were read before)";
  text += ", in " + Seconds(elapsed) + ": ";
  if (result.ok) {
    text += "all is well";
  } else {
    text += Grouped(result.missing_files) + " missing, " + Grouped(result.bad_files) + " bad";
    if (result.log_faults > 0) text += ", " + Counted(result.log_faults, "fault") + " of the log";
  }
  text += "\n" + Listed(result);
  if (result.orphan_files > 0) {
    text += Counted(result.orphan_files, "orphan") + " with " + ByteSize(result.orphan_bytes) +
            ": no part of the table, and no harm; sleeper sweep deletes what was a data file\n";
  }
  return text;
}

Status Check(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  const engine::CheckOptions options{.deep = arguments.Has("deep"),
                                     .progress_file = arguments.Text("resume").value_or("")};
  TRY_ASSIGN(const engine::CheckResult result, table->Check(options, session.call()));
  const Duration elapsed = session.elapsed();
  if (session.json()) {
    TRY(session.PrintJson(JsonOf(result, elapsed)));
  } else if (!session.settings().quiet || !result.ok) {
    TRY(session.Print(Describe(result, options.deep, elapsed)));
  }
  if (result.ok) return Status::OK();
  return WithHint(Error(ErrorKind::kCorrupt, "table ", table->name(), " is damaged: ", result.missing_files,
                        " missing, ", result.bad_files, " bad, ", Counted(result.log_faults, "fault"), " of the log"),
                  "keep all objects; docs/guide/troubleshooting.md says what can be done");
}

}  // namespace

std::vector<Command> CheckCommands() {
  return {{
      .path = "check",
      .summary = "Compare a table with the store",
      .description = "Finds files of the table that are missing or have another size, entries and snapshots of the log "
                     "that do not "
                     "lead to the table's state, and objects that belong to nobody. Changes nothing; ingests and "
                     "queries may go on. "
                     "Exit code 6 if there is damage. Orphans are no damage: they only take room.",
      .positionals = {{"TABLE", ValueKind::kTable, "The table's name."}},
      .options = {{"deep", ValueKind::kNone, "",
                   "Read all data, and compare order, row counts, bounds and row hashes with what the table says, and "
                   "statistics, "
                   "page indexes and Bloom filters with the values."},
                  {"resume", ValueKind::kFile, "FILE",
                   "With --deep: remember in this file what was read, and go on from there after an interruption. It "
                   "goes when the check is complete."}},
      .examples = {{"sleeper check flights", "A listing, compared with the table."},
                   {"sleeper check flights --deep --resume flights.progress",
                    "All data, in as many goes as it takes."}},
      .run = Check,
  }};
}

}  // namespace sleeper::cli
