#include "sleeper/store/rate_governor.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/retrying_store.h"
#include "sleeper/store/testing/intercepting_store.h"
#include "tests/virtual_time/throttling_store.h"

namespace sleeper::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

double SecondsOf(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// What many workers met at a store that serves 100 requests a second.
struct Storm {
  int64_t failed = 0;
  int64_t served = 0;
  int64_t refused = 0;
  double seconds = 0;
};

enum class Governors { kOneForAll, kOneForEach };

/// So many workers, each of which makes so many requests one after the other, as fast as it may.
Storm RunStorm(uint64_t seed, int workers, int requests, Governors governors) {
  Storm storm;
  sim::VirtualTime time(seed);
  MemoryStore memory(time.clock());
  sim::ThrottlingStore throttling(memory, time, {});
  SeededRandom random(seed);
  RateGovernor shared(time.executor());
  EXPECT_TRUE(time.Run([&] {
    TaskGroup group(time.executor());
    for (int worker = 0; worker < workers; ++worker) {
      group.RunStage([&]() -> Status {
        RateGovernor own(time.executor());
        RateGovernor& governor = governors == Governors::kOneForAll ? shared : own;
        RetryingStore store(throttling, RetryPolicy(), {time.executor(), random, &governor});
        for (int i = 0; i < requests; ++i) {
          const Status status = store.Head(ObjectPath("tables/1/data/x"), CallContext()).status();
          if (!IsKind(status, ErrorKind::kNotFound)) ++storm.failed;
        }
        return Status::OK();
      });
    }
    EXPECT_TRUE(group.Join().ok());
    storm.seconds = SecondsOf(time.now());
  }));
  testing::Test::RecordProperty("refused", static_cast<int>(throttling.refused()));
  testing::Test::RecordProperty("seconds", static_cast<int>(storm.seconds));
  storm.served = throttling.served();
  storm.refused = throttling.refused();
  return storm;
}

TEST(RateGovernorTest, ThreeHundredWorkersThatAreRefusedSlowDownTogetherAndNoneFails) {
  const Storm storm = RunStorm(1, /*workers=*/300, /*requests=*/10, Governors::kOneForAll);
  EXPECT_EQ(storm.failed, 0);
  EXPECT_EQ(storm.served, 3000);
  // Without any waste the store would be busy for 30 s.
  EXPECT_LT(storm.seconds, 50) << storm.refused << " refused";
  EXPECT_LT(storm.refused, 1500) << storm.seconds << " s";
}

TEST(RateGovernorTest, ThreeHundredProcessesThatKnowNothingOfEachOtherGetThroughAsWell) {
  const Storm storm = RunStorm(1, /*workers=*/300, /*requests=*/10, Governors::kOneForEach);
  EXPECT_EQ(storm.failed, 0);
  EXPECT_EQ(storm.served, 3000);
  EXPECT_LT(storm.seconds, 120) << storm.refused << " refused";
}

/// A store that refuses every request for a while and serves all of them from then on, each after 25 ms.
class StormyStore final : public InterceptingStore {
 public:
  StormyStore(ObjectStore& inner, sim::VirtualTime& time, Duration calm_at)
      : InterceptingStore(inner), time_(time), calm_at_(calm_at) {}

  /// Requests that came at or after `begin` and before `end`.
  int64_t RequestsBetween(Duration begin, Duration end) const {
    return std::ranges::count_if(came_at_, [&](Duration at) { return at >= begin && at < end; });
  }

 private:
  Status Before(const StoreCall& /*call*/) override {
    came_at_.push_back(time_.now());
    const bool serves = time_.now() >= calm_at_;
    time_.Sleep(milliseconds(25));
    return serves ? Status::OK() : Error(ErrorKind::kThrottled, "reduce your request rate");
  }

  sim::VirtualTime& time_;
  const Duration calm_at_;
  std::vector<Duration> came_at_;
};

/// What became of requests in a storm.
struct AfterStorm {
  int64_t failed = 0;
  std::string failure;
  /// When the last request had ended.
  double seconds = 0;
  int64_t first_second_requests = 0;
  /// The most requests in one second, from ten seconds after the storm's begin to its end.
  int64_t storm_requests_max = 0;
  /// The same, from the storm's end on.
  int64_t calm_requests_max = 0;
};

/// So many workers that ask for an object each, `requests` times, at a store that refuses everything until `calm_at`.
AfterStorm AskIn(Duration calm_at, uint64_t seed, int workers, int requests) {
  AfterStorm after;
  sim::VirtualTime time(seed);
  MemoryStore memory(time.clock());
  StormyStore stormy(memory, time, calm_at);
  SeededRandom random(seed);
  RateGovernor governor(time.executor());
  EXPECT_TRUE(time.Run([&] {
    RetryingStore store(stormy, RetryPolicy(), {time.executor(), random, &governor});
    TaskGroup group(time.executor());
    for (int worker = 0; worker < workers; ++worker) {
      group.RunStage([&]() -> Status {
        for (int i = 0; i < requests; ++i) {
          const Status status = store.Head(ObjectPath("tables/1/data/x"), CallContext()).status();
          if (IsKind(status, ErrorKind::kNotFound)) continue;
          ++after.failed;
          after.failure = status.ToString();
        }
        return Status::OK();
      });
    }
    EXPECT_TRUE(group.Join().ok());
    after.seconds = SecondsOf(time.now());
  }));
  after.first_second_requests = stormy.RequestsBetween(seconds(0), seconds(1));
  for (Duration at = seconds(10); SecondsOf(at) < after.seconds; at += seconds(1)) {
    int64_t& most = at < calm_at ? after.storm_requests_max : after.calm_requests_max;
    most = std::max(most, stormy.RequestsBetween(at, at + seconds(1)));
  }
  testing::Test::RecordProperty("seconds", std::to_string(after.seconds));
  testing::Test::RecordProperty("calm_requests_max", static_cast<int>(after.calm_requests_max));
  return after;
}

TEST(RateGovernorTest, AStormOfTwentySecondsFailsNoneOfThreeHundredWorkersAndIsOverSoonAfterItsEnd) {
  const AfterStorm after = AskIn(seconds(20), 1, /*workers=*/300, /*requests=*/1);
  EXPECT_EQ(after.failed, 0) << after.failure;
  EXPECT_LT(after.seconds, 20 + 20);
  EXPECT_LE(after.first_second_requests, 900) << "that each worker asks three times at most";
  EXPECT_LE(after.storm_requests_max, 10) << "while all are refused";
  EXPECT_LE(after.calm_requests_max, 150) << "that none of them is answered by a storm of requests";
}

TEST(RateGovernorTest, SixtyFourThreadsWithMuchToDoAreBackAtTheirPaceSoonAfterAStorm) {
  const AfterStorm after = AskIn(seconds(20), 1, /*workers=*/64, /*requests=*/50);
  EXPECT_EQ(after.failed, 0) << after.failure;
  EXPECT_LT(after.seconds, 20 + 30) << "3,200 requests";
  EXPECT_LE(after.storm_requests_max, 10);
}

TEST(RateGovernorTest, AStormOfTwoMinutesFailsNoneEither) {
  const AfterStorm after = AskIn(seconds(120), 1, /*workers=*/64, /*requests=*/1);
  EXPECT_EQ(after.failed, 0) << after.failure;
  EXPECT_LT(after.seconds, 120 + 20);
}

TEST(RateGovernorTest, AStoreThatServesNobodyForThreeMinutesIsGivenUpByAll) {
  const AfterStorm after = AskIn(std::chrono::hours(100), 1, /*workers=*/64, /*requests=*/1);
  EXPECT_EQ(after.failed, 64);
  EXPECT_GT(after.seconds, 180 - 5);
  EXPECT_LT(after.seconds, 180 + 5);
}

/// One lane in virtual time.
class RateLaneTest : public testing::Test {
 protected:
  void Run(const std::function<void(RateLane& lane)>& body) {
    RateLane lane(time_.executor(), {.rate_min = 0.2});
    EXPECT_TRUE(time_.Run([&] { body(lane); }));
  }

  /// How long so many requests wait for their turns.
  Duration WaitFor(RateLane& lane, int requests) {
    const Duration begin = time_.now();
    for (int i = 0; i < requests; ++i) EXPECT_TRUE(lane.Admit(CallContext()).ok());
    return time_.now() - begin;
  }

  sim::VirtualTime time_{1};
};

TEST_F(RateLaneTest, NothingWaitsBeforeARefusal) {
  Run([&](RateLane& lane) {
    for (int i = 0; i < 1000; ++i) lane.NoteServed();
    EXPECT_LT(WaitFor(lane, 1000), milliseconds(50));
    EXPECT_EQ(lane.rate(), 0);
  });
}

TEST_F(RateLaneTest, ARefusalLeavesAShareOfTheRateThatWasMeasuredAndOthersOnTheirWayChangeNothing) {
  Run([&](RateLane& lane) {
    WaitFor(lane, 100);  // In the first half of a second: 200 a second.
    lane.NoteThrottled();
    EXPECT_NEAR(lane.rate(), 140, 2);
    lane.NoteThrottled();
    EXPECT_NEAR(lane.rate(), 140, 2);
    time_.Sleep(milliseconds(600));
    lane.NoteThrottled();
    EXPECT_NEAR(lane.rate(), 98, 2);
    EXPECT_NEAR(SecondsOf(WaitFor(lane, 99)), 1, 0.05);
  });
}

TEST_F(RateLaneTest, TheRateGrowsAsLongAsTheStoreServesUntilThereIsNoLimit) {
  Run([&](RateLane& lane) {
    WaitFor(lane, 100);
    lane.NoteThrottled();
    const double before = lane.rate();
    for (int i = 0; i < 10; ++i) {
      time_.Sleep(milliseconds(100));
      lane.NoteServed();
    }
    EXPECT_NEAR(lane.rate(), before * 1.1, 2);
    for (int i = 0; i < 60; ++i) {
      time_.Sleep(seconds(1));
      lane.NoteServed();
    }
    EXPECT_EQ(lane.rate(), 0);
  });
}

TEST_F(RateLaneTest, ARequestWhoseTurnComesAfterItsDeadlineIsRefusedAtOnceAndTakesNoTurn) {
  Run([&](RateLane& lane) {
    lane.NoteThrottled();  // Nothing was measured: the lowest rate, one in five seconds.
    WaitFor(lane, 1);
    CallContext brief;
    brief.deadline = time_.clock().MonotonicNow() + seconds(1);
    const Duration before = time_.now();
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(IsKind(lane.Admit(brief), ErrorKind::kThrottled));
    EXPECT_LT(time_.now() - before, milliseconds(1));
    EXPECT_NEAR(SecondsOf(WaitFor(lane, 1)), 5, 0.1);
  });
}

TEST_F(RateLaneTest, AWaitEndsWhenTheWorkIsCancelled) {
  Run([&](RateLane& lane) {
    lane.NoteThrottled();
    WaitFor(lane, 1);
    Cancellation cancellation;
    CallContext call;
    call.cancellation = &cancellation;
    TaskGroup group(time_.executor());
    group.RunStage([&] {
      time_.Sleep(seconds(1));
      cancellation.Cancel();
      return Status::OK();
    });
    EXPECT_TRUE(IsKind(lane.Admit(call), ErrorKind::kCancelled));
    EXPECT_LT(time_.now(), seconds(2));
    EXPECT_TRUE(group.Join().ok());
  });
}

TEST_F(RateLaneTest, WhoLeavesTheQueueMakesThoseBehindWaitLess) {
  Run([&](RateLane& lane) {
    lane.NoteThrottled();
    WaitFor(lane, 1);
    Cancellation cancellation;
    CallContext call;
    call.cancellation = &cancellation;
    TaskGroup group(time_.executor());
    for (int i = 0; i < 20; ++i) {
      group.RunStage([&] {
        EXPECT_TRUE(IsKind(lane.Admit(call), ErrorKind::kCancelled));
        return Status::OK();
      });
    }
    time_.Sleep(seconds(1));
    group.RunStage([&] {
      time_.Sleep(seconds(1));
      cancellation.Cancel();
      return Status::OK();
    });
    EXPECT_NEAR(SecondsOf(WaitFor(lane, 1)), 4, 0.1) << "of the 5 s between two, as it is the first one by then";
    EXPECT_TRUE(group.Join().ok());
  });
}

TEST_F(RateLaneTest, ARequestThatIsStillInTheQueueAtItsDeadlineIsRefused) {
  RateLane lane(time_.executor(), {.cut = 0.1, .rate_min = 0.2});
  EXPECT_TRUE(time_.Run([&] {
    WaitFor(lane, 100);
    lane.NoteThrottled();  // 20 a second are left of 200.
    TaskGroup group(time_.executor());
    for (int i = 0; i < 40; ++i) group.RunStage([&] { return lane.Admit(CallContext()); });
    group.RunStage([&] {
      time_.Sleep(milliseconds(600));
      lane.NoteThrottled();  // 2 a second are left of 20.
      return Status::OK();
    });
    time_.Sleep(milliseconds(100));
    CallContext brief;
    brief.deadline = time_.clock().MonotonicNow() + seconds(4);
    const Duration before = time_.now();
    EXPECT_TRUE(IsKind(lane.Admit(brief), ErrorKind::kThrottled)) << "its turn would have come after 2 s";
    EXPECT_NEAR(SecondsOf(time_.now() - before), 4, 0.01);
    EXPECT_TRUE(group.Join().ok());
  }));
}

TEST(RateGovernorLanesTest, APartOfTheStoreHasOneLaneForReadsAndOneForWrites) {
  sim::VirtualTime time(1);
  RateGovernor governor(time.executor());
  using enum RequestDirection;
  RateLane& lane = governor.LaneOf(ObjectPath("tables/1/data/0a/x"), kRead);
  EXPECT_EQ(&lane, &governor.LaneOf(ObjectPath("tables/1/data/0b/y"), kRead));
  EXPECT_NE(&lane, &governor.LaneOf(ObjectPath("tables/1/data/0a/x"), kWrite));
  EXPECT_NE(&lane, &governor.LaneOf(ObjectPath("tables/1/log/0"), kRead));
  EXPECT_NE(&lane, &governor.LaneOf(ObjectPath("tables/2/data/0a/x"), kRead));
}

TEST(RateGovernorLanesTest, TheLanesAreBounded) {
  sim::VirtualTime time(1);
  RateGovernor governor(time.executor());
  for (int i = 0; i < 2000; ++i) governor.LaneOf(ObjectPath("tables/" + std::to_string(i)), RequestDirection::kRead);
  EXPECT_EQ(&governor.LaneOf(ObjectPath("x"), RequestDirection::kRead),
            &governor.LaneOf(ObjectPath("y"), RequestDirection::kWrite));
}

}  // namespace
}  // namespace sleeper::store
