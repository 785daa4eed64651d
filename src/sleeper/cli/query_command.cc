#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

/// "a,b" and a repeated option are the same.
Result<std::vector<std::string>> FieldsOf(const std::vector<std::string>& lists) {
  std::vector<std::string> fields;
  for (const std::string& list : lists) {
    size_t begin = 0;
    while (begin <= list.size()) {
      const size_t end = std::min(list.find(',', begin), list.size());
      if (end == begin) return Error(ErrorKind::kInvalid, "--select: a field's name is empty");
      fields.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return fields;
}

/// What a file's name says; a table otherwise.
std::string FormatOfName(const std::string& path) {
  for (const auto& [suffix, format] : {std::pair{".parquet", "parquet"},
                                       {".csv", "csv"},
                                       {".jsonl", "jsonl"},
                                       {".ndjson", "jsonl"},
                                       {".arrow", "arrow"}}) {
    if (path.ends_with(suffix)) return format;
  }
  return "table";
}

Result<engine::QueryOptions> OptionsOf(const Arguments& arguments) {
  engine::QueryOptions options;
  options.keys = arguments.Texts("key");
  options.ranges = arguments.Texts("range");
  options.regions = arguments.Texts("region");
  options.keys_file = arguments.Text("keys-from").value_or("");
  TRY_ASSIGN(options.select, FieldsOf(arguments.Texts("select")));
  TRY_ASSIGN(options.limit, arguments.Count("limit"));
  options.resume = arguments.Has("resume");
  const std::string output = arguments.Text("output").value_or("");
  options.output_file = output == "-" ? "" : output;
  options.output_format = arguments.Text("output-format").value_or(FormatOfName(options.output_file));
  return options;
}

Status Explain(engine::Table& table, const engine::QueryOptions& options, Session& session) {
  TRY_ASSIGN(const engine::QueryExplanation plan, table.Explain(options, session.call()));
  if (session.json()) {
    return session.PrintJson({{"logNumber", plan.log_number},
                              {"partitions", plan.partitions},
                              {"files", plan.files},
                              {"rowGroups", plan.row_groups},
                              {"pages", plan.pages},
                              {"rows", plan.rows},
                              {"bytes", plan.bytes},
                              {"tablePartitions", plan.table_partitions},
                              {"tableFiles", plan.table_files},
                              {"tableBytes", plan.table_bytes}});
  }
  return session.Print("would read, of the table at log entry " + std::to_string(plan.log_number) + ":\n" +
                       "  partitions  " + Grouped(plan.partitions) + " of " + Grouped(plan.table_partitions) + "\n" +
                       "  files       " + Grouped(plan.files) + " of " + Grouped(plan.table_files) + "\n" +
                       "  row groups  " + Grouped(plan.row_groups) + "\n" + "  pages       " + Grouped(plan.pages) +
                       ", with " + Counted(plan.rows, "row") + "\n" + "  bytes       " + ByteSize(plan.bytes) + " of " +
                       ByteSize(plan.table_bytes) + "\n");
}

Status Query(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const engine::QueryOptions options, OptionsOf(arguments));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  if (arguments.Has("explain")) return Explain(*table, options, session);
  const bool to_file = !options.output_file.empty();
  // Rows and a progress line do not go to one terminal.
  if (!to_file) session.EndProgress();
  TRY_ASSIGN(const engine::QueryResult result, table->Query(options, session.call()));
  const Duration elapsed = session.elapsed();
  const nlohmann::ordered_json json = {
      {"rows", result.rows}, {"resumed", result.resumed}, {"seconds", SecondsOf(elapsed)}};
  if (result.resumed > 0) {
    session.Note(
        "note: files were collected while the query ran; it went on with the table as it was then, so the rows "
        "are not all of one moment");
  }
  const std::string text = Counted(result.rows, "row") + " in " + Seconds(elapsed);
  if (to_file) return session.Summarise(json, text + ", written to " + options.output_file);
  session.Note(session.json() ? json.dump() : text);
  return Status::OK();
}

}  // namespace

std::vector<Command> QueryCommands() {
  return {{
      .path = "query",
      .summary = "Return the rows with some keys, in key order",
      .description =
          "Without --key, --range, --region or --keys-from: the whole table. Several values of one field are "
          "alternatives, several fields are one key, and all ranges restrict each of them. Bytes are written "
          "0x... or base64:..., dates 2001-01-31, times 2001-01-31T12:00:00, UTC.",
      .positionals = {{"TABLE", ValueKind::kTable, "The table's name."}},
      .options =
          {{"key", ValueKind::kText, "FIELD=VALUE", "Rows whose key field has this value.", true},
           {"range", ValueKind::kText, "FIELD=[A,B)",
            "Rows whose key field lies between; [ ] include the bound, ( ) do not, an empty side is open.", true},
           {"region", ValueKind::kText, "JSON", "A region as JSON: docs/guide/queries.md.", true},
           {"keys-from", ValueKind::kFile, "FILE",
            "Many keys: one a line, fields separated by tabs, or a Parquet file with the key columns."},
           {"select", ValueKind::kText, "FIELD,...", "Only these fields, in this order.", true},
           {"limit", ValueKind::kText, "N", "At most so many rows: the first ones."},
           {"output", ValueKind::kFile, "FILE", "Appears when it is complete; - is standard output."},
           {"output-format",
            ValueKind::kChoice,
            "FORMAT",
            "Otherwise the output file's name tells, or it is a table.",
            false,
            {"table", "csv", "jsonl", "parquet", "arrow"}},
           {"resume", ValueKind::kNone, "",
            "If files are collected while the query runs, go on behind the rows returned with the table as it is "
            "then. The result is not of one moment then."},
           {"explain", ValueKind::kNone, "", "Only say what would be read."}},
      .examples = {{"sleeper query flights --key origin=SFO --limit 5", "Five flights from San Francisco."},
                   {"sleeper query flights --key origin=SFO --range 'date=[2001-01-01,2001-02-01)' --select "
                    "date,destination",
                    "Those of January."},
                   {"sleeper query flights --range 'origin=[J,L)' --output j-to-l.parquet",
                    "All airports from J to K, into a file."},
                   {"sleeper query flights --keys-from keys.txt --output-format jsonl", "A batch of look-ups."}},
      .run = Query,
  }};
}

}  // namespace sleeper::cli
