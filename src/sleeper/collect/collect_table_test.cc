#include "sleeper/collect/collect_table.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/collect/testing/stored_table.h"
#include "sleeper/state/layout.h"

namespace sleeper::collect {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Duration kDelay = minutes(15);

CollectReport Collect(StoredTable& table, Duration delay = kDelay) {
  Result<CollectReport> report = CollectTable(table.ports(), delay, {});
  EXPECT_TRUE(report.ok()) << report.status().ToString();
  return report.ok() ? *report : CollectReport{};
}

store::FaultRule DeleteFails(const std::string& path) {
  store::FaultRule rule;
  rule.error = ErrorKind::kDenied;
  rule.function = store::StoreFunction::kDelete;
  rule.path_prefix = path;
  rule.count = store::kEveryCall;
  return rule;
}

TEST(CollectTable, DeletesAFileOnceItsLastReferenceIsGoneForTheDelay) {
  StoredTable table;
  const state::NewFile file = table.AddFile();
  table.Clear();
  table.Advance(minutes(14));
  const CollectReport early = Collect(table);
  EXPECT_EQ(early.files, 0);
  EXPECT_EQ(early.waiting, 1);
  EXPECT_TRUE(table.Exists(file));
  table.Advance(minutes(2));
  const CollectReport late = Collect(table);
  EXPECT_EQ(late.files, 1);
  EXPECT_EQ(late.bytes, file.record.size_bytes);
  EXPECT_EQ(late.waiting, 0);
  EXPECT_FALSE(table.Exists(file));
  EXPECT_THAT(table.State()->Files(), IsEmpty());
}

TEST(CollectTable, NeverDeletesAFileThatIsReferenced) {
  StoredTable table;
  table.AddFile();
  table.Clear();
  const state::NewFile in_use = table.AddFile();
  table.Advance(hours(1'000));
  EXPECT_EQ(Collect(table, Duration::zero()).files, 1);
  EXPECT_THAT(table.DataObjects(), SizeIs(1));
  EXPECT_TRUE(table.Exists(in_use));
}

TEST(CollectTable, TrustsTheClockOfTheStoreOnly) {
  StoredTable table;
  table.AddFile();
  table.Clear();
  table.worker_clock().ahead = hours(24);
  EXPECT_EQ(Collect(table).files, 0);
  table.worker_clock().ahead = -hours(24);
  table.Advance(hours(1));
  EXPECT_EQ(Collect(table).files, 1);
}

TEST(CollectTable, WithNothingToDeleteItCostsOneListing) {
  StoredTable table;
  table.AddFile();
  table.ports().log.Refresh({}).ValueOrDie();
  table.calls().Clear();
  Collect(table);
  EXPECT_THAT(table.calls().calls(), SizeIs(1));
  EXPECT_THAT(table.calls().calls(store::StoreFunction::kList), SizeIs(1));
}

TEST(CollectTable, OneFileThatCannotBeDeletedDoesNotStopTheOthers) {
  StoredTable table;
  const std::vector<state::NewFile> files = {table.AddFile(), table.AddFile(), table.AddFile()};
  table.Clear();
  // The first path of a call that deletes many is the file that went first.
  const std::string stubborn = state::DataFilePath(table.id(), files[0].record.id).value();
  table.faults().AddRule(DeleteFails(stubborn));
  const CollectReport report = Collect(table, Duration::zero());
  EXPECT_EQ(report.files, 2);
  EXPECT_EQ(report.failed, 1);
  EXPECT_TRUE(IsKind(report.failure, ErrorKind::kDenied)) << report.failure.ToString();
  EXPECT_THAT(table.State()->Files(), SizeIs(1));
  table.faults().ClearRules();
  EXPECT_EQ(Collect(table, Duration::zero()).files, 1);
  EXPECT_THAT(table.DataObjects(), IsEmpty());
}

TEST(CollectTable, GivesUpWhenTheStoreRefusesAllDeletions) {
  StoredTable table;
  for (int i = 0; i < 10; ++i) table.AddFile();
  table.Clear();
  table.faults().AddRule(DeleteFails(state::DataPrefix(table.id()).value()));
  table.calls().Clear();
  const CollectReport report = Collect(table, Duration::zero());
  EXPECT_EQ(report.files, 0);
  EXPECT_EQ(report.failed, 10);
  EXPECT_FALSE(report.failure.ok());
  EXPECT_LE(table.calls().calls(store::StoreFunction::kDelete).size(), 4U);
}

TEST(CollectTable, ADeathAtAnyMomentLeavesWorkThatTheNextOneFinishes) {
  for (int64_t calls = 0;; ++calls) {
    StoredTable table;
    table.AddFile();
    table.AddFile();
    table.Clear();
    table.Advance(kDelay);
    table.faults().KillAfter(calls);
    const Result<CollectReport> killed = CollectTable(table.ports(), kDelay, {});
    table.Restart();
    Collect(table);
    EXPECT_THAT(table.DataObjects(), IsEmpty()) << "killed after " << calls << " calls";
    EXPECT_THAT(table.State()->Files(), IsEmpty()) << "killed after " << calls << " calls";
    if (killed.ok() && killed->failure.ok()) break;
    ASSERT_LT(calls, 100);
  }
}

TEST(CollectTable, ADroppedTableIsNotFound) {
  StoredTable table;
  EXPECT_EQ(table.Commit(state::DropTable{}), "applied");
  EXPECT_TRUE(IsKind(CollectTable(table.ports(), kDelay, {}).status(), ErrorKind::kNotFound));
}

}  // namespace
}  // namespace sleeper::collect
