#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/cli/command.h"

namespace sleeper::cli {

/// A command line with the command found. Immutable value.
struct CommandLine {
  /// Null: none was named, or only the first word of several commands.
  const Command* command = nullptr;
  /// That first word: "table".
  std::string group;
  /// All other words, in their order.
  std::vector<std::string> rest;
};

/// Finds the command among the words; global options may stand before it. kInvalid if there is no such command.
/// `commands` must outlive the result.
Result<CommandLine> FindCommand(std::span<const Command> commands, std::span<const Option> global_options,
                                std::span<const std::string> words);

}  // namespace sleeper::cli
