#include "sleeper/split/plan_splits.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_machine.h"

namespace sleeper::split {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

state::TableStatePtr Applied(const state::TableStatePtr& state, const state::Transaction& transaction) {
  state::TableTransition transition = state::TableMachine::Apply(state, transaction, state->number() + 1);
  SLEEPER_CHECK(transition.outcome.applied(), transition.outcome.refusal.ToString());
  return transition.state;
}

/// A file with keys from `min` to `max`, and its rows by partition.
struct File {
  int64_t min;
  int64_t max;
  std::vector<state::IntervalRows> slices;
};

state::TableStatePtr StateOf(const std::vector<model::NormalisedKey>& boundaries, const std::vector<File>& files) {
  const model::Schema schema = model::ValueOf(
      model::Schema::Make({.row_keys = {{"key", model::TypeKind::kLong}}, .sort_keys = {}, .values = {}}));
  SeededRandom random(1);
  const state::TableStatePtr empty =
      Applied(state::TableState::Empty(), state::DefineTable{{.schema = schema, .properties = {}}, boundaries});
  state::AddFiles add{std::nullopt, empty->shape_hash(), {}};
  for (const File& file : files) {
    state::NewFile added;
    added.record.id = state::MakeFileId(1, random);
    added.record.birth = 1;
    added.record.size_bytes = 1'000;
    added.record.tail_bytes = 100;
    added.record.bounds = {Key(file.min), Key(file.max)};
    added.slices = file.slices;
    for (const state::IntervalRows& slice : file.slices) added.record.rows += slice.rows;
    add.files.push_back(std::move(added));
  }
  return files.empty() ? empty : Applied(empty, add);
}

std::vector<int64_t> RowsOf(const std::vector<SplitCandidate>& candidates) {
  std::vector<int64_t> rows;
  for (const SplitCandidate& candidate : candidates) rows.push_back(candidate.rows);
  return rows;
}

TEST(PlanSplits, FindsPartitionsThatHoldAtLeastTheThreshold) {
  const auto state = StateOf({Key(10), Key(20)}, {{0, 5, {{{Key(0), Key(10)}, 99}}},
                                                  {10, 15, {{{Key(10), Key(20)}, 100}}},
                                                  {20, 25, {{{Key(20), std::nullopt}, 101}}}});
  EXPECT_THAT(RowsOf(PlanSplits(*state, {.rows_max = 100})), ElementsAre(100, 101));
  EXPECT_THAT(RowsOf(PlanSplits(*state, {.rows_max = 102})), IsEmpty());
}

TEST(PlanSplits, AddsUpTheRowsOfAllFilesOfAPartition) {
  const auto state = StateOf({Key(10)}, {{0, 15, {{{Key(0), Key(10)}, 60}, {{Key(10), std::nullopt}, 30}}},
                                         {2, 3, {{{Key(0), Key(10)}, 40}}},
                                         {12, 13, {{{Key(10), std::nullopt}, 40}}}});
  const std::vector<SplitCandidate> candidates = PlanSplits(*state, {.rows_max = 100});
  EXPECT_THAT(RowsOf(candidates), ElementsAre(100));
  EXPECT_TRUE(candidates.front().partition.interval.Contains(Key(5)));
  EXPECT_TRUE(candidates.front().rows_exact);
}

TEST(PlanSplits, LooksAtTheLargestFilesOnly) {
  const model::KeyInterval all = model::KeyInterval::All();
  const auto state = StateOf({}, {{0, 9, {{all, 10}}}, {0, 9, {{all, 40}}}, {0, 9, {{all, 20}}}, {0, 9, {{all, 30}}}});
  const std::vector<SplitCandidate> candidates = PlanSplits(*state, {.rows_max = 50, .files_max = 2});
  ASSERT_THAT(candidates, SizeIs(1));
  EXPECT_EQ(candidates.front().rows, 100);
  ASSERT_THAT(candidates.front().files, SizeIs(2));
  EXPECT_EQ(candidates.front().files[0].reference.rows, 40);
  EXPECT_EQ(candidates.front().files[1].reference.rows, 30);
}

TEST(PlanSplits, KnowsThatCountsAreEstimatesAfterASplit) {
  const auto before = StateOf({}, {{0, 9, {{model::KeyInterval::All(), 100}}}});
  const model::PartitionId leaf = before->partitions().Find(Key(0)).id;
  const auto after = Applied(before, state::SplitPartitions{{{leaf, {Key(3)}}}});
  const std::vector<SplitCandidate> candidates = PlanSplits(*after, {.rows_max = 50});
  EXPECT_THAT(RowsOf(candidates), ElementsAre(50, 50));
  EXPECT_FALSE(candidates.front().rows_exact);
}

TEST(PlanSplits, FindsNothingInAnEmptyTable) { EXPECT_THAT(PlanSplits(*StateOf({}, {}), {.rows_max = 1}), IsEmpty()); }

TEST(PartsOf, LeavesEachPartBelowTheThreshold) {
  EXPECT_EQ(PartsOf(99, {.rows_max = 100}), 1);
  EXPECT_EQ(PartsOf(100, {.rows_max = 100}), 2);
  EXPECT_EQ(PartsOf(199, {.rows_max = 100}), 2);
  EXPECT_EQ(PartsOf(200, {.rows_max = 100}), 3);
  EXPECT_EQ(PartsOf(1'000'000'000, {.rows_max = 1}), kPartsMax);
}

}  // namespace
}  // namespace sleeper::split
