#include "sleeper/cli/command.h"

namespace sleeper::cli {

std::vector<Command> InspectCommands() { return {}; }

}  // namespace sleeper::cli
