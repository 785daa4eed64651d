#include "sleeper/cli/completion.h"

#include <set>
#include <vector>

namespace sleeper::cli {
namespace {

/// What the shell has to know of one option or positional.
std::string_view KindWord(ValueKind kind) {
  switch (kind) {
    case ValueKind::kFile:
      return "@file";
    case ValueKind::kFolder:
      return "@folder";
    case ValueKind::kTable:
      return "@table";
    case ValueKind::kNone:
    case ValueKind::kText:
    case ValueKind::kChoice:
      return "";
  }
  return "";
}

std::string ValueWords(ValueKind kind, std::span<const std::string_view> choices) {
  std::string words(KindWord(kind));
  for (std::string_view choice : choices) words += (words.empty() ? "" : " ") + std::string(choice);
  return words;
}

/// Lines of a shell's case statement: the words that may follow a path of commands.
std::string FollowingWords(std::span<const Command> commands) {
  std::set<std::string> firsts;
  std::vector<std::pair<std::string, std::string>> seconds;
  for (const Command& command : commands) {
    const std::string path(command.path);
    const size_t blank = path.find(' ');
    firsts.insert(path.substr(0, blank));
    if (blank == std::string::npos) continue;
    const std::string group = path.substr(0, blank);
    if (seconds.empty() || seconds.back().first != group) {
      bool known = false;
      for (auto& [name, words] : seconds) {
        if (name != group) continue;
        words += " " + path.substr(blank + 1);
        known = true;
      }
      if (known) continue;
      seconds.emplace_back(group, "");
    }
    seconds.back().second += (seconds.back().second.empty() ? "" : " ") + path.substr(blank + 1);
  }
  std::string all;
  for (const std::string& first : firsts) all += (all.empty() ? "" : " ") + first;
  std::string lines = "    '') offered='" + all + "' ;;\n";
  for (const auto& [group, words] : seconds) lines += "    '" + group + "') offered='" + words + "' ;;\n";
  return lines;
}

/// Lines of a case statement over "PATH|--option": what its value may be.
std::string OptionValues(std::string_view path, std::span<const Option> options) {
  std::string lines;
  for (const Option& option : options) {
    if (!option.has_value()) continue;
    lines += "    '" + std::string(path) + "|--" + std::string(option.name) + "') offered='" +
             ValueWords(option.kind, option.choices) + "' ;;\n";
  }
  return lines;
}

std::string OptionNames(std::span<const Option> options) {
  std::string names;
  for (const Option& option : options) names += (names.empty() ? "--" : " --") + std::string(option.name);
  return names;
}

std::string Positionals(const Command& command) {
  std::string words;
  for (const Positional& positional : command.positionals) {
    const std::string value = ValueWords(positional.kind, positional.choices);
    if (!value.empty()) words += (words.empty() ? "" : " ") + value;
  }
  return words;
}

/// A function that sets $offered to what may stand next: plain words, or @file, @folder, @table. The same text serves
/// bash and zsh.
std::string WordsFunction(std::span<const Command> commands) {
  const std::vector<Option> globals = GlobalOptions();
  std::string values = OptionValues("", globals);
  std::string options = "    '') offered='" + OptionNames(globals) + "' ;;\n";
  std::string positionals = FollowingWords(commands);
  for (const Command& command : commands) {
    const std::string path(command.path);
    values += OptionValues(path, command.options);
    options += "    '" + path + "') offered='" + OptionNames(command.options) + " " + OptionNames(globals) + "' ;;\n";
    positionals += "    '" + path + "') offered='" + Positionals(command) + "' ;;\n";
  }
  return "# $1 the command so far, $2 the word before, $3 the beginning of this one.\n"
         "_sleeper_words() {\n  offered='?'\n  case \"$1|$2\" in\n" +
         values + "  esac\n  [ \"$offered\" = '?' ] || return 0\n  case \"|$2\" in\n" + OptionValues("", globals) +
         "  esac\n  [ \"$offered\" = '?' ] || return 0\n  offered=''\n  case $3 in\n  -*)\n  case $1 in\n" + options +
         "  esac\n  return 0\n  ;;\n  esac\n  case $1 in\n" + positionals + "  esac\n}\n";
}

/// Finds the command among the words that were typed: bash and zsh share it.
constexpr std::string_view kPathFunction = R"sh(
# Sets $path_words to the command among the arguments, as far as it is there.
_sleeper_path() {
  path_words=''
  local word value_follows=no
  for word in "$@"; do
    if [ "$value_follows" = yes ]; then value_follows=no; continue; fi
    case $word in
    --instance|--format|--threads|--scratch) value_follows=yes; continue ;;
    -*) continue ;;
    esac
    _sleeper_words "$path_words" '' ''
    case " $offered " in
    *" $word "*) path_words="${path_words:+$path_words }$word" ;;
    *) return 0 ;;
    esac
  done
}
)sh";

