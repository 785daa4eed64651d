#include "sleeper/collect/sweep_table.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/collect/testing/stored_table.h"
#include "sleeper/state/layout.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::collect {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SweepPolicy kPolicy{.age = hours(24), .job_memory = days(7)};

SweepReport SweepThrough(const TablePorts& ports, const SweepPolicy& policy = kPolicy) {
  Result<SweepReport> report = SweepTable(ports, policy, {});
  EXPECT_TRUE(report.ok()) << report.status().ToString();
  return report.ok() ? *report : SweepReport{};
}

SweepReport Sweep(StoredTable& table, const SweepPolicy& policy = kPolicy) {
  return SweepThrough(table.ports(), policy);
}

state::UnfinishedJob Registration(StoredTable& table, const std::string& id, model::LogNumber birth) {
  return {.id = model::JobId(id),
          .kind = state::JobKind::kIngest,
          .spec_hash = state::SpecHash("spec"),
          .shape_hash = table.State()->shape_hash(),
          .earliest_birth = birth,
          .inputs = {},
          .inbox = {},
          .specification = {}};
}

/// Does something when a call is made for the first time.
class Interrupted final : public store::InterceptingStore {
 public:
  Interrupted(ObjectStore& inner, std::function<bool(const store::StoreCall&)> is_moment, std::function<void()> event)
      : InterceptingStore(inner), is_moment_(std::move(is_moment)), event_(std::move(event)) {}

  bool happened() const { return happened_; }

 private:
  Status Before(const store::StoreCall& call) override {
    if (!happened_ && is_moment_(call)) {
      happened_ = true;
      event_();
    }
    return Status::OK();
  }

  const std::function<bool(const store::StoreCall&)> is_moment_;
  const std::function<void()> event_;
  bool happened_ = false;
};

TEST(SweepTable, DeletesAFileThatNobodyKnowsOnceItIsOld) {
  StoredTable table;
  const state::NewFile known = table.AddFile();
  const state::NewFile orphan = table.PutFile();
  table.AddFile();
  table.Advance(hours(23));
  EXPECT_EQ(Sweep(table).orphans, 0);
  EXPECT_EQ(Sweep(table).waiting, 1);
  table.Advance(hours(2));
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.orphans, 1);
  EXPECT_EQ(report.bytes, orphan.record.size_bytes);
  EXPECT_EQ(report.waiting, 0);
  EXPECT_FALSE(table.Exists(orphan));
  EXPECT_TRUE(table.Exists(known));
  EXPECT_THAT(table.DataObjects(), SizeIs(2));
}

TEST(SweepTable, AnOrphanGoesAlsoIfNothingWasCommittedSince) {
  StoredTable table;
  table.AddFile();
  table.PutFile();
  table.Advance(hours(25));
  EXPECT_EQ(Sweep(table).orphans, 1);
  EXPECT_EQ(Sweep(table).orphans, 0);
}

TEST(SweepTable, ACleanTableIsOnlyListed) {
  StoredTable table;
  table.AddFile();
  table.AddFile();
  table.Advance(hours(48));
  table.ports().log.Refresh({}).ValueOrDie();
  const model::LogNumber number = table.State()->number();
  table.calls().Clear();
  Sweep(table);
  EXPECT_EQ(table.State()->number(), number);
  EXPECT_THAT(table.calls().calls(store::StoreFunction::kList), SizeIs(4)) << "the log, data files, bodies, plans";
  EXPECT_THAT(table.calls().calls(store::StoreFunction::kDropAbandonedWrites), SizeIs(1));
  EXPECT_THAT(table.calls().calls(), SizeIs(5));
}

TEST(SweepTable, AnEntryFromTheFutureMakesNoJobForgotten) {
  StoredTable table;
  const model::JobId job("done once");
  const state::AddFiles done{
      state::CompletedJob{.id = job, .spec_hash = state::SpecHash("spec")}, table.State()->shape_hash(), {}};
  ASSERT_EQ(table.Commit(done), "applied");
  table.Advance(days(1));
  // A process whose clock is a month ahead, on a store that takes the time from it.
  table.Advance(days(30));
  table.AddFile();
  table.Advance(-days(30));
  Sweep(table);
  EXPECT_TRUE(table.State()->FindOutcome(job)) << "it is a day old";
  EXPECT_EQ(table.Commit(done), "already done");

  table.Advance(days(8));
  Sweep(table);
  EXPECT_FALSE(table.State()->FindOutcome(job));
}

