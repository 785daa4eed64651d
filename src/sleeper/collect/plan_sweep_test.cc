#include "sleeper/collect/plan_sweep.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/layout.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::collect {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SweepPolicy kPolicy{.age = hours(24), .job_memory = days(7)};

/// Where clocks begin in these tests.
WallTime At(Duration since) { return WallTime() + days(10'000) + since; }

/// A table of which each entry is known to have been written at its own hour: entry 5 at hour 5.
class HourlyTable {
 public:
  HourlyTable() { Mark(); }

  std::string Do(const state::Transaction& transaction) {
    const state::TableTransition transition = state::Apply(state_, transaction, state_->number() + 1);
    if (!transition.outcome.applied()) return std::string(ErrorKindName(KindOf(transition.outcome.refusal)));
    state_ = transition.state;
    Mark();
    return "applied";
  }

  /// Entries that mean nothing, up to this one.
  void Reach(model::LogNumber number) {
    while (state_->number() < number)
      Do(state::AddFiles{Done("filler-" + std::to_string(state_->number())), Shape(), {}});
  }

  void Register(const std::string& id, state::JobKind kind, std::vector<state::InboxFileId> inbox = {}) {
    EXPECT_EQ(Do(state::RegisterJobs{{{.id = model::JobId(id),
                                       .kind = kind,
                                       .spec_hash = state::SpecHash("spec"),
                                       .shape_hash = Shape(),
                                       .earliest_birth = state_->number(),
                                       .inputs = {},
                                       .inbox = std::move(inbox),
                                       .specification = {}}}}),
              "applied");
  }

  state::StoreTime Now(Duration since) const {
    return state::StoreTime({state_, At(hours(state_->number()))}).At(At(since));
  }
  const state::TableState& state() const { return *state_; }

 private:
  void Mark() {
    state_ = state::TableMachine::WithMark(state_, {state_->number(), At(hours(state_->number()))}, state_->number());
  }
  std::string Shape() const { return state_->shape_hash(); }
  static state::CompletedJob Done(const std::string& id) {
    return {.id = model::JobId(id), .spec_hash = state::SpecHash("spec")};
  }

  state::TableStatePtr state_ = state::TestTable().state_ptr();
};

/// A table of two files that are compacted again and again, never with success.
class CompactionOfATable {
 public:
  CompactionOfATable() {
    EXPECT_EQ(table_.Add({table_.File("a", {"a", "b"}, 10), table_.File("b", {"a", "b"}, 10)}), "applied");
  }

  void Assign(const std::string& id) {
    job_ = table_.Compaction(id, "a");
    EXPECT_EQ(table_.Do(state::AssignJobs{{job_}}), "applied");
  }
  void Release() {
    EXPECT_EQ(table_.Do(state::ReleaseJobs{{{job_.id, state::JobResult::kReleased, "silent"}}}), "applied");
  }

  /// That long after the entry that was committed last.
  state::StoreTime After(Duration time) const { return state::StoreTime({table_.state_ptr(), At({})}).At(At(time)); }

 private:
  state::TestTable table_;
  state::UnfinishedJob job_;
};

std::vector<std::string> Dead(const SilentJobs& jobs) {
  std::vector<std::string> ids;
  for (const state::EndedJob& job : jobs.dead) ids.push_back(job.id.value());
  return ids;
}

TEST(HighestFloor, IsAboveTheLatestEntryThatIsOldEnough) {
  HourlyTable table;
  table.Reach(10);
  EXPECT_EQ(HighestFloor(table.Now(hours(27)), kPolicy), 4U) << "entry 3 is a day old";
  EXPECT_EQ(HighestFloor(table.Now(hours(34)), kPolicy), 11U) << "one above the newest entry";
}

TEST(HighestFloor, DoesNotPassAnUnfinishedJobNorGoBack) {
  HourlyTable table;
  table.Reach(3);
  table.Register("job", state::JobKind::kIngest);
  table.Reach(10);
  EXPECT_EQ(HighestFloor(table.Now(hours(100)), kPolicy), 3U);
  EXPECT_EQ(table.Do(state::RaiseSweepFloor{2}), "applied");
  EXPECT_EQ(HighestFloor(table.Now(hours(0)), kPolicy), 2U);
}

TEST(FindSilentJobs, EachKindHasItsPatience) {
  HourlyTable table;
  table.Register("ingest", state::JobKind::kIngest);
  table.Register("import", state::JobKind::kImport);
  table.Register("batch", state::JobKind::kIngest, {state::InboxFileId(state::FormatUp(1) + "-0123456789abcdef")});
  table.Reach(10);
  EXPECT_THAT(Dead(FindSilentJobs(table.Now(hours(25)), kPolicy)), IsEmpty());
  EXPECT_EQ(FindSilentJobs(table.Now(hours(25)), kPolicy).others, 2);
  EXPECT_THAT(Dead(FindSilentJobs(table.Now(hours(26)), kPolicy)), ElementsAre("ingest"));
  EXPECT_THAT(Dead(FindSilentJobs(table.Now(days(8)), kPolicy)), ElementsAre("import", "ingest"))
      << "whoever fills the inbox looks after the third";
}

TEST(FindSilentJobs, ACompactionGetsAnHourAndTwiceThatForEachTimeItsFilesWereTried) {
  const SweepPolicy hasty{.age = minutes(10), .job_memory = days(7)};
  CompactionOfATable table;
  for (const int64_t expected : {1, 2, 4, 8}) {
    table.Assign("compaction tried after " + std::to_string(expected) + " hours");
    EXPECT_THAT(Dead(FindSilentJobs(table.After(hours(expected) - minutes(1)), hasty)), IsEmpty());
    EXPECT_THAT(Dead(FindSilentJobs(table.After(hours(expected)), hasty)), SizeIs(1));
    EXPECT_THAT(Dead(FindSilentJobs(table.After(hours(23)), kPolicy)), IsEmpty()) << "not before the policy's age";
    EXPECT_THAT(Dead(FindSilentJobs(table.After(hours(24)), kPolicy)), SizeIs(1));
    table.Release();
  }
}

TEST(AbandonedWriteAge, SparesWhatTheOldestUnfinishedJobMayBeWriting) {
  HourlyTable table;
  EXPECT_EQ(AbandonedWriteAge(table.Now(hours(1'000)), kPolicy), Duration(hours(24)));
  table.Reach(5);
  table.Register("job", state::JobKind::kImport);
  table.Reach(9);
  EXPECT_EQ(AbandonedWriteAge(table.Now(hours(10)), kPolicy), Duration(hours(24)));
  EXPECT_EQ(AbandonedWriteAge(table.Now(hours(105)), kPolicy), Duration(hours(100)));
}

TEST(ForgettableJobs, AreManyAtATimeAndBelowTheFloor) {
  HourlyTable table;
  table.Reach(40);
  // The first job ended at entry 2.
  EXPECT_EQ(ForgettableJobs(table.Now(days(7) + hours(10)), kPolicy), std::nullopt) << "not worth an entry";
  EXPECT_EQ(ForgettableJobs(table.Now(days(7) + hours(23)), kPolicy), 23U);
  EXPECT_EQ(ForgettableJobs(table.Now(days(1'000)), kPolicy), 39U) << "the floor cannot be above the newest entry";
  EXPECT_EQ(table.Do(state::ForgetJobs{23}), "conflict");
  EXPECT_EQ(table.Do(state::RaiseSweepFloor{24}), "applied");
  EXPECT_EQ(table.Do(state::ForgetJobs{23}), "applied");
}

TEST(ForgettableJobs, StayWhileAnUnfinishedJobHoldsTheFloor) {
  HourlyTable table;
  table.Reach(20);
  table.Register("job", state::JobKind::kImport);
  table.Reach(40);
  EXPECT_EQ(ForgettableJobs(table.Now(days(1'000)), kPolicy), 19U);
}

/// A table with a mark every ten minutes, for so long, that is swept each hour.
state::TableStatePtr MarkedFor(Duration time) {
  state::TableStatePtr state = state::TestTable().state_ptr();
  state = state::TableMachine::WithMark(state, {1, At(hours(1))}, 1);
  for (Duration at = hours(1) + minutes(10); at <= time; at += minutes(10)) {
    const model::LogNumber number = state->LastMark()->number + 1;
    state = state::TableMachine::WithMark(state, {number, At(at)}, number);
    if (at % hours(1) != Duration::zero()) continue;
    state::ForgetMarks spare{SpareMarks(state::StoreTime({state, At(at)}))};
    if (!spare.numbers.empty()) state = state::Apply(state, spare, number + 1).state;
  }
  return state;
}

TEST(SpareMarks, LeaveWhatTellsAnyAgeToAHundredth) {
  const Duration lived = days(400);
  const state::TableStatePtr state = MarkedFor(lived);
  EXPECT_LT(state->mark_count(), 2'000);
  const state::StoreTime time({state, At(lived)});
  for (const Duration age : {days(1), days(7), days(30), days(90), days(365)}) {
    const WallTime written = time.WrittenBy(time.LastOfAge(age));
    EXPECT_GE(time.now() - written, age);
    EXPECT_LE(time.now() - written, age + age / 100 + minutes(10)) << age / days(1) << " days";
  }
  EXPECT_EQ(state->TimeAtOrBefore(2), At(hours(1))) << "the first stays";
}

TEST(SpareMarks, AreNotWorthAnEntryWhileThereAreFew) {
  const state::TableStatePtr state = MarkedFor(days(10));
  EXPECT_EQ(state->mark_count(), 10 * 24 * 6 - 5);
  EXPECT_THAT(SpareMarks(state::StoreTime({state, At(days(1'000))})), IsEmpty());
}

}  // namespace
}  // namespace sleeper::collect
