#include "sleeper/collect/sweep_gone_tables.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/collect/testing/stored_table.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::collect {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Duration kAge = hours(24);
/// In key order, "table" of StoredTable lies somewhere between.
const model::TableId kAbandoned("0000000000000001");

SweepReport Sweep(StoredTable& table) {
  const InstancePorts ports{table.calls(), table.executor(), table.random(), table.registry()};
  Result<SweepReport> report = SweepGoneTables(ports, kAge, {});
  EXPECT_TRUE(report.ok()) << report.status().ToString();
  return report.ok() ? *report : SweepReport{};
}

std::string LastEntry(StoredTable& table) {
  const auto layout = state::LogLayout::ForTable(table.id());
  return layout.EntryPath(table.State()->number()).value();
}

/// What a creation leaves behind that dies before the table is registered.
void AbandonCreation(StoredTable& table, const model::TableId& id) {
  SystemClock clock;
  state::TableLog log(table.calls(), clock, table.random(), table.executor(), state::LogLayout::ForTable(id), {});
  state::TableCommitter committer(log);
  ASSERT_TRUE(committer.Commit(state::DefineTable{state::SampleDefinition(), {}}, {}).ok());
}

TEST(SweepGoneTables, OfADroppedTableOnlyTheEntryThatEndedItStays) {
  StoredTable table;
  table.AddFile();
  table.AddFile();
  ASSERT_TRUE(table.ports().log.WriteSnapshot({}).ok());
  ASSERT_TRUE(table.registry().DropTable(model::TableName("table"), {}).ok());
  const std::string last = LastEntry(table);
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.orphans, 2 + 1 + 3) << "data files, the snapshot, and the entries before the last one";
  EXPECT_THAT(table.Objects(state::TablePrefix(table.id())), ElementsAre(last));
  EXPECT_TRUE(table.State()->dropped());
  EXPECT_EQ(table.Commit(state::RaiseSweepFloor{1}), "not_found") << "a late writer is refused";
}

TEST(SweepGoneTables, WhatLateWritersAddToADroppedTableGoes) {
  StoredTable table;
  ASSERT_TRUE(table.registry().DropTable(model::TableName("table"), {}).ok());
  Sweep(table);
  EXPECT_EQ(Sweep(table).orphans, 0);
  const std::string last = LastEntry(table);
  const auto layout = state::LogLayout::ForTable(table.id());
  table.Put(state::DataFilePath(table.id(), state::MakeFileId(1, table.random())).value());
  table.Put(layout.EntryPath(1).value());
  EXPECT_EQ(Sweep(table).orphans, 2);
  EXPECT_THAT(table.Objects(state::TablePrefix(table.id())), ElementsAre(last));
}

/// A drop that is decided, and dies.
void BeginDrop(StoredTable& table) {
  store::FaultRule rule;
  rule.error = ErrorKind::kDenied;
  rule.function = store::StoreFunction::kPut;
  rule.path_prefix = state::TablePrefix(table.id()).value();
  rule.count = store::kEveryCall;
  table.faults().AddRule(rule);
  ASSERT_TRUE(IsKind(table.registry().DropTable(model::TableName("table"), {}), ErrorKind::kDenied));
  table.faults().ClearRules();
}

TEST(SweepGoneTables, FinishesADropThatDiedAlsoOfATableThatIsOffline) {
  StoredTable table;
  table.AddFile();
  ASSERT_TRUE(table.registry().SetOnline(model::TableName("table"), false, {}).ok());
  BeginDrop(table);
  const SweepReport report = Sweep(table);
  EXPECT_TRUE(report.failure.ok()) << report.failure.ToString();
  EXPECT_THAT((*table.registry().Refresh({}))->Tables(), IsEmpty());
  EXPECT_TRUE(table.State()->dropped());
  EXPECT_THAT(table.Objects(state::TablePrefix(table.id())), ElementsAre(LastEntry(table))) << "its objects go at once";
}

TEST(SweepGoneTables, SaysWhyADropCannotBeFinishedAndSweepsTheOthers) {
  StoredTable table;
  BeginDrop(table);
  AbandonCreation(table, kAbandoned);
  table.Advance(hours(25));
  store::FaultRule rule;
  rule.error = ErrorKind::kDenied;
  rule.function = store::StoreFunction::kPut;
  rule.path_prefix = state::TablePrefix(table.id()).value();
  rule.count = store::kEveryCall;
  table.faults().AddRule(rule);
  const SweepReport report = Sweep(table);
  EXPECT_TRUE(IsKind(report.failure, ErrorKind::kDenied)) << report.failure.ToString();
  EXPECT_THAT(report.failure.ToString(), HasSubstr("table table is still being deleted"));
  EXPECT_EQ(report.orphans, 1);
}

TEST(SweepGoneTables, LeavesRegisteredTablesAlone) {
  StoredTable table;
  table.AddFile();
  table.PutFile();
  table.Advance(hours(1'000));
  const std::vector<std::string> before = table.Objects(store::ObjectPath("tables/"));
  table.registry().Refresh({}).ValueOrDie();
  table.calls().Clear();
  EXPECT_EQ(Sweep(table).orphans, 0);
  EXPECT_EQ(table.Objects(store::ObjectPath("tables/")), before);
  EXPECT_THAT(table.calls().calls(), SizeIs(4)) << "the registry's log, the tables, probes, old writes";
}

TEST(SweepGoneTables, ATableWhoseCreationWasGivenUpIsBarredAndSweptOnceItIsOld) {
  StoredTable table;
  AbandonCreation(table, kAbandoned);
  EXPECT_EQ(Sweep(table).waiting, 1);
  EXPECT_FALSE((*table.registry().Refresh({}))->IsGone(kAbandoned));
  table.Advance(hours(25));
  EXPECT_EQ(Sweep(table).orphans, 1);
  EXPECT_THAT(table.Objects(state::TablePrefix(kAbandoned)), IsEmpty());
  EXPECT_TRUE((*table.registry().Refresh({}))->IsGone(kAbandoned));
  // Its creator wakes up once more.
  AbandonCreation(table, kAbandoned);
  EXPECT_EQ(Sweep(table).orphans, 1);
  EXPECT_THAT(table.Objects(state::TablePrefix(kAbandoned)), IsEmpty());
}

TEST(SweepGoneTables, WhatAKilledProbeLeftBehindGoesAfterADay) {
  StoredTable table;
  table.Put("probe/0123456789abcdef/object");
  EXPECT_EQ(Sweep(table).waiting, 1);
  table.Advance(hours(25));
  EXPECT_EQ(Sweep(table).orphans, 1);
  EXPECT_THAT(table.Objects(store::ObjectPath("probe/")), IsEmpty());
}

TEST(SweepGoneTables, OneTableThatFailsDoesNotStopTheOthers) {
  StoredTable table;
  AbandonCreation(table, kAbandoned);
  table.AddFile();
  ASSERT_TRUE(table.registry().DropTable(model::TableName("table"), {}).ok());
  table.Advance(hours(25));
  store::FaultRule rule;
  rule.error = ErrorKind::kDenied;
  rule.function = store::StoreFunction::kDelete;
  rule.path_prefix = state::LogLayout::ForTable(kAbandoned).LogPrefix().value();
  rule.count = store::kEveryCall;
  table.faults().AddRule(rule);
  const SweepReport report = Sweep(table);
  EXPECT_EQ(report.failed, 1);
  EXPECT_TRUE(IsKind(report.failure, ErrorKind::kDenied)) << report.failure.ToString();
  EXPECT_THAT(table.DataObjects(), IsEmpty());
}

}  // namespace
}  // namespace sleeper::collect
