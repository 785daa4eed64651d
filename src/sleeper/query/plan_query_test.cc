#include "sleeper/query/plan_query.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/key_text.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_machine.h"

namespace sleeper::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

model::KeyInterval Between(int64_t lower, int64_t upper) { return {Key(lower), Key(upper)}; }

/// The state after a transaction that has to apply.
state::TableStatePtr Applied(const state::TableStatePtr& state, const state::Transaction& transaction,
                             model::LogNumber number) {
  state::TableTransition transition = state::TableMachine::Apply(state, transaction, number);
  SLEEPER_CHECK(transition.outcome.applied(), transition.outcome.refusal.ToString());
  return transition.state;
}

state::ReferencedFile File(int64_t min, int64_t max, model::KeyInterval reference = model::KeyInterval::All()) {
  state::ReferencedFile file;
  file.reference.interval = std::move(reference);
  file.file.bounds = {Key(min), Key(max)};
  return file;
}

TEST(IntervalsIn, KeepsWhatTheFileMayHold) {
  EXPECT_THAT(
      IntervalsIn(File(10, 20), {Between(0, 5), Between(8, 12), Between(15, 16), Between(20, 30), Between(40, 50)}),
      ElementsAre(Between(8, 12), Between(15, 16), Between(20, 30)));
}

TEST(IntervalsIn, CutsAtTheReference) {
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(12, 15)), {Between(0, 13), Between(14, 100)}),
              ElementsAre(Between(12, 13), Between(14, 15)));
}

TEST(IntervalsIn, LeavesOutFilesBesideTheIntervals) {
  EXPECT_THAT(IntervalsIn(File(10, 20), {Between(0, 10), Between(21, 30)}), IsEmpty());
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(15, 18)), {Between(10, 15), Between(18, 20)}), IsEmpty());
}

TEST(IntervalsIn, LeavesOutAnIntervalThatMeetsTheBoundsOutsideOfTheReferenceOnly) {
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(15, 40)), {Between(18, 19), Between(21, 30)}),
              ElementsAre(Between(18, 19)));
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(15, 40)), {Between(12, 15)}), IsEmpty());
}

TEST(IntervalsIn, TakesOpenIntervals) {
  EXPECT_THAT(IntervalsIn(File(10, 20), {model::KeyInterval::All()}), ElementsAre(model::KeyInterval::All()));
}

const model::Schema& NumberSchema() {
  static const model::Schema schema = model::ValueOf(model::Schema::Make(
      {.row_keys = {{"key", model::TypeKind::kLong}}, .sort_keys = {}, .values = {{"v", model::TypeKind::kLong}}}));
  return schema;
}

/// A state with partitions cut at `boundaries` and a file of ten rows over the closed bounds of each of `files`.
state::TableStatePtr StateOf(const std::vector<int64_t>& boundaries,
                             const std::vector<std::pair<int64_t, int64_t>>& files) {
  std::vector<model::NormalisedKey> split_points;
  for (const int64_t boundary : boundaries) split_points.push_back(Key(boundary));
  SeededRandom random(1);
  state::TableStatePtr state = Applied(
      state::TableState::Empty(), state::DefineTable{{.schema = NumberSchema(), .properties = {}}, split_points}, 1);
  state::AddFiles add{std::nullopt, state->shape_hash(), {}};
  for (const auto& [min, max] : files) {
    state::NewFile file;
    file.record.id = state::MakeFileId(1, random);
    file.record.birth = 1;
    file.record.size_bytes = 1'000;
    file.record.tail_bytes = 100;
    file.record.rows = 10;
    file.record.bounds = {Key(min), Key(max)};
    file.slices = {{model::KeyInterval::All(), 10}};
    add.files.push_back(std::move(file));
  }
  return files.empty() ? state : Applied(state, add, 2);
}

std::vector<PlannedPartition> PlanAll(const state::TableStatePtr& state, const QueryRequest& request) {
  std::vector<PlannedPartition> all;
  QueryPlan plan(state, request);
  while (std::optional<PlannedPartition> planned = plan.Next()) all.push_back(std::move(*planned));
  return all;
}

std::vector<model::Region> Ranges(std::vector<std::string> texts) {
  std::vector<model::Region> regions;
  for (const std::string& text : texts) {
    regions.push_back(model::ValueOf(model::RegionsFromText(NumberSchema(), {}, std::vector{text})).front());
  }
  return regions;
}

TEST(QueryPlan, CutsIntervalsAtPartitions) {
  const auto planned = PlanAll(StateOf({10, 20}, {{0, 99}}), {.regions = Ranges({"key=[5,15)"})});
  ASSERT_THAT(planned, SizeIs(2));
  EXPECT_THAT(planned[0].segments.front().intervals, ElementsAre(Between(5, 10)));
  EXPECT_THAT(planned[1].segments.front().intervals, ElementsAre(Between(10, 15)));
}

TEST(QueryPlan, LeavesOutPartitionsWithoutFilesThatMayHoldWantedRows) {
  const auto planned = PlanAll(StateOf({10, 20, 30}, {{0, 5}, {25, 27}}), {});
  ASSERT_THAT(planned, SizeIs(2));
  EXPECT_TRUE(planned[0].partition.interval.Contains(Key(3)));
  EXPECT_TRUE(planned[1].partition.interval.Contains(Key(26)));
  EXPECT_THAT(PlanAll(StateOf({10, 20, 30}, {{0, 5}, {25, 27}}), {.keys = {Key(7), Key(22), Key(1'000)}}), IsEmpty());
}

TEST(QueryPlan, TakesTheFilesOfEachPartitionThatMayHoldWantedRows) {
  const auto planned =
      PlanAll(StateOf({10}, {{0, 5}, {4, 15}, {6, 9}, {12, 13}}), {.regions = Ranges({"key=[5,6)", "key=[13,)"})});
  ASSERT_THAT(planned, SizeIs(2));
  EXPECT_THAT(planned[0].files, SizeIs(2));
  EXPECT_THAT(planned[1].files, SizeIs(2));
}

TEST(QueryPlan, IsEmptyForNothing) { EXPECT_THAT(PlanAll(StateOf({10}, {{0, 50}}), {.nothing = true}), IsEmpty()); }

TEST(QueryPlan, HoldsEachKeyOfALargeBatchOnceInBoundedStretches) {
  constexpr int64_t kKeys = 100'000;
  std::vector<int64_t> boundaries;
  for (int64_t boundary = 1'000; boundary < kKeys; boundary += 1'000) boundaries.push_back(boundary);
  // Hundred partitions, and one behind them that holds half of the keys.
  std::vector<std::pair<int64_t, int64_t>> files(30, {0, 10 * kKeys});
  QueryRequest request;
  for (int64_t key = 0; key < 2 * kKeys; key += 2) request.keys.push_back(Key(key));
  QueryPlan plan(StateOf(boundaries, files), request);
  int64_t next = 0;
  size_t partitions = 0;
  while (const std::optional<PlannedPartition> planned = plan.Next()) {
    ++partitions;
    ASSERT_THAT(planned->segments, SizeIs(1));
    ASSERT_LE(planned->segments.front().intervals.size(), QueryPlan::kIntervalsMax);
    for (const model::KeyInterval& interval : planned->segments.front().intervals) {
      ASSERT_EQ(interval.lower, Key(next));
      next += 2;
    }
  }
  EXPECT_EQ(next, 2 * kKeys);
  EXPECT_EQ(partitions, 99 + (kKeys / 2 + 500 + QueryPlan::kIntervalsMax - 1) / QueryPlan::kIntervalsMax);
}

}  // namespace
}  // namespace sleeper::query