TEST(SweepTable, TheFloorIsCommittedBeforeAnythingIsDeleted) {
  StoredTable table;
  const state::NewFile orphan = table.PutFile();
  table.AddFile();
  table.Advance(hours(25));
  table.calls().Clear();
  Sweep(table);
  const std::vector<store::StoreCall> calls = table.calls().calls();
  const std::string log = state::LogLayout::ForTable(table.id()).LogPrefix().value();
  const std::string data = state::DataPrefix(table.id()).value();
  const auto find = [&](store::StoreFunction function, const std::string& prefix) {
    return std::find_if(calls.begin(), calls.end(), [&](const store::StoreCall& call) {
      return call.function == function && call.path.value().starts_with(prefix);
    });
  };
  ASSERT_NE(find(store::StoreFunction::kDelete, data), calls.end());
  EXPECT_LT(find(store::StoreFunction::kPut, log), find(store::StoreFunction::kDelete, data));
  EXPECT_EQ(table.Add(orphan), "conflict") << "whoever wrote it comes too late";
}

TEST(SweepTable, AFileThatBecamePartOfTheTableMeanwhileStays) {
  StoredTable table;
  const state::NewFile late = table.PutFile();
  const state::NewFile orphan = table.PutFile();
  table.AddFile();
  table.Advance(hours(25));
  // Another process commits the file after it was listed as an orphan, before the floor is raised.
  StoredTable* shared = &table;
  const std::string log = state::LogLayout::ForTable(table.id()).LogPrefix().value();
  Interrupted store(
      table.calls(),
      [&](const store::StoreCall& call) {
        return call.function == store::StoreFunction::kPut && call.path.value().starts_with(log);
      },
      [&] { EXPECT_EQ(shared->Add(late), "applied"); });
  SystemClock clock;
  state::TableLog own_log(store, clock, table.random(), table.executor(), state::LogLayout::ForTable(table.id()), {});
  state::TableCommitter committer(own_log);
  const SweepReport report = SweepThrough({store, table.executor(), table.random(), table.id(), own_log, committer});
  EXPECT_TRUE(store.happened());
  EXPECT_EQ(report.orphans, 1);
  EXPECT_TRUE(table.Exists(late));
  EXPECT_FALSE(table.Exists(orphan));
}

TEST(SweepTable, SparesTheFilesOfARegisteredJobUntilItIsSilentForTooLong) {
  StoredTable table;
  const state::NewFile file = table.PutFile();
  table.AddFile();
  table.Advance(hours(20));
  EXPECT_EQ(table.Commit(state::RegisterJobs{{Registration(table, "slow", file.record.birth)}}), "applied");
  table.AddFile();
  table.Advance(hours(20));
  EXPECT_EQ(Sweep(table).waiting, 1);
  EXPECT_TRUE(table.State()->FindJob(model::JobId("slow")));
  table.Advance(hours(20));
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.jobs_released, 1);
  EXPECT_EQ(report.orphans, 1);
  EXPECT_FALSE(table.State()->FindJob(model::JobId("slow")));
}

TEST(SweepTable, OlderWorkThatIsRegisteredWhileTheFloorIsRaisedIsSpared) {
  StoredTable table;
  const state::NewFile file = table.PutFile();
  table.AddFile();
  table.Advance(hours(25));
  StoredTable* shared = &table;
  const std::string log = state::LogLayout::ForTable(table.id()).LogPrefix().value();
  Interrupted store(
      table.calls(),
      [&](const store::StoreCall& call) {
        return call.function == store::StoreFunction::kPut && call.path.value().starts_with(log);
      },
      [&] {
        EXPECT_EQ(shared->Commit(state::RegisterJobs{{Registration(*shared, "late", file.record.birth)}}), "applied");
      });
  SystemClock clock;
  state::TableLog own_log(store, clock, table.random(), table.executor(), state::LogLayout::ForTable(table.id()), {});
  state::TableCommitter committer(own_log);
  const SweepReport report = SweepThrough({store, table.executor(), table.random(), table.id(), own_log, committer});
  EXPECT_TRUE(store.happened());
  EXPECT_EQ(report.orphans, 0);
  EXPECT_EQ(table.Add(file), "applied");
}

