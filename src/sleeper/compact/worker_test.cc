#include "sleeper/compact/worker.h"

#include <string>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "sleeper/base/check.h"

namespace sleeper::compact {
namespace {

// What a process called itself that has ended since.
std::string DeadProcess() {
  int pipe_ends[2];
  SLEEPER_CHECK(pipe(pipe_ends) == 0, "no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const std::string self = ThisProcess().self;
    const bool written = write(pipe_ends[1], self.data(), self.size()) == static_cast<ssize_t>(self.size());
    _exit(written ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string self(1'000, '\0');
  self.resize(static_cast<size_t>(read(pipe_ends[0], self.data(), self.size())));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return self;
}

TEST(ThisProcess, IsAlive) {
  const Worker worker = ThisProcess();
  ASSERT_FALSE(worker.self.empty());
  EXPECT_EQ(worker.self, ThisProcess().self);
  EXPECT_EQ(worker.look_up(worker.self), WorkerLife::kAlive);
}

TEST(ThisProcess, KnowsThatAnotherOneIsDead) {
  const std::string dead = DeadProcess();
  ASSERT_NE(dead, "");
  EXPECT_NE(dead, ThisProcess().self);
  EXPECT_EQ(ThisProcess().look_up(dead), WorkerLife::kDead) << dead;
}

TEST(ThisProcess, KnowsThatItsNumberBelongedToAnotherOneBefore) {
  std::string other = ThisProcess().self;
  other.back() = other.back() == '1' ? '2' : '1';
  EXPECT_EQ(ThisProcess().look_up(other), WorkerLife::kDead) << other;
}

TEST(ThisProcess, SaysNothingOfOtherMachinesAndOfWhatItDoesNotUnderstand) {
  std::string elsewhere = DeadProcess();
  elsewhere.replace(elsewhere.find(' ') + 1, 8, "ffffffff");
  for (const std::string& worker : {elsewhere, std::string(), std::string("process/2 a 1 2"), std::string("process/1"),
                                    std::string("process/1 a ../1 2")}) {
    EXPECT_EQ(ThisProcess().look_up(worker), WorkerLife::kUnknown) << worker;
  }
}

}  // namespace
}  // namespace sleeper::compact
