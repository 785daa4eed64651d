#include "sleeper/base/event.h"

#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"

namespace sleeper {
namespace {

using std::chrono::milliseconds;

class EventTest : public ::testing::Test {
 protected:
  Instant In(Duration duration) const { return clock_.MonotonicNow() + duration; }

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
};

TEST_F(EventTest, IsNotSetAtFirst) {
  Event event(executor_);
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(event.Wait(In(milliseconds(1))));
}

TEST_F(EventTest, StaysSet) {
  Event event(executor_);
  event.Set();
  event.Set();
  EXPECT_TRUE(event.is_set());
  EXPECT_TRUE(event.Wait());
  EXPECT_TRUE(event.Wait(Instant::min()));
}

TEST_F(EventTest, WakesTheWaiter) {
  Event event(executor_);
  TaskGroup group(executor_);
  group.Run([&event] { return event.Wait() ? Status::OK() : Error(ErrorKind::kInternal, "not set"); });
  event.Set();
  EXPECT_TRUE(group.Join().ok());
}

TEST_F(EventTest, MayBeDestroyedAsSoonAsItWasWaitedFor) {
  TaskGroup group(executor_);
  for (int i = 0; i < 500; ++i) {
    Event event(executor_);
    group.Run([&event] {
      event.Set();
      return Status::OK();
    });
    EXPECT_TRUE(event.Wait());
  }
  EXPECT_TRUE(group.Join().ok());
}

class SemaphoreTest : public EventTest {};

TEST_F(SemaphoreTest, AdmitsUpToItsCapacity) {
  Semaphore semaphore(executor_, 3);
  EXPECT_EQ(semaphore.capacity(), 3);
  EXPECT_TRUE(semaphore.Acquire(2));
  EXPECT_TRUE(semaphore.Acquire());
  EXPECT_FALSE(semaphore.Acquire(1, In(milliseconds(1))));
  semaphore.Release();
  EXPECT_TRUE(semaphore.Acquire(1, Instant::min()));
}

TEST_F(SemaphoreTest, AnAmountAboveTheCapacityTakesAllOfIt) {
  Semaphore semaphore(executor_, 3);
  EXPECT_TRUE(semaphore.Acquire(1000));
  EXPECT_FALSE(semaphore.Acquire(1, Instant::min()));
  semaphore.Release(1000);
  EXPECT_TRUE(semaphore.Acquire(3, Instant::min()));
}

TEST_F(SemaphoreTest, AReleaseWakesTheWaiter) {
  Semaphore semaphore(executor_, 1);
  EXPECT_TRUE(semaphore.Acquire());
  TaskGroup group(executor_);
  group.Run([&semaphore] { return semaphore.Acquire() ? Status::OK() : Error(ErrorKind::kInternal, "expired"); });
  semaphore.Release();
  EXPECT_TRUE(group.Join().ok());
}

TEST_F(SemaphoreTest, NeverAdmitsMoreThanItsCapacity) {
  ThreadExecutor many(8, clock_);
  Semaphore semaphore(many, 3);
  std::atomic<int> inside = 0;
  std::atomic<bool> too_many = false;
  TaskGroup group(many);
  for (int i = 0; i < 300; ++i) {
    group.Run([&] {
      semaphore.Acquire();
      if (++inside > 3) too_many = true;
      --inside;
      semaphore.Release();
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_FALSE(too_many);
}

TEST(SemaphoreDeathTest, ReleasingMoreThanWasAcquiredIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  Semaphore semaphore(executor, 1);
  EXPECT_DEATH(semaphore.Release(), "more was released than acquired");
}

}  // namespace
}  // namespace sleeper
