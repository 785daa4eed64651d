#include "sleeper/state/store_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::state {
namespace {

using std::chrono::minutes;

WallTime At(int64_t minute) { return WallTime() + minutes(minute); }

/// A table of 9 entries. 3 is known to be of minute 30, 6 of minute 60.
TableStatePtr MarkedState() {
  TestTable table;
  for (model::LogNumber floor = 1; table.state().number() < 8; ++floor) table.Do(RaiseSweepFloor{floor});
  const TableStatePtr once = TableMachine::WithMark(table.state_ptr(), {3, At(30)}, 8);
  return TableMachine::WithMark(once, {6, At(60)}, 9);
}

TEST(StoreTime, AnEntryIsAsOldAsTheNextOneWhoseTimeIsKnown) {
  const StoreTime time({MarkedState(), At(90)});
  EXPECT_EQ(time.WrittenBy(1), At(30));
  EXPECT_EQ(time.WrittenBy(3), At(30));
  EXPECT_EQ(time.WrittenBy(4), At(60));
  EXPECT_EQ(time.WrittenBy(7), At(90)) << "the newest entry's";
  EXPECT_EQ(time.WrittenBy(9), At(90));
}

TEST(StoreTime, FindsTheLatestEntryOfAnAge) {
  const StoreTime time({MarkedState(), At(90)});
  EXPECT_EQ(time.LastOfAge(minutes(0)), 9U);
  EXPECT_EQ(time.LastOfAge(minutes(1)), 6U);
  EXPECT_EQ(time.LastOfAge(minutes(30)), 6U);
  EXPECT_EQ(time.LastOfAge(minutes(31)), 3U);
  EXPECT_EQ(time.LastOfAge(minutes(61)), 0U);
  EXPECT_EQ(time.At(At(95)).LastOfAge(minutes(5)), 9U);
}

TEST(StoreTime, AClockThatGoesBackMakesNothingOlder) {
  const StoreTime time({MarkedState(), At(50)});
  EXPECT_EQ(time.WrittenBy(9), At(60));
  EXPECT_EQ(time.At(At(40)).now(), At(50));
  EXPECT_EQ(time.LastOfAge(minutes(0)), 3U);
}

TEST(StoreTime, AnEntryFromTheFutureMakesNothingOlder) {
  const StoreTime time({MarkedState(), At(10'000)});
  EXPECT_EQ(time.LastOfAge(minutes(1'000)), 6U);
  const StoreTime told = time.NotAfter(At(90));
  EXPECT_EQ(told.now(), At(90));
  EXPECT_EQ(told.WrittenBy(9), At(90));
  EXPECT_EQ(told.LastOfAge(minutes(1'000)), 0U);
  EXPECT_EQ(told.LastOfAge(minutes(30)), 6U);
  EXPECT_EQ(time.NotAfter(At(20'000)).now(), At(10'000));
}

TEST(StoreTime, MarksFromTheFutureMakeNothingOlder) {
  const StoreTime told = StoreTime({MarkedState(), At(90)}).NotAfter(At(40));
  EXPECT_EQ(told.LastOfAge(minutes(10)), 3U);
  EXPECT_EQ(told.LastOfAge(minutes(0)), 3U) << "entry 6 claims to be of minute 60";
}

/// The machine's clock, ahead.
class AdvancedClock final : public Clock {
 public:
  WallTime Now() const override { return system_.Now() + ahead; }
  Instant MonotonicNow() const override { return system_.MonotonicNow(); }

  Duration ahead{0};

 private:
  SystemClock system_;
};

TEST(StoreTime, IsKnownAlsoIfOneProcessWritesWithoutAPause) {
  AdvancedClock clock;
  SeededRandom random(1);
  ThreadExecutor executor(1, clock);
  store::MemoryStore store(clock);
  TableLog log(store, clock, random, executor, LogLayout::ForTable(model::TableId("00000000000000aa")), {});
  TableCommitter committer(log);
  ASSERT_TRUE(committer.Commit(DefineTable{SampleDefinition(), {}}, {}).ok());
  for (model::LogNumber floor = 1; floor < 200; ++floor) {
    clock.ahead += minutes(1);
    ASSERT_TRUE(committer.Commit(RaiseSweepFloor{floor}, {}).ok());
  }
  ASSERT_TRUE(log.current()->LastMark());
  EXPECT_GT(log.current()->LastMark()->number, 130U);
}

TEST(StoreTime, TheStoreTellsTheTimeAndKeepsNothing) {
  SystemClock clock;
  SeededRandom random(1);
  store::MemoryStore store(clock);
  const WallTime before = clock.Now();
  const Result<WallTime> now = AskStoreTime(store, random, model::TableId("00000000000000aa"), 7, {});
  ASSERT_TRUE(now.ok()) << now.status().ToString();
  EXPECT_GE(*now, before);
  EXPECT_LE(*now, clock.Now());
  EXPECT_EQ(store.bytes_used(), 0);
}

}  // namespace
}  // namespace sleeper::state
