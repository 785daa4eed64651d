#include "tests/sim/scheduler.h"

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kManySteps = 100'000;
constexpr Duration kStepMean = milliseconds(1);

/// Three processes that say when it is their turn.
std::string Conversation(uint64_t seed) {
  Trace trace;
  Scheduler scheduler(seed, kStepMean, trace);
  std::string said;
  for (const char* name : {"a", "b", "c"}) {
    Process& process = scheduler.AddProcess(name, 1);
    scheduler.Start(process, [&scheduler, &said, name] {
      for (int i = 0; i < 5; ++i) {
        said += name;
        scheduler.Yield();
      }
    });
  }
  EXPECT_EQ(scheduler.Run(kManySteps), RunEnd::kAllEnded);
  return said;
}

TEST(Scheduler, TheSeedGovernsTheOrder) {
  std::set<std::string> conversations;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::string once = Conversation(seed);
    EXPECT_EQ(once.size(), 15u);
    EXPECT_EQ(once, Conversation(seed)) << "seed " << seed;
    conversations.insert(once);
  }
  EXPECT_GT(conversations.size(), 15u);
}

class SchedulerTest : public ::testing::Test {
 protected:
  /// Starts a task in a process of its own.
  Process& Go(const std::string& name, std::function<void()> body, uint64_t weight = 1) {
    Process& process = scheduler_.AddProcess(name, weight);
    scheduler_.Start(process, std::move(body));
    return process;
  }

  Trace trace_;
  Scheduler scheduler_{1, kStepMean, trace_};
  std::vector<std::string> said_;
};

