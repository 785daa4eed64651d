#include "sleeper/cli/command.h"

#include <iterator>

namespace sleeper::cli {

std::vector<Command> AllCommands() {
  std::vector<Command> all;
  for (auto commands :
       {InstanceCommands, TableCommands, PropertyCommands, IngestCommands, QueryCommands, MaintenanceCommands,
        CleaningCommands, TickCommands, CheckCommands, StatusCommands, InspectCommands, CompletionCommands}) {
    std::vector<Command> some = commands();
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

std::vector<Option> GlobalOptions() {
  return {
      {"instance", ValueKind::kFolder, "LOCATION", "A folder, file:///PATH, or s3://BUCKET/PREFIX.", false, {}},
      {"format", ValueKind::kChoice, "FORMAT", "How the command speaks about itself.", false, {"text", "json"}},
      {"quiet", ValueKind::kNone, "", "Only results and errors.", false, {}},
      {"stats", ValueKind::kNone, "", "At the end: requests, bytes, estimated dollars, wall and CPU time.", false, {}},
      {"threads", ValueKind::kText, "N", "How many tasks run at a time; as many as there are cores.", false, {}},
      {"scratch", ValueKind::kFolder, "FOLDER", "Where sorts keep their temporary files.", false, {}},
      {"allow-network-file-system",
       ValueKind::kNone,
       "",
       "Accept a folder on a network file system, although few of them keep what commits rely on.",
       false,
       {}},
      {"help", ValueKind::kNone, "", "Explain the command, and end.", false, {}},
      {"version", ValueKind::kNone, "", "Print the program's version, and end.", false, {}},
  };
}

std::string_view GroupSummary(std::string_view group) {
  if (group == "instance") return "The instance as a whole";
  if (group == "table") return "Tables: making, listing, changing, removing";
  if (group == "report") return "Views of a table, part by part";
  if (group == "inspect") return "Anything durable, as JSON";
  if (group == "completion") return "Scripts that complete command lines in a shell";
  return "";
}

}  // namespace sleeper::cli