TEST(SweepTable, BodiesGoUnlessTheEntryAfterTheirBirthNamesThem) {
  StoredTable table;
  // Large enough for a body of its own.
  state::ReleaseJobs large;
  std::vector<state::JobOutcome> outcomes;
  for (int i = 0; i < 1'500; ++i) {
    outcomes.push_back({.id = model::JobId("job-" + std::to_string(i)),
                        .kind = state::JobKind::kExport,
                        .spec_hash = state::SpecHash("spec"),
                        .message = std::string(4'000, 'x')});
  }
  EXPECT_EQ(table.Commit(state::RecordJobs{std::move(outcomes)}), "applied");
  const std::vector<std::string> named = table.Objects(state::BodyPrefix(table.id()));
  ASSERT_THAT(named, SizeIs(1));
  const auto layout = state::LogLayout::ForTable(table.id());
  table.Put(layout.BodyPath(state::MakeFileId(1, table.random())).value());
  table.Put(layout.BodyPath(state::MakeFileId(table.State()->number(), table.random())).value());
  table.Advance(hours(25));
  EXPECT_EQ(Sweep(table).orphans, 2);
  EXPECT_EQ(table.Objects(state::BodyPrefix(table.id())), named);
  EXPECT_EQ(table.State()->remembered_jobs(), 1'500) << "the log can still be read";
}

TEST(SweepTable, PlansBelowTheFloorGoAndForeignObjectsStay) {
  StoredTable table;
  const std::string plans = state::PlanPrefix(table.id()).value();
  const std::string foreign = state::DataPrefix(table.id()).value() + "notes.txt";
  table.Put(plans + state::FormatUp(1) + "-0123/0");
  table.Put(foreign);
  table.AddFile();
  table.Advance(hours(25));
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.orphans, 1);
  EXPECT_EQ(report.foreign, 1);
  EXPECT_THAT(table.Objects(store::ObjectPath(plans)), IsEmpty());
  EXPECT_TRUE(table.Exists(store::ObjectPath(foreign)));
}

TEST(SweepTable, JobsThatEndedLongAgoAreForgottenAndOthersAreNot) {
  StoredTable table;
  const auto record = [&](const std::string& id) {
    return table.Commit(state::RecordJobs{{{.id = model::JobId(id),
                                            .kind = state::JobKind::kExport,
                                            .spec_hash = state::SpecHash("spec"),
                                            .message = {}}}});
  };
  EXPECT_EQ(record("old"), "applied");
  table.Advance(days(5));
  table.AddFile();
  EXPECT_EQ(record("young"), "applied");
  table.Advance(days(4));
  table.AddFile();
  Sweep(table);
  EXPECT_FALSE(table.State()->FindOutcome(model::JobId("old")));
  EXPECT_TRUE(table.State()->FindOutcome(model::JobId("young")));
}

TEST(SweepTable, OneOrphanThatCannotBeDeletedDoesNotStopTheOthers) {
  StoredTable table;
  for (int i = 0; i < 3; ++i) table.PutFile();
  table.AddFile();
  table.Advance(hours(25));
  std::vector<std::string> paths = table.DataObjects();
  const std::string known = state::DataFilePath(table.id(), table.State()->Files()[0].record.id).value();
  std::erase(paths, known);
  store::FaultRule rule;
  rule.error = ErrorKind::kDenied;
  rule.function = store::StoreFunction::kDelete;
  rule.path_prefix = paths[0];
  rule.count = store::kEveryCall;
  table.faults().AddRule(rule);
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.orphans, 2);
  EXPECT_EQ(report.failed, 1);
  EXPECT_THAT(report.failure.message(), HasSubstr(paths[0]));
  EXPECT_TRUE(table.Exists(store::ObjectPath(paths[0])));
}

TEST(SweepTable, ADeathAtAnyMomentLeavesWorkThatTheNextOneFinishes) {
  for (int64_t calls = 0;; ++calls) {
    StoredTable table;
    table.PutFile();
    const state::NewFile known = table.AddFile();
    table.PutFile();
    table.Advance(hours(25));
    table.faults().KillAfter(calls);
    const Result<SweepReport> killed = SweepTable(table.ports(), kPolicy, {});
    table.Restart();
    table.Advance(hours(25));
    Sweep(table);
    EXPECT_THAT(table.DataObjects(), ElementsAre(state::DataFilePath(table.id(), known.record.id).value()))
        << "killed after " << calls << " calls";
    EXPECT_THAT(table.Objects(state::PlanPrefix(table.id())), IsEmpty()) << "killed after " << calls << " calls";
    if (killed.ok() && killed->failure.ok()) break;
    ASSERT_LT(calls, 100);
  }
}

}  // namespace
}  // namespace sleeper::collect