TEST_F(SchedulerTest, TimeJumpsToTheNextSleeperWhenNobodyCanGoOn) {
  Go("late", [&] {
    scheduler_.SleepUntil(hours(2));
    said_.push_back("two hours");
  });
  Go("early", [&] {
    scheduler_.SleepUntil(hours(1));
    said_.push_back("one hour");
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_THAT(said_, ElementsAre("one hour", "two hours"));
  EXPECT_EQ(scheduler_.now(), hours(2));
}

TEST_F(SchedulerTest, TimePassesWithEachStep) {
  Go("busy", [&] {
    for (int i = 0; i < 1000; ++i) scheduler_.Yield();
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_GT(scheduler_.now(), milliseconds(800));
  EXPECT_LT(scheduler_.now(), milliseconds(1200));
}

TEST_F(SchedulerTest, ASleeperWakesAlthoughOthersAreBusy) {
  bool woken = false;
  Go("sleeper", [&] {
    scheduler_.SleepUntil(milliseconds(50));
    woken = true;
  });
  Go("busy", [&] {
    for (int i = 0; i < 1000 && !woken; ++i) scheduler_.Yield();
    EXPECT_TRUE(woken);
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
}

TEST_F(SchedulerTest, AWaiterGoesOnWhenWokenOrAtItsDeadline) {
  Scheduler::WaitList list;
  Go("waiter", [&] {
    EXPECT_TRUE(scheduler_.Wait(list, Duration::max()));
    said_.push_back("woken");
    EXPECT_FALSE(scheduler_.Wait(list, hours(1)));
    said_.push_back("deadline");
    EXPECT_FALSE(scheduler_.Wait(list, hours(1)));
    said_.push_back("deadline has passed before");
  });
  Go("waker", [&] {
    scheduler_.SleepUntil(seconds(1));
    scheduler_.Wake(list);
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_THAT(said_, ElementsAre("woken", "deadline", "deadline has passed before"));
  EXPECT_GE(scheduler_.now(), hours(1));
}

TEST_F(SchedulerTest, ADeadlockIsFoundAndDescribed) {
  auto list = std::make_unique<Scheduler::WaitList>();
  Go("waiter", [&] {
    scheduler_.SetLastCall(
        {.process = "waiter", .task = 1, .what = "put", .path = "some/object", .outcome = "created"});
    scheduler_.Wait(*list, Duration::max());
  });
  Go("other", [&] { scheduler_.SleepUntil(seconds(1)); });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kDeadlock);
  std::ostringstream description;
  scheduler_.Describe(description);
  EXPECT_THAT(description.str(), AllOf(HasSubstr("waiter/1 waits for another task since 0.000000s; last port call: "),
                                       HasSubstr("put some/object: created")));
  // The stack of the waiter as well: some lines with addresses.
  EXPECT_THAT(description.str(), HasSubstr("[0x"));
  scheduler_.Abandon();
}

TEST_F(SchedulerTest, ARunThatDoesNotEndIsStopped) {
  bool stop = false;
  Go("for ever", [&] {
    while (!stop) scheduler_.Yield();
  });
  EXPECT_EQ(scheduler_.Run(1000), RunEnd::kTooLong);
  EXPECT_EQ(scheduler_.steps(), 1000);
  stop = true;
  EXPECT_EQ(scheduler_.Run(2000), RunEnd::kAllEnded);
}

TEST_F(SchedulerTest, AKilledProcessWakesUpAndSleepsNoMore) {
  Process& victim = Go("victim", [&] {
    scheduler_.SleepUntil(hours(1));
    EXPECT_TRUE(scheduler_.current_process().killed());
    scheduler_.SleepUntil(hours(2));
  });
  Go("killer", [&] {
    scheduler_.SleepUntil(seconds(1));
    scheduler_.Kill(victim);
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_LT(scheduler_.now(), seconds(2));
}

TEST_F(SchedulerTest, APausedProcessStandsStillInTheMiddle) {
  Process& victim = Go("paused", [&] {
    for (int i = 0; i < 100; ++i) scheduler_.Yield();
    EXPECT_GE(scheduler_.now(), hours(1));
  });
  Go("operator", [&] {
    scheduler_.Pause(victim, hours(1));
    for (int i = 0; i < 100; ++i) scheduler_.Yield();
    EXPECT_LT(scheduler_.now(), seconds(1));
  });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
}

TEST_F(SchedulerTest, AHeavierProcessGetsMoreTurns) {
  int turns_of_light = 0;
  bool ended = false;
  Go(
      "light",
      [&] {
        for (; !ended; ++turns_of_light) scheduler_.Yield();
      },
      1);
  Go(
      "heavy",
      [&] {
        for (int i = 0; i < 1000; ++i) scheduler_.Yield();
        ended = true;
      },
      50);
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_GT(turns_of_light, 5);
  EXPECT_LT(turns_of_light, 50);
}

TEST_F(SchedulerTest, TasksStartTasks) {
  Process& process = scheduler_.AddProcess("parent", 1);
  std::multiset<int> depths;
  std::function<void(int)> start = [&](int depth) {
    depths.insert(depth);
    if (depth == 3) return;
    for (int i = 0; i < 2; ++i) scheduler_.Start(process, [&start, depth] { start(depth + 1); });
  };
  scheduler_.Start(process, [&start] { start(0); });
  EXPECT_EQ(scheduler_.Run(kManySteps), RunEnd::kAllEnded);
  EXPECT_EQ(depths.count(3), 8u);
}

TEST(Trace, TheHashDependsOnEveryLineAndOnTheirOrder) {
  const Trace::Line first{
      .time = seconds(1), .process = "a", .task = 1, .what = "put", .path = "x", .outcome = "created"};
  Trace::Line second = first;
  second.path = std::string("y");
  Trace forwards, backwards, again;
  forwards.Add(first);
  forwards.Add(second);
  backwards.Add(second);
  backwards.Add(first);
  again.Add(first);
  again.Add(second);
  EXPECT_EQ(forwards.hash(), again.hash());
  EXPECT_NE(forwards.hash(), backwards.hash());
}

TEST(Trace, KeepsTheLatestLines) {
  Trace trace;
  for (int i = 0; i < 130; ++i) trace.Add({.time = seconds(i), .process = "a", .task = 3, .what = "get"});
  std::vector<std::string> latest = trace.Latest();
  ASSERT_EQ(latest.size(), Trace::kLinesKept);
  EXPECT_EQ(latest.front(), "80.000000s a/3 get");
  EXPECT_EQ(latest.back(), "129.000000s a/3 get");
  EXPECT_EQ(Format({.time = milliseconds(1500),
                    .process = "w",
                    .task = 2,
                    .what = "put",
                    .path = "p",
                    .bytes = 3,
                    .fault = "late",
                    .outcome = "outcome_unknown"}),
            "1.500000s w/2 put p 3 bytes [late]: outcome_unknown");
}

}  // namespace
}  // namespace sleeper::sim
