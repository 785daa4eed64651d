#include "sleeper/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FindCommandTest : public testing::Test {
 protected:
  Result<CommandLine> Find(const std::vector<std::string>& words) { return FindCommand(commands_, globals_, words); }

  std::string Path(const std::vector<std::string>& words) {
    const auto line = Find(words);
    EXPECT_TRUE(line.ok()) << line.status().ToString();
    return !line.ok() || line->command == nullptr ? "" : std::string(line->command->path);
  }

  const std::vector<Command> commands_ = {
      {.path = "query"}, {.path = "table create"}, {.path = "table list"}, {.path = "status"}};
  const std::vector<Option> globals_ = GlobalOptions();
};

TEST_F(FindCommandTest, FindsCommandsOfOneAndTwoWords) {
  EXPECT_EQ(Path({"query", "t"}), "query");
  EXPECT_EQ(Path({"table", "create", "t"}), "table create");
}

TEST_F(FindCommandTest, TheRestKeepsItsOrder) {
  EXPECT_THAT(Find({"--quiet", "--instance", "query", "table", "--stats", "list", "x", "--y"})->rest,
              ElementsAre("--quiet", "--instance", "query", "--stats", "x", "--y"));
}

TEST_F(FindCommandTest, ValuesOfGlobalOptionsAreNotCommands) {
  EXPECT_EQ(Path({"--instance", "status", "query", "t"}), "query");
  EXPECT_EQ(Path({"--instance=status", "query", "t"}), "query");
}

TEST_F(FindCommandTest, ATableMayBeNamedLikeACommand) {
  EXPECT_EQ(Path({"query", "status"}), "query");
  EXPECT_THAT(Find({"query", "status"})->rest, ElementsAre("status"));
}

TEST_F(FindCommandTest, AGroupAloneIsNoCommand) {
  EXPECT_EQ(Find({"table"})->command, nullptr);
  EXPECT_EQ(Find({"table"})->group, "table");
  EXPECT_EQ(Find({})->command, nullptr);
  EXPECT_THAT(Find({})->rest, IsEmpty());
}

TEST_F(FindCommandTest, AMistypedCommandIsRefusedWithTheNearestOne) {
  const Status status = Find({"tabel", "create"}).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid));
  EXPECT_THAT(Find({"quary"}).status().message(), HasSubstr("no command 'quary'"));
  EXPECT_THAT(HintOf(Find({"quary"}).status()), HasSubstr("sleeper query"));
  EXPECT_THAT(HintOf(Find({"table", "crate"}).status()), HasSubstr("sleeper table create"));
}

}  // namespace
}  // namespace sleeper::cli
