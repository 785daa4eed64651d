#include "sleeper/cli/help.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sleeper::cli {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kIndentMax = 30;

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Breaks a text into lines of at most `width` characters, each after the first behind `indent` blanks.
std::string Wrapped(std::string_view text, size_t width, size_t indent) {
  std::string lines;
  size_t column = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > 0 && column + 1 + word.size() > width) {
      lines += "\n" + std::string(indent, ' ');
      column = 0;
    } else if (column > 0) {
      lines += " ";
      ++column;
    }
    lines += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A title, and below it terms with their explanations in a second column.
std::string Section(std::string_view title, const Rows& rows) {
  if (rows.empty()) return "";
  size_t widest = 0;
  for (const auto& [term, meaning] : rows) {
    if (term.size() <= kIndentMax) widest = std::max(widest, term.size());
  }
  const size_t indent = widest + 4;
  std::string text = "\n" + std::string(title) + "\n";
  for (const auto& [term, meaning] : rows) {
    text += "  " + term;
    text += term.size() > widest ? "\n" + std::string(indent, ' ') : std::string(indent - 2 - term.size(), ' ');
    text += Wrapped(meaning, kWidth - indent, indent) + "\n";
  }
  return text;
}

std::string Joined(std::span<const std::string_view> words, std::string_view separator) {
  std::string text;
  for (std::string_view word : words) text += (text.empty() ? "" : std::string(separator)) + std::string(word);
  return text;
}

std::string ValueOf(const Option& option) {
  return option.choices.empty() ? std::string(option.value_name) : Joined(option.choices, "|");
}

Rows OptionRows(std::span<const Option> options) {
  Rows rows;
  for (const Option& option : options) {
    std::string term = "--" + std::string(option.name);
    if (option.has_value()) term += " " + ValueOf(option);
    if (option.name == "help") term = "-h, " + term;
    rows.emplace_back(std::move(term), std::string(option.description) + (option.repeats ? " May repeat." : ""));
  }
  return rows;
}

std::string GlobalSection() { return Section("Options of every command", OptionRows(GlobalOptions())); }

Rows CommandRows(std::span<const Command> commands) {
  Rows rows;
  for (const Command& command : commands) rows.emplace_back(command.path, command.summary);
  return rows;
}

}  // namespace

std::string UsageLine(const Command& command) {
  std::string line = "sleeper " + std::string(command.path);
  for (const Positional& positional : command.positionals) {
    std::string shown = positional.choices.empty() ? std::string(positional.name) : Joined(positional.choices, "|");
    if (positional.repeats) shown += "...";
    line += positional.required ? " " + shown : " [" + shown + "]";
  }
  for (const Option& option : command.options) {
    line += " [--" + std::string(option.name);
    if (option.has_value()) line += " " + ValueOf(option);
    line += option.repeats ? "]..." : "]";
  }
  return line;
}

std::string CommandHelp(const Command& command) {
  std::string text = std::string(command.summary) + ".\n\n  " + Wrapped(UsageLine(command), kWidth - 6, 6) + "\n";
  if (!command.description.empty()) text += "\n" + Wrapped(command.description, kWidth, 0) + "\n";
  Rows arguments;
  for (const Positional& positional : command.positionals) {
    arguments.emplace_back(positional.name, positional.description);
  }
  text += Section("Arguments", arguments) + Section("Options", OptionRows(command.options)) + GlobalSection();
  text += command.examples.size() == 1 ? "\nExample\n" : "\nExamples\n";
  for (const Example& example : command.examples) {
    text += "  " + std::string(example.line) + "\n      " + Wrapped(example.meaning, kWidth - 6, 6) + "\n";
  }
  return text;
}

std::string GroupHelp(std::string_view group, std::span<const Command> commands) {
  std::vector<Command> members;
  for (const Command& command : commands) {
    if (command.path.starts_with(group) && command.path.substr(group.size()).starts_with(" "))
      members.push_back(command);
  }
  return std::string(GroupSummary(group)) + ".\n" + Section("Commands", CommandRows(members)) + GlobalSection() +
         "\nsleeper " + std::string(group) + " COMMAND --help says more, with an example.\n";
}

std::string ProgramHelp(std::span<const Command> commands) {
  return "Sorted tables of any size on a folder or bucket.\n\n  sleeper [OPTIONS] COMMAND ...\n" +
         Section("Commands", CommandRows(commands)) + GlobalSection() +
         Section("Environment", {{"SLEEPER_INSTANCE", "Stands for --instance where it is not given."},
                                 {"NO_COLOR", "Errors are not coloured if it is set."},
                                 {"TMPDIR", "Stands for --scratch where it is not given."}}) +
         Section("Exit codes", {{"0", "Done."},
                                {"2", "The request is wrong: usage, schema, a bad file."},
                                {"3", "Not found: instance, table, file."},
                                {"4", "Conflict: it exists already, or was changed meanwhile."},
                                {"5", "The store is unavailable or refuses."},
                                {"6", "Stored data are corrupt."},
                                {"1", "Anything else."}}) +
         "\nsleeper COMMAND --help says more, with an example.\n";
}

}  // namespace sleeper::cli
