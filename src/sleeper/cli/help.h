#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sleeper/cli/command.h"

namespace sleeper::cli {

/// What "sleeper --help" says.
std::string ProgramHelp(std::span<const Command> commands);

/// What "sleeper table --help" says.
std::string GroupHelp(std::string_view group, std::span<const Command> commands);

/// What "sleeper ingest --help" says.
std::string CommandHelp(const Command& command);

/// "sleeper ingest TABLE PATH… [--job-id ID] …"
std::string UsageLine(const Command& command);

}  // namespace sleeper::cli
