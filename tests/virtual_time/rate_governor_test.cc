#include "sleeper/store/rate_governor.h"

#include <gmock/gmock.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/retrying_store.h"
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

/// One lane in virtual time.
class RateLaneTest : public testing::Test {
 protected:
  void Run(const std::function<void(RateLane& lane)>& body) {
    RateLane lane(time_.executor(), {});
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
