#include "sleeper/cli/command.h"
#include "sleeper/cli/completion.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {

std::vector<Command> CompletionCommands() {
  return {
      {.path = "completion bash",
       .summary = "Print a script that completes command lines in bash",
       .examples = {{"source <(sleeper completion bash)", "For this shell; for all, in ~/.bashrc."}},
       .run = [](const Arguments&, Session& session) { return session.Print(BashCompletion(AllCommands())); }},
      {.path = "completion zsh",
       .summary = "Print a script that completes command lines in zsh",
       .examples = {{"source <(sleeper completion zsh)", "For this shell; for all, in ~/.zshrc."}},
       .run = [](const Arguments&, Session& session) { return session.Print(ZshCompletion(AllCommands())); }},
      {.path = "completion fish",
       .summary = "Print a script that completes command lines in fish",
       .examples = {{"sleeper completion fish | source", "For this shell; for all, in config.fish."}},
       .run = [](const Arguments&, Session& session) { return session.Print(FishCompletion(AllCommands())); }},
  };
}

}  // namespace sleeper::cli
