#include "sleeper/cli/program.h"

#include <algorithm>
#include <utility>

#include "sleeper/cli/arguments.h"
#include "sleeper/cli/command_line.h"
#include "sleeper/cli/help.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

/// How failures are told, also that of a command line which cannot be read.
Format FormatOf(std::span<const std::string> words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--format=json") return Format::kJson;
    if (words[i] == "--format" && i + 1 < words.size() && words[i + 1] == "json") return Format::kJson;
  }
  return Format::kText;
}

/// What stands for a command if only global options were given.
Command NoCommand(std::string_view group) { return {.path = group.empty() ? "sleeper" : group}; }

int Exit(ExitCode code) { return static_cast<int>(code); }

/// Global options and "help WORDS" without a command.
Status AnswerWithoutCommand(const CommandLine& line, std::span<const Command> commands, const Environment& environment,
                            Console& console) {
  const std::vector<Option> globals = GlobalOptions();
  TRY_ASSIGN(const Arguments arguments, ParseArguments(NoCommand(line.group), globals, line.rest));
  if (arguments.Has("version")) {
    TRY(console.Print("sleeper " + environment.version + "\n"));
    return Status::OK();
  }
  const std::string help = line.group.empty() ? ProgramHelp(commands) : GroupHelp(line.group, commands);
  if (arguments.Has("help")) {
    TRY(console.Print(help));
    return Status::OK();
  }
  const std::string path = line.group.empty() ? "" : line.group + " ";
  return WithHint(Error(ErrorKind::kInvalid, path.empty() ? "" : line.group + ": ", "no command was named"),
                  "see: sleeper " + path + "--help");
}

Status RunCommand(const Command& command, const Arguments& arguments, const Environment& environment) {
  TRY_ASSIGN(GlobalSettings settings, GlobalSettings::From(arguments, environment));
  Session session(environment, std::move(settings));
  Status done = command.run(arguments, session);
  session.EndProgress();
  if (session.settings().stats) session.console().Tell(session.Stats());
  return done;
}

Status Run(std::span<const std::string> words, const Environment& environment, Console& console) {
  const std::vector<Command> commands = AllCommands();
  const std::vector<Option> globals = GlobalOptions();
  // "sleeper help table create" is "sleeper table create --help".
  std::vector<std::string> asked(words.begin(), words.end());
  if (!asked.empty() && asked.front() == "help") {
    asked.erase(asked.begin());
    asked.emplace_back("--help");
  }
  TRY_ASSIGN(const CommandLine line, FindCommand(commands, globals, asked));
  if (line.command == nullptr) return AnswerWithoutCommand(line, commands, environment, console);
  TRY_ASSIGN(const Arguments arguments, ParseArguments(*line.command, globals, line.rest));
  if (arguments.Has("help")) return console.Print(CommandHelp(*line.command));
  if (arguments.Has("version")) return console.Print("sleeper " + environment.version + "\n");
  return RunCommand(*line.command, arguments, environment);
}

}  // namespace

int RunProgram(std::span<const std::string> words, const Environment& environment) {
  Console console(environment.stdout_descriptor, environment.stderr_descriptor);
  const Status done = Run(words, environment, console);
  if (done.ok()) return Exit(ExitCode::kDone);
  const bool interrupted = environment.interrupt != nullptr && environment.interrupt->cancelled();
  // Whoever read our output has enough: that is no failure. A deadline that has passed is one.
  if (IsKind(done, ErrorKind::kCancelled) && !interrupted && !console.HasReader()) return Exit(ExitCode::kDone);
  console.Tell(DescribeFailure(done, FormatOf(words), environment.coloured_errors));
  return Exit(ExitCodeOf(done));
}

}  // namespace sleeper::cli
