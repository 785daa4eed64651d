#include "sleeper/split/split_table.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/split/testing/split_fixture.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::split {
namespace {

using model::Fails;
using model::ValueOf;
using store::StoreFunction;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;

std::shared_ptr<const columnar::Layout> Numbers() {
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "key", "type": "LongType"}]})");
}

std::shared_ptr<const columnar::Layout> Flights() {
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "origin", "type": "StringType"},
                                                 {"name": "day", "type": "IntType"}]})");
}

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }
model::NormalisedKey Key(std::vector<model::KeyValue> values) { return model::EncodeKey(values); }

std::string JsonOf(const std::vector<int64_t>& values) {
  std::string json = "[";
  for (const int64_t value : values) json += (json.size() > 1 ? "," : "") + std::to_string(value);
  return json + "]";
}

/// first, first + 1, … below end.
std::string Count(int64_t first, int64_t end) {
  std::vector<int64_t> values(static_cast<size_t>(end - first));
  std::iota(values.begin(), values.end(), first);
  return JsonOf(values);
}

std::string Repeat(const std::string& value, int64_t times) {
  std::string json = "[" + value;
  for (int64_t i = 1; i < times; ++i) json += "," + value;
  return json + "]";
}

std::vector<model::NormalisedKey> Boundaries(const state::TableState& state) {
  std::vector<model::NormalisedKey> lower;
  for (const model::Partition& leaf : state.partitions().All()) {
    if (!leaf.interval.lower.empty()) lower.push_back(leaf.interval.lower);
  }
  return lower;
}

TEST(SplitTable, CutsAPartitionAtTheMedian) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 100)});
  const SplitReport report = ValueOf(table.Split({.rows_max = 100}));
  EXPECT_EQ(report.partitions_before, 1);
  EXPECT_EQ(report.partitions_after, 2);
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(50, 50));
}

TEST(SplitTable, CutsAtTheMedianOfAllFilesTogether) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 30)});
  table.AddFile({Count(100, 140)});
  table.AddFile({Count(20, 50)});
  ASSERT_TRUE(table.Split({.rows_max = 100}).ok());
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(50, 50));
}

TEST(SplitTable, LeavesASmallTableAlone) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 99)});
  const model::LogNumber before = table.State()->number();
  const SplitReport report = ValueOf(table.Split({.rows_max = 100}));
  EXPECT_EQ(report.partitions_after, 1);
  EXPECT_EQ(report.log_number, before);
  EXPECT_THAT(report.unsplittable, IsEmpty());
}

