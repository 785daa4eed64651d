#include "sleeper/base/task_group.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/bounded_queue.h"
#include "sleeper/base/event.h"
#include "sleeper/base/mutex.h"

namespace sleeper {
namespace {

/// An executor whose only worker is busy until Release(), so that only joining threads run tasks.
class BusyExecutor {
 public:
  explicit BusyExecutor(const Clock& clock) : executor_(1, clock), released_(executor_), worker_(executor_) {
    Event started(executor_);
    worker_.Run([this, &started] {
      started.Set();
      released_.Wait();
      return Status::OK();
    });
    started.Wait();
  }
  ~BusyExecutor() { Release(); }

  void Release() { released_.Set(); }
  Executor& executor() { return executor_; }

 private:
  ThreadExecutor executor_;
  Event released_;
  TaskGroup worker_;
};

class TaskGroupTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
};

TEST_F(TaskGroupTest, JoinWaitsForAllTasks) {
  std::atomic<int> ran = 0;
  TaskGroup group(executor_);
  for (int i = 0; i < 100; ++i) {
    group.Run([&ran] {
      ++ran;
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(ran, 100);
}

TEST_F(TaskGroupTest, AnEmptyGroupJoinsAtOnce) { EXPECT_TRUE(TaskGroup(executor_).Join().ok()); }

TEST_F(TaskGroupTest, ARepeatedJoinGivesTheSameAnswer) {
  TaskGroup group(executor_);
  group.Run([] { return Error(ErrorKind::kCorrupt, "bad"); });
  EXPECT_TRUE(IsKind(group.Join(), ErrorKind::kCorrupt));
  EXPECT_TRUE(IsKind(group.Join(), ErrorKind::kCorrupt));
}

TEST_F(TaskGroupTest, CanBeUsedAgainAfterAJoinThatSucceeded) {
  std::atomic<int> ran = 0;
  TaskGroup group(executor_);
  for (int round = 0; round < 3; ++round) {
    group.Run([&ran] {
      ++ran;
      return Status::OK();
    });
    EXPECT_TRUE(group.Join().ok());
    EXPECT_EQ(ran, round + 1);
  }
}

TEST_F(TaskGroupTest, TheFirstFailureCancelsTheRest) {
  BusyExecutor busy(clock_);
  std::atomic<int> ran = 0;
  TaskGroup group(busy.executor());
  for (int i = 0; i < 10; ++i) {
    group.Run([&ran, i] {
      ++ran;
      return i == 3 ? Error(ErrorKind::kDenied, "task ", i) : Status::OK();
    });
  }
  Status status = group.Join();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied)) << status.ToString();
  EXPECT_EQ(ran, 4);
  EXPECT_TRUE(group.cancellation().cancelled());
}

TEST_F(TaskGroupTest, RunningTasksSeeTheCancellation) {
  Event started(executor_);
  TaskGroup group(executor_);
  group.RunStage([&] {
    started.Set();
    while (!group.cancellation().cancelled()) {
    }
    return Error(ErrorKind::kCancelled, "unwound");
  });
  group.RunStage([&] {
    started.Wait();
    return Error(ErrorKind::kExhausted, "disk full");
  });
  EXPECT_TRUE(IsKind(group.Join(), ErrorKind::kExhausted));
}

TEST_F(TaskGroupTest, ATaskSkippedBecauseOfACancelMakesTheJoinFail) {
  TaskGroup group(executor_);
  group.Cancel();
  bool ran = false;
  group.Run([&ran] {
    ran = true;
    return Status::OK();
  });
  EXPECT_TRUE(IsKind(group.Join(), ErrorKind::kCancelled));
  EXPECT_FALSE(ran);
}

TEST_F(TaskGroupTest, TheDestructorCancelsAndJoins) {
  std::atomic<bool> ended = false;
  {
    Event started(executor_);
    TaskGroup group(executor_);
    group.RunStage([&, cancellation = &group.cancellation()] {
      started.Set();
      while (!cancellation->cancelled()) {
      }
      ended = true;
      return Status::OK();
    });
    started.Wait();
  }
  EXPECT_TRUE(ended);
}

TEST_F(TaskGroupTest, LetsGoOfWhatATaskHoldsBeforeJoinReturns) {
  auto held = std::make_shared<int>(7);
  TaskGroup group(executor_);
  for (int i = 0; i < 20; ++i) group.Run([held] { return Status::OK(); });
  group.RunStage([held] { return Status::OK(); });
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(held.use_count(), 1);
}

// Every task of every level joins a group of its own on the same two workers.
TEST_F(TaskGroupTest, NestedGroupsCannotDeadlock) {
  std::atomic<int> leaves = 0;
  std::function<Status(int)> descend = [&](int depth) -> Status {
    if (depth == 0) {
      ++leaves;
      return Status::OK();
    }
    TaskGroup group(executor_);
    for (int i = 0; i < 3; ++i) group.Run([&, depth] { return descend(depth - 1); });
    return group.Join();
  };
  EXPECT_TRUE(descend(5).ok());
  EXPECT_EQ(leaves, 3 * 3 * 3 * 3 * 3);
}

TEST_F(TaskGroupTest, StagesOfAPipelineWaitForOneAnother) {
  BoundedQueue<int> queue(executor_, 2);
  int64_t sum = 0;
  TaskGroup group(executor_);
  group.RunStage([&queue] {
    for (int i = 1; i <= 100; ++i) queue.Push(i);
    queue.Close();
    return Status::OK();
  });
  group.RunStage([&queue, &sum] {
    while (std::optional<int> item = queue.Pop()) sum += *item;
    return Status::OK();
  });
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(sum, 5050);
}

class ParallelForTest : public TaskGroupTest {};

TEST_F(ParallelForTest, RunsEveryIndexOnce) {
  for (int parallel_max : {0, 1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> runs(100);
    EXPECT_TRUE(ParallelFor(executor_, 100, parallel_max, [&runs](int64_t i) {
                  ++runs[i];
                  return Status::OK();
                }).ok());
    for (auto& count : runs) EXPECT_EQ(count, 1) << "parallel_max " << parallel_max;
  }
}

TEST_F(ParallelForTest, NothingToDoIsDone) {
  EXPECT_TRUE(ParallelFor(executor_, 0, 4, [](int64_t) { return Error(ErrorKind::kInternal, "ran"); }).ok());
}

TEST_F(ParallelForTest, RunsNoMoreThanAskedAtATime) {
  ThreadExecutor many(8, clock_);
  std::atomic<int> running = 0;
  std::atomic<bool> too_many = false;
  EXPECT_TRUE(ParallelFor(many, 300, 3, [&](int64_t) {
                if (++running > 3) too_many = true;
                --running;
                return Status::OK();
              }).ok());
  EXPECT_FALSE(too_many);
}

TEST_F(ParallelForTest, ReturnsTheFailureOfTheLowestIndex) {
  for (int round = 0; round < 50; ++round) {
    Status status = ParallelFor(executor_, 40, 4, [](int64_t i) {
      return i % 10 == 7 ? Error(ErrorKind::kInvalid, "index ", i) : Status::OK();
    });
    EXPECT_EQ(status.message(), "index 7");
  }
}

TEST_F(ParallelForTest, StopsAfterAFailure) {
  std::atomic<int> ran = 0;
  Status status = ParallelFor(executor_, 1000000, 2, [&ran](int64_t) {
    ++ran;
    return Error(ErrorKind::kInvalid, "always");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_LE(ran, 2);
}

TEST_F(ParallelForTest, TheCallingThreadHelps) {
  BusyExecutor busy(clock_);
  std::atomic<int> ran = 0;
  EXPECT_TRUE(ParallelFor(busy.executor(), 10, 4, [&ran](int64_t) {
                ++ran;
                return Status::OK();
              }).ok());
  EXPECT_EQ(ran, 10);
}

}  // namespace
}  // namespace sleeper
