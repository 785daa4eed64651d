#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/cli/arguments.h"
#include "sleeper/cli/command.h"
#include "sleeper/cli/command_line.h"
#include "sleeper/cli/help.h"

namespace sleeper::cli {
namespace {

using testing::HasSubstr;

/// Splits an example as a shell would; enough for the quotes that stand in examples.
std::vector<std::string> ShellWords(std::string_view line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool open = false;
  for (const char byte : line) {
    if (byte == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (byte == '\'') {
      quoted = !quoted;
    } else {
      words.back() += byte;
    }
  }
  return words;
}

TEST(Commands, EachHasASummaryAnExampleAndSomethingToDo) {
  for (const Command& command : AllCommands()) {
    EXPECT_FALSE(command.summary.empty()) << command.path;
    EXPECT_FALSE(command.summary.ends_with(".")) << command.path;
    EXPECT_FALSE(command.examples.empty()) << command.path;
    EXPECT_TRUE(command.run) << command.path;
  }
}

TEST(Commands, EachOptionIsDescribedInASentenceAndIsNoGlobalOption) {
  std::set<std::string_view> globals;
  for (const Option& option : GlobalOptions()) globals.insert(option.name);
  for (const Command& command : AllCommands()) {
    for (const Option& option : command.options) {
      EXPECT_TRUE(option.description.ends_with(".")) << command.path << " --" << option.name;
      EXPECT_FALSE(globals.contains(option.name)) << command.path << " --" << option.name;
      EXPECT_EQ(option.value_name.empty(), !option.has_value()) << command.path << " --" << option.name;
    }
  }
}

TEST(Commands, PathsAreDistinctAndGroupsAreExplained) {
  std::set<std::string_view> paths;
  for (const Command& command : AllCommands()) {
    EXPECT_TRUE(paths.insert(command.path).second) << command.path;
    const size_t blank = command.path.find(' ');
    if (blank == std::string_view::npos) continue;
    EXPECT_NE(GroupSummary(command.path.substr(0, blank)), "") << command.path;
  }
}

TEST(Commands, TheExamplesAreCommandLinesThatCanBeRead) {
  const std::vector<Command> commands = AllCommands();
  const std::vector<Option> globals = GlobalOptions();
  for (const Command& command : commands) {
    for (const Example& example : command.examples) {
      // Behind a pipe, or inside <( ).
      const size_t begin = example.line.find("sleeper ");
      ASSERT_NE(begin, std::string_view::npos) << example.line;
      std::string_view text = example.line.substr(begin + 8);
      text = text.substr(0, std::min(text.find(" | "), text.find(')', text.size() - 1)));
      const std::vector<std::string> words = ShellWords(text);
      const auto line = FindCommand(commands, globals, words);
      ASSERT_TRUE(line.ok()) << example.line << ": " << line.status().ToString();
      ASSERT_NE(line->command, nullptr) << example.line;
      EXPECT_EQ(line->command->path, command.path) << example.line;
      const auto arguments = ParseArguments(*line->command, globals, line->rest);
      EXPECT_TRUE(arguments.ok()) << example.line << ": " << arguments.status().ToString();
    }
  }
}

TEST(Help, NamesEveryOptionWithItsValue) {
  for (const Command& command : AllCommands()) {
    const std::string help = CommandHelp(command);
    EXPECT_THAT(help, HasSubstr("Example"));
    EXPECT_THAT(help, HasSubstr("--instance LOCATION"));
    for (const Option& option : command.options) EXPECT_THAT(help, HasSubstr("--" + std::string(option.name)));
  }
  EXPECT_THAT(ProgramHelp(AllCommands()), HasSubstr("table create"));
  EXPECT_THAT(GroupHelp("table", AllCommands()), HasSubstr("table create"));
}

TEST(Help, LinesFitAWindow) {
  for (const Command& command : AllCommands()) {
    const std::string help = CommandHelp(command);
    size_t begin = 0;
    while (begin < help.size()) {
      const size_t end = help.find('\n', begin);
      const std::string line = help.substr(begin, end - begin);
      // An example is one line, whatever its length.
      EXPECT_TRUE(line.size() <= 120 || line.starts_with("  sleeper")) << line;
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace sleeper::cli