TEST(SplitTable, CutsIntoManyPartsOfManyPartitionsInOneEntryOfTheLog) {
  SplitFixture table(Numbers(), {Key(1'000)});
  table.AddFile({Count(0, 1'000)});
  table.AddFile({Count(500, 1'500)});
  const model::LogNumber before = table.State()->number();
  const SplitReport report = ValueOf(table.Split({.rows_max = 100}));
  EXPECT_EQ(report.log_number, before + 1);
  EXPECT_EQ(report.partitions_after, 16 + 6);
  EXPECT_THAT(table.RowsOfPartitions(), Each(Lt(100)));
}

TEST(SplitTable, DoesNothingWhenItIsRunAgain) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 1'000)});
  const SplitReport first = ValueOf(table.Split({.rows_max = 150}));
  const SplitReport second = ValueOf(table.Split({.rows_max = 150}));
  EXPECT_EQ(second.partitions_before, first.partitions_after);
  EXPECT_EQ(second.log_number, first.log_number);
}

TEST(SplitTable, GoesOnUntilNoPartitionIsTooBig) {
  SplitFixture table(Numbers());
  table.settings.page_rows_max = 64;
  // Pages of one file tell of all rows around 100,000 that they begin at one key; rows of the other are spread.
  std::vector<int64_t> clustered(600);
  for (size_t i = 0; i < clustered.size(); ++i) clustered[i] = 100'000 + static_cast<int64_t>(i * i) / 50;
  table.AddFile({JsonOf(clustered)});
  table.AddFile({Count(0, 600)});
  const SplitReport report = ValueOf(table.Split({.rows_max = 70}));
  EXPECT_THAT(report.unsplittable, IsEmpty());
  EXPECT_THAT(table.RowsOfPartitions(), Each(Lt(70)));
}

TEST(SplitTable, CutsBesideAKeyThatHoldsMostRowsAndReportsIt) {
  SplitFixture table(Numbers());
  table.AddFile({Repeat("7", 500)});
  table.AddFile({Count(0, 200)});
  const SplitReport report = ValueOf(table.Split({.rows_max = 100}));
  ASSERT_THAT(report.unsplittable, SizeIs(1));
  EXPECT_EQ(report.unsplittable.front().interval, (model::KeyInterval{Key(7), Key(8)}));
  std::vector<int64_t> rows = table.RowsOfPartitions();
  std::erase(rows, 501);
  EXPECT_THAT(rows, Each(Lt(100)));
  EXPECT_EQ(static_cast<int64_t>(rows.size()) + 1, report.partitions_after);
}

TEST(SplitTable, ReportsAPartitionOfOneKeyAsUnsplittable) {
  SplitFixture table(Numbers());
  table.AddFile({Repeat("7", 300)});
  const model::LogNumber before = table.State()->number();
  const SplitReport report = ValueOf(table.Split({.rows_max = 100}));
  EXPECT_EQ(report.partitions_after, 1);
  EXPECT_EQ(report.log_number, before);
  ASSERT_THAT(report.unsplittable, SizeIs(1));
  EXPECT_EQ(report.unsplittable.front().interval, model::KeyInterval::All());
}

TEST(SplitTable, CutsALaterFieldIfTheFirstIsConstant) {
  SplitFixture table(Flights());
  table.AddFile({Repeat(R"("ATL")", 100), Count(0, 100)});
  ASSERT_TRUE(table.Split({.rows_max = 100}).ok());
  EXPECT_THAT(Boundaries(*table.State()), ElementsAre(Key({std::string("ATL"), int32_t{50}})));
}

TEST(SplitTable, CutsAtALeadingPartThatDividesAsWell) {
  SplitFixture table(Flights());
  table.AddFile({Repeat(R"("ATL")", 52), Count(0, 52)});
  table.AddFile({Repeat(R"("SEA")", 48), Count(0, 48)});
  ASSERT_TRUE(table.Split({.rows_max = 100}).ok());
  EXPECT_THAT(Boundaries(*table.State()), ElementsAre(Key({std::string("SEA")})));
}

TEST(SplitTable, ReadsNoRowsWhereThePageIndexesTellEnough) {
  SplitFixture table(Numbers());
  table.settings.page_rows_max = 20;
  table.AddFile({Count(0, 2'000)});
  table.store().Clear();
  ASSERT_TRUE(table.Split({.rows_max = 1'500}).ok());
  EXPECT_THAT(table.store().calls(StoreFunction::kGetRanges), IsEmpty());
  EXPECT_THAT(table.store().calls(StoreFunction::kGetRange), SizeIs(1)) << "the tail of the file";
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(1'000, 1'000));
}

TEST(SplitTable, DoesNotTrustEstimatesThatTheFilesContradict) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 100)});
  // Shared out evenly, the counts say 50 and 50.
  ASSERT_TRUE(table.SplitAt({Key(90)}).ok());
  const SplitReport report = ValueOf(table.Split({.rows_max = 50}));
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(45, 45, 10));
  EXPECT_EQ(report.partitions_after, 3);
}

TEST(SplitTable, FailsIfTheTableWasDropped) {
  SplitFixture table(Numbers());
  table.Commit(state::DropTable{});
  EXPECT_THAT(table.Split({.rows_max = 1}).status(), Fails(ErrorKind::kNotFound, HasSubstr("dropped")));
}

TEST(SplitTable, FailsIfAFileOfTheTableIsMissing) {
  SplitFixture table(Numbers());
  const model::FileRecord file = table.AddFile({Count(0, 100)});
  table.DeleteObject(file);
  EXPECT_THAT(table.Split({.rows_max = 50}).status(), Fails(ErrorKind::kCorrupt, HasSubstr(file.id.value())));
}

/// Lets something happen before the first call of a function.
class Interruption final : public store::InterceptingStore {
 public:
  Interruption(store::ObjectStore& inner, StoreFunction function, std::function<void()> happening)
      : InterceptingStore(inner), function_(function), happening_(std::move(happening)) {}

 private:
  Status Before(const store::StoreCall& call) override {
    if (call.function == function_ && happening_) std::exchange(happening_, nullptr)();
    return Status::OK();
  }

  const StoreFunction function_;
  std::function<void()> happening_;
};

TEST(SplitTable, LooksAgainAtPartitionsThatOthersHaveSplit) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 400)});
  Interruption port(table.store(), StoreFunction::kPut, [&] {
    ASSERT_TRUE(table.SplitAt({Key(100), Key(200), Key(300)}).ok());
  });
  const SplitReport report = ValueOf(table.Split({.rows_max = 120}, port));
  EXPECT_EQ(report.partitions_before, 1);
  EXPECT_EQ(report.partitions_after, 4);
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(100, 100, 100, 100));
}

TEST(SplitTable, LooksAgainIfFilesWereReplacedAndCollected) {
  SplitFixture table(Numbers());
  const model::FileRecord old = table.AddFile({Count(0, 400)});
  Interruption port(table.store(), StoreFunction::kGetRange, [&] {
    table.Commit(state::ClearTable{table.State()->number()});
    table.DeleteObject(old);
    table.AddFile({Count(1'000, 1'200)});
  });
  const SplitReport report = ValueOf(table.Split({.rows_max = 150}, port));
  EXPECT_EQ(report.partitions_after, 2);
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(100, 100));
}

TEST(SplitTableAt, CutsAtThePoints) {
  SplitFixture table(Numbers());
  table.AddFile({Count(0, 10)});
  const SplitReport report = ValueOf(table.SplitAt({Key(2), Key(7)}));
  EXPECT_EQ(report.partitions_before, 1);
  EXPECT_EQ(report.partitions_after, 3);
  EXPECT_EQ(report.log_number, table.State()->number());
  EXPECT_THAT(table.RowsOfPartitions(), ElementsAre(2, 5, 3));
}

TEST(SplitTableAt, TakesLeadingPartsOfKeys) {
  SplitFixture table(Flights());
  ASSERT_TRUE(table.SplitAt({Key({std::string("SEA")}), Key({std::string("SEA"), int32_t{4}})}).ok());
  EXPECT_THAT(Boundaries(*table.State()),
              ElementsAre(Key({std::string("SEA")}), Key({std::string("SEA"), int32_t{4}})));
}

TEST(SplitTableAt, PassesOverBoundariesThatAreThereAlready) {
  SplitFixture table(Numbers(), {Key(5)});
  const model::LogNumber before = table.State()->number();
  const SplitReport nothing = ValueOf(table.SplitAt({Key(5)}));
  EXPECT_EQ(nothing.partitions_after, 2);
  EXPECT_EQ(nothing.log_number, before);
  EXPECT_EQ(ValueOf(table.SplitAt({})).log_number, before);
  const SplitReport some = ValueOf(table.SplitAt({Key(4), Key(5), Key(6)}));
  EXPECT_EQ(some.partitions_after, 4);
  EXPECT_THAT(Boundaries(*table.State()), ElementsAre(Key(4), Key(5), Key(6)));
}

TEST(SplitTableAt, RefusesPointsThatDoNotAscendOrAreNoKeys) {
  SplitFixture table(Numbers());
  EXPECT_THAT(table.SplitAt({Key(6), Key(5)}).status(), Fails(ErrorKind::kInvalid, HasSubstr("ascend")));
  EXPECT_THAT(table.SplitAt({Key(6), Key(6)}).status(), Fails(ErrorKind::kInvalid, HasSubstr("ascend")));
  EXPECT_THAT(table.SplitAt({"abc"}).status(), Fails(ErrorKind::kInvalid, HasSubstr("not a key")));
  EXPECT_THAT(table.SplitAt({""}).status(), Fails(ErrorKind::kInvalid, HasSubstr("empty")));
  EXPECT_THAT(Boundaries(*table.State()), IsEmpty());
}

TEST(SplitTableAt, GoesOnIfOthersHaveSplitMeanwhile) {
  SplitFixture table(Numbers());
  Interruption port(table.store(), StoreFunction::kPut, [&] { ASSERT_TRUE(table.SplitAt({Key(4), Key(6)}).ok()); });
  const SplitReport report = ValueOf(table.SplitAt({Key(4), Key(5), Key(7)}, port));
  EXPECT_EQ(report.partitions_after, 5);
  EXPECT_THAT(Boundaries(*table.State()), ElementsAre(Key(4), Key(5), Key(6), Key(7)));
}

}  // namespace
}  // namespace sleeper::split
