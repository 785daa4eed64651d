#include <nlohmann/json.hpp>

#include "sleeper/base/printable_text.h"
#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/session.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::cli {
namespace {

Result<engine::IngestOptions> OptionsOf(const Arguments& arguments) {
  engine::IngestOptions options;
  options.paths = arguments.Texts("PATH");
  options.job = model::JobId(arguments.Text("job-id").value_or(""));
  if (arguments.Has("job-id") && options.job.empty()) return Error(ErrorKind::kInvalid, "--job-id: empty");
  options.format = arguments.Text("input-format").value_or("");
  if (const auto delimiter = arguments.Text("delimiter")) {
    const std::string text = *delimiter == "\\t" ? "\t" : *delimiter;
    if (text.size() != 1) {
      return WithHint(Error(ErrorKind::kInvalid, "--delimiter: one character, not ", model::Quoted(*delimiter)),
                      "a tab is written '\\t'");
    }
    options.delimiter = text.front();
  }
  options.null_values = arguments.Texts("null-value");
  return options;
}

std::string Describe(const engine::IngestResult& result, Duration elapsed) {
  if (result.already_done) {
    return "job " + result.job.value() + " was done before: " + Counted(result.rows_written, "row") +
           ", nothing was read now";
  }
  std::string text = "ingested " + Counted(result.rows_written, "row") + " as " + Counted(result.files, "file") + ", " +
                     ByteSize(result.bytes) + ", in " + Seconds(elapsed);
  const std::string rate = RowRate(result.rows_written, elapsed);
  if (!rate.empty()) text += " (" + rate + ")";
  return text + "\njob " + result.job.value() + ", log entry " + std::to_string(result.log_number);
}

void NoteIgnoredColumns(const engine::IngestResult& result, Session& session) {
  if (result.ignored_columns == 0) return;
  std::string names;
  for (const std::string& name : result.ignored_names) {
    names += (names.empty() ? "" : ", ") + PrintableText(name);
    if (names.size() > 200) {
      names += ", ...";
      break;
    }
  }
  session.Note("note: " + Counted(result.ignored_columns, "column") + " that the table does not have " +
               (result.ignored_columns == 1 ? "was" : "were") + " ignored: " + names);
}

Status Ingest(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const engine::IngestOptions options, OptionsOf(arguments));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const engine::IngestResult result, table->Ingest(options, session.call()));
  const Duration elapsed = session.elapsed();
  NoteIgnoredColumns(result, session);
  return session.Summarise({{"jobId", result.job.value()},
                            {"alreadyDone", result.already_done},
                            {"rowsRead", result.rows_read},
                            {"rowsWritten", result.rows_written},
                            {"files", result.files},
                            {"bytes", result.bytes},
                            {"bytesSpilled", result.bytes_spilled},
                            {"ignoredColumns", result.ignored_columns},
                            {"logNumber", result.log_number},
                            {"seconds", SecondsOf(elapsed)}},
                           Describe(result, elapsed));
}

}  // namespace

std::vector<Command> IngestCommands() {
  return {{
      .path = "ingest",
      .summary = "Add all rows of some files to a table, all or none",
      .description =
          "Columns are matched by name; those that the table does not have are ignored. Values are converted "
          "only where nothing is lost. With a job id the rows are added once, however often the command is "
          "run: after a crash, run it again.",
      .positionals =
          {{"TABLE", ValueKind::kTable, "The table's name."},
           {"PATH", ValueKind::kFile,
            "A file, a folder, a pattern in quotes, s3://BUCKET/KEY with any of these as KEY, or - for standard input.",
            true, true}},
      .options = {{"job-id", ValueKind::kText, "ID", "Names the job; a random one if it is not given."},
                  {"input-format",
                   ValueKind::kChoice,
                   "FORMAT",
                   "Otherwise the files' names tell.",
                   false,
                   {"parquet", "csv", "jsonl", "arrow"}},
                  {"delimiter", ValueKind::kText, "C", "Between the fields of CSV; a comma, or a tab in .tsv files."},
                  {"null-value", ValueKind::kText, "TEXT",
                   "Unquoted CSV fields that stand for null; the empty one if none is given.", true}},
      .examples = {{"sleeper ingest flights 2001.parquet 2002.csv", "Two files, one job."},
                   {"sleeper ingest flights '/data/flights/2003-*.csv' --job-id 2003 --null-value NA",
                    "Safe to run again: the second time nothing happens."},
                   {"sleeper ingest flights 's3://arrivals/2004/*.parquet' --job-id 2004", "From a bucket."},
                   {"zcat rows.jsonl.gz | sleeper ingest flights - --input-format jsonl", "From a pipe."}},
      .run = Ingest,
  }};
}

}  // namespace sleeper::cli
