#pragma once

#include <span>
#include <string>

#include "sleeper/cli/command.h"

namespace sleeper::cli {

// Scripts that complete commands, options, choices, files and the names of tables.

std::string BashCompletion(std::span<const Command> commands);
std::string ZshCompletion(std::span<const Command> commands);
std::string FishCompletion(std::span<const Command> commands);

}  // namespace sleeper::cli
