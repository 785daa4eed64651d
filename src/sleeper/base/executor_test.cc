#include "sleeper/base/executor.h"

#include <atomic>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/base/event.h"
#include "sleeper/base/mutex.h"

namespace sleeper {
namespace {

using std::chrono::milliseconds;

Instant In(const Clock& clock, Duration duration) { return clock.MonotonicNow() + duration; }

TEST(ThreadExecutor, RunsEverySpawnedTask) {
  SystemClock clock;
  std::atomic<int> ran = 0;
  {
    ThreadExecutor executor(3, clock);
    for (int i = 0; i < 1000; ++i) executor.Spawn([&ran] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadExecutor, RunsNoMoreTasksAtATimeThanItHasThreads) {
  SystemClock clock;
  std::atomic<int> running = 0;
  std::atomic<int> running_max = 0;
  {
    ThreadExecutor executor(2, clock);
    EXPECT_EQ(executor.concurrency(), 2);
    for (int i = 0; i < 200; ++i) {
      executor.Spawn([&] {
        int now = ++running;
        int seen = running_max.load();
        while (now > seen && !running_max.compare_exchange_weak(seen, now)) {
        }
        --running;
      });
    }
  }
  EXPECT_LE(running_max, 2);
  EXPECT_GE(running_max, 1);
}

TEST(ThreadExecutor, TwoWorkersRunAtTheSameTime) {
  SystemClock clock;
  ThreadExecutor executor(2, clock);
  Event first(executor), second(executor), met(executor);
  executor.Spawn([&] {
    first.Set();
    EXPECT_TRUE(second.Wait());
    met.Set();
  });
  executor.Spawn([&] {
    EXPECT_TRUE(first.Wait());
    second.Set();
  });
  EXPECT_TRUE(met.Wait());
}

TEST(ThreadExecutor, StagesRunThoughAllWorkersAreBusy) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  Event released(executor), left(executor), last(executor);
  std::atomic<int> stages = 0;
  executor.Spawn([&] {
    EXPECT_TRUE(released.Wait());
    left.Set();
  });
  for (int i = 0; i < 4; ++i) {
    executor.SpawnThread([&] {
      if (++stages == 4) last.Set();
    });
  }
  EXPECT_TRUE(last.Wait());
  released.Set();
  EXPECT_TRUE(left.Wait());
}

TEST(ThreadExecutor, StartsManyStagesOneAfterAnother) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  for (int i = 0; i < 50; ++i) {
    Event done(executor);
    executor.SpawnThread([&done] { done.Set(); });
    EXPECT_TRUE(done.Wait());
  }
}

TEST(ThreadExecutor, SleepsUntilTheInstant) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  Instant wake = In(clock, milliseconds(3));
  executor.SleepUntil(wake);
  EXPECT_GE(clock.MonotonicNow(), wake);
  executor.SleepUntil(Instant::min());
}

TEST(WaitPoint, ANotificationAfterTheTicketIsNeverMissed) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  std::unique_ptr<WaitPoint> point = executor.MakeWaitPoint();
  WaitPoint::Ticket ticket = point->Take();
  point->NotifyAll();
  EXPECT_TRUE(point->Wait(ticket, Instant::max()));
  EXPECT_TRUE(point->Wait(ticket, Instant::min()));
}

TEST(WaitPoint, ANotificationBeforeTheTicketDoesNotEndTheWait) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  std::unique_ptr<WaitPoint> point = executor.MakeWaitPoint();
  point->NotifyAll();
  EXPECT_FALSE(point->Wait(point->Take(), In(clock, milliseconds(2))));
}

TEST(WaitPoint, TheDeadlineEndsTheWaitNotEarlier) {
  SystemClock clock;
  ThreadExecutor executor(1, clock);
  std::unique_ptr<WaitPoint> point = executor.MakeWaitPoint();
  Instant deadline = In(clock, milliseconds(3));
  EXPECT_FALSE(point->Wait(point->Take(), deadline));
  EXPECT_GE(clock.MonotonicNow(), deadline);
}

TEST(WaitPoint, WakesEveryWaiter) {
  SystemClock clock;
  ThreadExecutor executor(4, clock);
  std::unique_ptr<WaitPoint> point = executor.MakeWaitPoint();
  std::atomic<int> woken = 0;
  Event all(executor);
  WaitPoint::Ticket ticket = point->Take();
  for (int i = 0; i < 4; ++i) {
    executor.Spawn([&] {
      EXPECT_TRUE(point->Wait(ticket, Instant::max()));
      if (++woken == 4) all.Set();
    });
  }
  point->NotifyAll();
  EXPECT_TRUE(all.Wait());
}

// Two threads pass a token to and fro through one wait point; a lost notification would stop them for ever.
TEST(WaitPoint, LosesNoNotificationUnderContention) {
  constexpr int kRounds = 2000;
  SystemClock clock;
  ThreadExecutor executor(2, clock);
  std::unique_ptr<WaitPoint> point = executor.MakeWaitPoint();
  std::atomic<int> token = 0;
  Event ended(executor);
  std::atomic<int> players = 2;
  for (int parity = 0; parity < 2; ++parity) {
    executor.Spawn([&, parity] {
      for (int round = 0; round < kRounds; ++round) {
        for (;;) {
          WaitPoint::Ticket ticket = point->Take();
          if (token.load() % 2 == parity) break;
          point->Wait(ticket, Instant::max());
        }
        ++token;
        point->NotifyAll();
      }
      if (--players == 0) ended.Set();
    });
  }
  EXPECT_TRUE(ended.Wait());
  EXPECT_EQ(token, 2 * kRounds);
}

}  // namespace
}  // namespace sleeper
