#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"

namespace sleeper::cli {

class Arguments;
class Session;

/// What stands for a value: completion scripts offer files, folders or words by it.
enum class ValueKind { kNone, kText, kFile, kFolder, kTable, kChoice };

/// "--name" or "--name VALUE". Immutable value; its texts are literals.
struct Option {
  std::string_view name;  ///< Without the dashes.
  ValueKind kind = ValueKind::kNone;
  std::string_view value_name = {};
  std::string_view description = {};
  bool repeats = false;
  std::vector<std::string_view> choices = {};

  bool has_value() const { return kind != ValueKind::kNone; }
};

/// A value without a name. Only the last one of a command may repeat.
struct Positional {
  std::string_view name;
  ValueKind kind = ValueKind::kText;
  std::string_view description = {};
  bool required = true;
  bool repeats = false;
  std::vector<std::string_view> choices = {};
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

/// A command of the program: how it is called, what people are told about it, and what it does. Immutable value.
struct Command {
  /// One or two words: "ingest", "table create".
  std::string_view path;
  /// Half a sentence for the list of commands.
  std::string_view summary = {};
  /// Full sentences for the command's own page; may be empty.
  std::string_view description = {};
  std::vector<Positional> positionals = {};
  std::vector<Option> options = {};
  /// At least one.
  std::vector<Example> examples = {};
  std::function<Status(const Arguments& arguments, Session& session)> run = {};
};

/// All commands, in the order in which the help lists them.
std::vector<Command> AllCommands();

/// Options that every command takes, and that may stand before it as well.
std::vector<Option> GlobalOptions();

/// What the first word of a path is for, if it is not a command itself: "table".
std::string_view GroupSummary(std::string_view group);

// One function for each file of commands.
std::vector<Command> InstanceCommands();
std::vector<Command> TableCommands();
std::vector<Command> PropertyCommands();
std::vector<Command> IngestCommands();
std::vector<Command> QueryCommands();
std::vector<Command> MaintenanceCommands();
std::vector<Command> CleaningCommands();
std::vector<Command> TickCommands();
std::vector<Command> CheckCommands();
std::vector<Command> StatusCommands();
std::vector<Command> InspectCommands();
std::vector<Command> CompletionCommands();

}  // namespace sleeper::cli
