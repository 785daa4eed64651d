#pragma once

#include <span>
#include <string>

#include "sleeper/cli/environment.h"

namespace sleeper::cli {

/// Runs one command line, without the program's name, and returns the exit code.
int RunProgram(std::span<const std::string> words, const Environment& environment);

}  // namespace sleeper::cli
