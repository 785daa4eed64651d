#include "tests/sim/sim_executor.h"

#include <functional>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sleeper/base/bounded_queue.h"
#include "sleeper/base/event.h"
#include "sleeper/base/task_group.h"

namespace sleeper::sim {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// Runs a body as the first task of a process with an executor.
class SimExecutorTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kSeeds = 20;

  void RunSeeds(int concurrency, const std::function<void(Scheduler&, SimExecutor&)>& body) {
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Trace trace;
      Scheduler scheduler(seed, std::chrono::milliseconds(1), trace);
      Process& process = scheduler.AddProcess("process", 1);
      SimClock clock(scheduler, seconds(0), hours(5));
      SimExecutor executor(scheduler, process, clock, concurrency);
      scheduler.Start(process, [&] { body(scheduler, executor); });
      ASSERT_EQ(scheduler.Run(1'000'000), RunEnd::kAllEnded);
    }
  }
};

TEST_F(SimExecutorTest, GroupsOfGroupsEnd) {
  for (int concurrency : {1, 3}) {
    RunSeeds(concurrency, [](Scheduler& scheduler, SimExecutor& executor) {
      int leaves = 0;
      std::function<Status(int)> descend = [&](int depth) -> Status {
        scheduler.Yield();
        if (depth == 0) {
          ++leaves;
          return Status::OK();
        }
        TaskGroup group(executor);
        for (int i = 0; i < 3; ++i) group.Run([&, depth] { return descend(depth - 1); });
        return group.Join();
      };
      EXPECT_TRUE(descend(3).ok());
      EXPECT_EQ(leaves, 27);
    });
  }
}

TEST_F(SimExecutorTest, RunsNoMoreTasksAtATimeThanItsConcurrency) {
  RunSeeds(2, [](Scheduler& scheduler, SimExecutor& executor) {
    int running = 0;
    int running_max = 0;
    Event ended(executor);
    int left = 20;
    for (int i = 0; i < 20; ++i) {
      executor.Spawn([&] {
        running_max = std::max(running_max, ++running);
        scheduler.Yield();
        --running;
        if (--left == 0) ended.Set();
      });
    }
    EXPECT_TRUE(ended.Wait());
    EXPECT_EQ(running_max, 2);
  });
}

TEST_F(SimExecutorTest, PipelinesPassEverythingOn) {
  RunSeeds(1, [](Scheduler& scheduler, SimExecutor& executor) {
    BoundedQueue<int> first(executor, 2), second(executor, 3);
    int64_t sum = 0;
    TaskGroup group(executor);
    group.RunStage([&] {
      for (int i = 1; i <= 50; ++i) {
        scheduler.Yield();
        first.Push(i);
      }
      first.Close();
      return Status::OK();
    });
    group.RunStage([&] {
      while (std::optional<int> item = first.Pop()) second.Push(*item * 2);
      second.Close();
      return Status::OK();
    });
    group.RunStage([&] {
      while (std::optional<int> item = second.Pop()) {
        scheduler.Yield();
        sum += *item;
      }
      return Status::OK();
    });
    EXPECT_TRUE(group.Join().ok());
    EXPECT_EQ(sum, 50 * 51);
  });
}

TEST_F(SimExecutorTest, DeadlinesAreReadOnTheClockOfTheProcess) {
  RunSeeds(1, [](Scheduler& scheduler, SimExecutor& executor) {
    Event never(executor);
    Instant start = executor.clock().MonotonicNow();
    EXPECT_EQ(start.time_since_epoch(), hours(5) + scheduler.now());
    EXPECT_FALSE(never.Wait(start + seconds(10)));
    EXPECT_EQ(executor.clock().MonotonicNow(), start + seconds(10));
    executor.SleepUntil(start + seconds(25));
    EXPECT_EQ(executor.clock().MonotonicNow(), start + seconds(25));
  });
}

TEST_F(SimExecutorTest, SemaphoresAdmitTheirCapacityInEveryOrder) {
  std::set<std::string> orders;
  RunSeeds(8, [&orders](Scheduler& scheduler, SimExecutor& executor) {
    Semaphore semaphore(executor, 2);
    int inside = 0;
    std::string order;
    TaskGroup group(executor);
    for (int i = 0; i < 6; ++i) {
      group.RunStage([&, i] {
        scheduler.Yield();
        semaphore.Acquire();
        EXPECT_LE(++inside, 2);
        order += std::to_string(i);
        scheduler.Yield();
        --inside;
        semaphore.Release();
        return Status::OK();
      });
    }
    EXPECT_TRUE(group.Join().ok());
    orders.insert(order);
  });
  EXPECT_GT(orders.size(), kSeeds / 2);
}

TEST_F(SimExecutorTest, TheCalendarMayBeWrong) {
  Trace trace;
  Scheduler scheduler(1, std::chrono::milliseconds(1), trace);
  EXPECT_EQ(SimClock(scheduler, hours(-3), Duration{}).Now(), kEpoch - hours(3));
}

}  // namespace
}  // namespace sleeper::sim
