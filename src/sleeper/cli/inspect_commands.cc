#include <charconv>

#include <nlohmann/json.hpp>

#include "sleeper/cli/command.h"
#include "sleeper/cli/session.h"
#include "sleeper/engine/inspection.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::cli {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kItemsDefault = 1'000;

/// People read it: with line breaks, unless a script asked.
Status Show(const ordered_json& json, Session& session) {
  if (session.json()) return session.PrintJson(json);
  return session.Print(json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

Result<int64_t> LimitOf(const Arguments& arguments) {
  TRY_ASSIGN(const std::optional<int64_t> limit, arguments.Count("limit"));
  return limit.value_or(kItemsDefault);
}

Status InspectLog(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const int64_t limit, LimitOf(arguments));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const ordered_json json, engine::Inspection(*table).Log(limit, session.call()));
  return Show(json, session);
}

Status InspectEntry(const Arguments& arguments, Session& session) {
  const std::string text = arguments.Text("NUMBER").value_or("");
  model::LogNumber number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorKind::kInvalid, "inspect entry: ", model::Quoted(text), " is not the number of an entry");
  }
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const ordered_json json, engine::Inspection(*table).Entry(number, session.call()));
  return Show(json, session);
}

Status InspectState(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const int64_t limit, LimitOf(arguments));
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  TRY_ASSIGN(const ordered_json json, engine::Inspection(*table).State(limit, session.call()));
  return Show(json, session);
}

Status InspectFile(const Arguments& arguments, Session& session) {
  TRY_ASSIGN(const auto table, session.OpenTable(arguments));
  const model::FileId file(arguments.Text("FILE-ID").value_or(""));
  TRY_ASSIGN(const ordered_json json, engine::Inspection(*table).File(file, session.call()));
  return Show(json, session);
}

const Positional kTable{"TABLE", ValueKind::kTable, "The table's name."};
const Option kLimit{"limit", ValueKind::kText, "N", "At most so many items of each list; 1000 if it is left out."};

}  // namespace

std::vector<Command> InspectCommands() {
  return {
      {.path = "inspect log",
       .summary = "List the newest entries of a table's log",
       .positionals = {kTable},
       .options = {kLimit},
       .examples = {{"sleeper inspect log flights --limit 10", "Who did what, newest first."}},
       .run = InspectLog},
      {.path = "inspect entry",
       .summary = "Show one entry of a table's log with all that it changes",
       .positionals = {kTable, {"NUMBER", ValueKind::kText, "The entry's number."}},
       .examples = {{"sleeper inspect entry flights 17", "The transactions of entry 17."}},
       .run = InspectEntry},
      {.path = "inspect state",
       .summary = "Show what a table consists of: definition, partitions, references, files, jobs",
       .positionals = {kTable},
       .options = {kLimit},
       .examples = {{"sleeper inspect state flights --limit 20", "The first twenty of each."}},
       .run = InspectState},
      {.path = "inspect file",
       .summary = "Show a data file: what the state knows of it, and what its own indexes say",
       .positionals = {kTable, {"FILE-ID", ValueKind::kText, "As the state names it."}},
       .examples = {{"sleeper inspect file flights 3f/0000000000000002-0a1b2c3d4e5f6071",
                     "Its bounds, rows and pages."}},
       .run = InspectFile},
  };
}

}  // namespace sleeper::cli