constexpr std::string_view kBashFunction = R"sh(
_sleeper() {
  local offered path_words word current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  _sleeper_path "${COMP_WORDS[@]:1:COMP_CWORD-1}"
  _sleeper_words "$path_words" "$before" "$current"
  COMPREPLY=()
  for word in $offered; do
    case $word in
    @file) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
    @folder) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
    @table) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < \
      <(compgen -W "$(sleeper table list --quiet 2>/dev/null)" -- "$current") ;;
    *) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$word" -- "$current") ;;
    esac
  done
}
complete -F _sleeper sleeper
)sh";

constexpr std::string_view kZshFunction = R"sh(
_sleeper() {
  local typed=("${words[@]}") path_words word
  local current=${typed[CURRENT]} before=${typed[CURRENT-1]}
  local offered
  _sleeper_path "${(@)typed[2,CURRENT-1]}"
  _sleeper_words "$path_words" "$before" "$current"
  for word in ${=offered}; do
    case $word in
    @file) _files ;;
    @folder) _files -/ ;;
    @table) compadd -- $(sleeper table list --quiet 2>/dev/null) ;;
    *) compadd -- "$word" ;;
    esac
  done
}
compdef _sleeper sleeper
)sh";

/// For fish, between single quotes.
std::string FishQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char byte : text) {
    if (byte == '\'' || byte == '\\') quoted += '\\';
    quoted += byte;
  }
  return quoted + "'";
}

std::string FishOption(const std::string& condition, const Option& option) {
  std::string line = "complete -c sleeper" + condition + " -l " + std::string(option.name);
  if (option.has_value()) line += " -x";
  const std::string values = ValueWords(option.kind, option.choices);
  if (option.kind == ValueKind::kFile) line += " -a '(__fish_complete_path)'";
  if (option.kind == ValueKind::kFolder) line += " -a '(__fish_complete_directories)'";
  if (option.kind == ValueKind::kChoice) line += " -a " + FishQuoted(values);
  return line + " -d " + FishQuoted(option.description) + "\n";
}

/// Conditions under which a command's words are offered: its words were typed.
std::string FishSeen(std::string_view path) {
  std::string test = "__fish_seen_subcommand_from " + std::string(path.substr(0, path.find(' ')));
  if (path.find(' ') != std::string_view::npos) {
    test += "; and __fish_seen_subcommand_from " + std::string(path.substr(path.find(' ') + 1));
  }
  return " -n " + FishQuoted(test);
}

}  // namespace

std::string BashCompletion(std::span<const Command> commands) {
  return WordsFunction(commands) + std::string(kPathFunction) + std::string(kBashFunction);
}

std::string ZshCompletion(std::span<const Command> commands) {
  return "#compdef sleeper\n" + WordsFunction(commands) + std::string(kPathFunction) + std::string(kZshFunction);
}

std::string FishCompletion(std::span<const Command> commands) {
  std::string text = "complete -c sleeper -f\n";
  for (const Option& option : GlobalOptions()) text += FishOption("", option);
  std::set<std::string> groups;
  for (const Command& command : commands) {
    const std::string path(command.path);
    const size_t blank = path.find(' ');
    const std::string first = path.substr(0, blank);
    if (blank == std::string::npos) {
      text += "complete -c sleeper -n __fish_use_subcommand -a " + first + " -d " + FishQuoted(command.summary) + "\n";
    } else {
      if (groups.insert(first).second) {
        text += "complete -c sleeper -n __fish_use_subcommand -a " + first + " -d " + FishQuoted(GroupSummary(first)) +
                "\n";
      }
      text += "complete -c sleeper" + FishSeen(first) + " -a " + path.substr(blank + 1) + " -d " +
              FishQuoted(command.summary) + "\n";
    }
    for (const Option& option : command.options) text += FishOption(FishSeen(path), option);
    for (const Positional& positional : command.positionals) {
      if (positional.kind == ValueKind::kTable) {
        text += "complete -c sleeper" + FishSeen(path) + " -a '(sleeper table list --quiet 2>/dev/null)'\n";
      }
      if (positional.kind == ValueKind::kFile) {
        text += "complete -c sleeper" + FishSeen(path) + " -a '(__fish_complete_path)'\n";
      }
    }
  }
  return text;
}

}  // namespace sleeper::cli
