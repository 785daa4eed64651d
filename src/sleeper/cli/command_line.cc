#include "sleeper/cli/command_line.h"

#include "sleeper/base/nearest_word.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::cli {
namespace {

/// True for "--name" if the option's value is the word behind it.
bool TakesNextWord(std::span<const Option> options, std::string_view word) {
  for (const Option& option : options) {
    if (option.has_value() && word.starts_with("--") && word.substr(2) == option.name) return true;
  }
  return false;
}

const Command* Exactly(std::span<const Command> commands, std::string_view path) {
  for (const Command& command : commands) {
    if (command.path == path) return &command;
  }
  return nullptr;
}

bool IsGroup(std::span<const Command> commands, std::string_view path) {
  for (const Command& command : commands) {
    if (command.path.starts_with(path) && command.path.substr(path.size()).starts_with(" ")) return true;
  }
  return false;
}

Status NoSuchCommand(std::span<const Command> commands, const std::string& path) {
  std::vector<std::string_view> paths;
  for (const Command& command : commands) paths.push_back(command.path);
  const std::string nearest(NearestWord(path, paths, TypingErrors(path)));
  const size_t blank = path.find(' ');
  const std::string help = "see: sleeper " + (blank == std::string::npos ? "" : path.substr(0, blank) + " ") + "--help";
  return WithHint(Error(ErrorKind::kInvalid, "there is no command ", model::Quoted(path)),
                  nearest.empty() ? help : "did you mean: sleeper " + nearest + "?");
}

}  // namespace

Result<CommandLine> FindCommand(std::span<const Command> commands, std::span<const Option> global_options,
                                std::span<const std::string> words) {
  CommandLine line;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.starts_with("-")) {
      line.rest.push_back(word);
      if (TakesNextWord(global_options, word) && i + 1 < words.size()) line.rest.push_back(words[++i]);
      continue;
    }
    const std::string path = line.group.empty() ? word : line.group + " " + word;
    line.command = Exactly(commands, path);
    if (line.command != nullptr) {
      line.group.clear();
      line.rest.insert(line.rest.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
      return line;
    }
    if (!line.group.empty() || !IsGroup(commands, word)) return NoSuchCommand(commands, path);
    line.group = word;
  }
  return line;
}

}  // namespace sleeper::cli
