#include "sleeper/cli/console.h"

#include <array>
#include <csignal>
#include <unistd.h>

#include <gtest/gtest.h>

namespace sleeper::cli {
namespace {

TEST(Console, KnowsWhetherTheReaderOfAPipeHasGoneAway) {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Console console(ends[1], STDERR_FILENO);
  EXPECT_TRUE(console.HasReader());
  EXPECT_TRUE(console.Print("a line\n").ok());
  ::close(ends[0]);
  EXPECT_FALSE(console.HasReader());
  EXPECT_TRUE(IsKind(console.Print("another\n"), ErrorKind::kCancelled));
  ::close(ends[1]);
}

}  // namespace
}  // namespace sleeper::cli
