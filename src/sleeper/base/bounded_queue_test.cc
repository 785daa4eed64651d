#include "sleeper/base/bounded_queue.h"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"

namespace sleeper {
namespace {

using testing::ElementsAre;

class BoundedQueueTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
  BoundedQueue<int> queue_{executor_, 3};
};

TEST_F(BoundedQueueTest, HandsOutInOrder) {
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(queue_.Push(i));
  EXPECT_EQ(queue_.Pop(), 1);
  EXPECT_EQ(queue_.Pop(), 2);
  EXPECT_EQ(queue_.Pop(), 3);
}

TEST_F(BoundedQueueTest, AClosedQueueStillHandsOutWhatIsInside) {
  queue_.Push(1);
  queue_.Push(2);
  queue_.Close();
  EXPECT_FALSE(queue_.Push(3));
  EXPECT_EQ(queue_.Pop(), 1);
  EXPECT_EQ(queue_.Pop(), 2);
  EXPECT_EQ(queue_.Pop(), std::nullopt);
  EXPECT_EQ(queue_.Pop(), std::nullopt);
}

TEST_F(BoundedQueueTest, AnAbortedQueueDropsWhatIsInside) {
  queue_.Push(1);
  queue_.Abort();
  EXPECT_EQ(queue_.Pop(), std::nullopt);
  EXPECT_FALSE(queue_.Push(2));
}

TEST_F(BoundedQueueTest, AwaitsAnItemOrTheEndUntilADeadline) {
  EXPECT_FALSE(queue_.AwaitItem(clock_.MonotonicNow()));
  queue_.Push(1);
  EXPECT_TRUE(queue_.AwaitItem(clock_.MonotonicNow()));
  EXPECT_EQ(queue_.Pop(), 1) << "it is still there";
  EXPECT_FALSE(queue_.AwaitItem(clock_.MonotonicNow()));
  queue_.Close();
  EXPECT_TRUE(queue_.AwaitItem(clock_.MonotonicNow()));
}

TEST_F(BoundedQueueTest, NeverHoldsMoreThanItsBound) {
  std::atomic<int> inside = 0;
  std::atomic<int> inside_max = 0;
  TaskGroup group(executor_);
  group.RunStage([&] {
    for (int i = 0; i < 500; ++i) {
      queue_.Push(i);
      int now = ++inside;
      if (now > inside_max) inside_max = now;
    }
    queue_.Close();
    return Status::OK();
  });
  group.RunStage([&] {
    for (int expected = 0;; ++expected) {
      --inside;  // Before the item is out, so that the count is never above what is inside.
      std::optional<int> item = queue_.Pop();
      if (!item) return Status::OK();
      if (*item != expected) return Error(ErrorKind::kInternal, *item, " came instead of ", expected);
    }
  });
  Status status = group.Join();
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_LE(inside_max, 3);
}

TEST_F(BoundedQueueTest, AnAbortWakesBothSides) {
  TaskGroup group(executor_);
  BoundedQueue<int> empty(executor_, 1);
  for (int i = 0; i < 3; ++i) queue_.Push(i);
  group.RunStage([&] { return queue_.Push(4) ? Error(ErrorKind::kInternal, "pushed") : Status::OK(); });
  group.RunStage([&] { return empty.Pop() ? Error(ErrorKind::kInternal, "popped") : Status::OK(); });
  queue_.Abort();
  empty.Abort();
  Status status = group.Join();
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST_F(BoundedQueueTest, ManyProducersAndConsumersLoseNothing) {
  constexpr int kProducers = 4;
  constexpr int kItems = 500;
  std::atomic<int> producing = kProducers;
  std::atomic<int64_t> sum = 0;
  TaskGroup group(executor_);
  for (int producer = 0; producer < kProducers; ++producer) {
    group.RunStage([&] {
      for (int i = 1; i <= kItems; ++i) queue_.Push(i);
      if (--producing == 0) queue_.Close();
      return Status::OK();
    });
  }
  for (int consumer = 0; consumer < 3; ++consumer) {
    group.RunStage([&] {
      while (std::optional<int> item = queue_.Pop()) sum += *item;
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(sum, int64_t{kProducers} * kItems * (kItems + 1) / 2);
}

TEST_F(BoundedQueueTest, CarriesTypesThatCanOnlyBeMoved) {
  BoundedQueue<std::unique_ptr<int>> queue(executor_, 1);
  queue.Push(std::make_unique<int>(7));
  EXPECT_EQ(**queue.Pop(), 7);
}

}  // namespace
}  // namespace sleeper
