#include "sleeper/compact/plan_compactions.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/key_codec.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_transition.h"

namespace sleeper::compact {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

model::Schema LongKeySchema() {
  return model::Schema::Make({.row_keys = {{"k", model::TypeKind::kLong}}, .sort_keys = {}, .values = {}}).ValueOrDie();
}

/// A table's state without any files behind it, changed as a log would change it.
class StateMaker {
 public:
  explicit StateMaker(const std::vector<int64_t>& split_points = {}) {
    state::DefineTable define{{.schema = LongKeySchema(), .properties = {}}, {}};
    for (int64_t point : split_points) define.split_points.push_back(Key(point));
    Apply(define);
  }

  // A file of keys first..last, one row each, of which each partition gets its part.
  model::FileId AddFile(int64_t first, int64_t last) {
    model::FileRecord record;
    record.birth = state_->number();
    record.id = state::MakeFileId(record.birth, random_);
    record.size_bytes = 100 * (last - first + 1);
    record.tail_bytes = 10;
    record.bounds = {Key(first), Key(last)};
    record.rows = last - first + 1;
    state::NewFile file{record, {}};
    for (const model::Partition& leaf : state_->partitions().All()) {
      int64_t rows = 0;
      for (int64_t key = first; key <= last; ++key) rows += leaf.interval.Contains(Key(key)) ? 1 : 0;
      if (rows > 0) file.slices.push_back({leaf.interval, rows});
    }
    Apply(state::AddFiles{std::nullopt, state_->shape_hash(), {file}});
    return record.id;
  }

  void Apply(const state::Transaction& transaction) {
    const state::TableTransition transition = state::Apply(state_, transaction, state_->number() + 1);
    ASSERT_TRUE(transition.outcome.applied()) << transition.outcome.refusal;
    state_ = transition.state;
  }

  void Assign(const CompactionSpec& job) { Apply(state::AssignJobs{{job.UnfinishedJob()}}); }

  const state::TableState& state() const { return *state_; }

 private:
  SeededRandom random_{1};
  state::TableStatePtr state_ = state::TableState::Empty();
};

PlanRequest Request(size_t batch_size, CompactionMode mode = CompactionMode::kStrategy) {
  PlanRequest request;
  request.policy.mode = mode;
  request.policy.files_batch_size = batch_size;
  request.seed = 7;
  return request;
}

std::vector<model::FileId> FilesOf(const CompactionSpec& spec) {
  std::vector<model::FileId> files;
  for (const CompactionInput& input : spec.inputs) files.push_back(input.file.id);
  return files;
}

TEST(PlanCompactions, SaysEverythingThatAJobDependsOn) {
  StateMaker table;
  const model::FileId large = table.AddFile(1, 9);
  const model::FileId small = table.AddFile(4, 5);
  const CompactionPlan plan = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(plan.jobs, SizeIs(1));
  const CompactionSpec& job = plan.jobs.front();
  EXPECT_THAT(FilesOf(job), ElementsAre(small, large));
  EXPECT_EQ(job.partition, model::MakePartitionId(0));
  EXPECT_EQ(job.rows(), 11);
  EXPECT_EQ(job.bytes(), 1'100);
  EXPECT_EQ(job.schema, LongKeySchema());
  EXPECT_EQ(job.shape_hash, table.state().shape_hash());
  EXPECT_EQ(job.birth, table.state().number());
  EXPECT_THAT(job.job.value(), StartsWith("compact-0000000000000003-"));
}

TEST(PlanCompactions, IsTheSameForTheSameStateAndSeed) {
  StateMaker table;
  for (int i = 0; i < 4; ++i) table.AddFile(1, 9);
  const CompactionPlan first = PlanCompactions(table.state(), Request(2));
  const CompactionPlan second = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(first.jobs, SizeIs(2));
  EXPECT_EQ(first.jobs[0].job, second.jobs[0].job);
  EXPECT_EQ(FilesOf(first.jobs[0]), FilesOf(second.jobs[0]));
  EXPECT_NE(first.jobs[0].job, first.jobs[1].job);
}

TEST(PlanCompactions, PlansEachPartitionByItself) {
  StateMaker table({100});
  const model::FileId low1 = table.AddFile(1, 9);
  const model::FileId high1 = table.AddFile(101, 109);
  const model::FileId low2 = table.AddFile(1, 9);
  const model::FileId high2 = table.AddFile(101, 109);
  table.AddFile(201, 209);
  const CompactionPlan plan = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(plan.jobs, SizeIs(2));
  EXPECT_THAT(FilesOf(plan.jobs[0]), UnorderedElementsAre(low1, low2));
  EXPECT_THAT(FilesOf(plan.jobs[1]), SizeIs(2));
  EXPECT_EQ(plan.jobs[0].inputs[0].interval.upper, Key(100));
  EXPECT_EQ(plan.jobs[1].inputs[0].interval.lower, Key(100));
}

TEST(PlanCompactions, TakesOnlyTheRowsThatAPartitionHasOfASharedFile) {
  StateMaker table({100});
  const model::FileId shared = table.AddFile(91, 120);
  const model::FileId low = table.AddFile(1, 99);
  const CompactionPlan plan = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_THAT(FilesOf(plan.jobs[0]), ElementsAre(shared, low));
  EXPECT_EQ(plan.jobs[0].inputs[0].rows, 9);
  EXPECT_EQ(plan.jobs[0].inputs[0].file.rows, 30);
}

TEST(PlanCompactions, AllTakesTheOtherPartitionsShareOfAFileToo) {
  StateMaker table({100});
  const model::FileId shared = table.AddFile(91, 120);
  const model::FileId low = table.AddFile(1, 99);
  const CompactionPlan plan = PlanCompactions(table.state(), Request(2, CompactionMode::kAll));
  ASSERT_THAT(plan.jobs, SizeIs(2));
  EXPECT_THAT(FilesOf(plan.jobs[0]), UnorderedElementsAre(shared, low));
  EXPECT_THAT(FilesOf(plan.jobs[1]), ElementsAre(shared));
}

TEST(PlanCompactions, LeavesFilesAloneThatAJobHas) {
  StateMaker table;
  for (int i = 0; i < 3; ++i) table.AddFile(1, 9);
  const CompactionPlan first = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(first.jobs, SizeIs(1));
  table.Assign(first.jobs[0]);
  EXPECT_THAT(PlanCompactions(table.state(), Request(2)).jobs, IsEmpty());
  const model::FileId fourth = table.AddFile(1, 9);
  const CompactionPlan second = PlanCompactions(table.state(), Request(2));
  ASSERT_THAT(second.jobs, SizeIs(1));
  EXPECT_THAT(FilesOf(second.jobs[0]), testing::Contains(fourth));
}

TEST(PlanCompactions, AFullPartitionDoesNotKeepOthersFromTheirJobs) {
  StateMaker table({100});
  for (int i = 0; i < 4; ++i) table.AddFile(1, 9);
  PlanRequest request = Request(4);
  request.policy.strategy = model::CompactionStrategy::kSizeRatio;
  request.policy.jobs_per_partition_max = 1;
  const CompactionPlan first = PlanCompactions(table.state(), request);
  ASSERT_THAT(first.jobs, SizeIs(1));
  table.Assign(first.jobs[0]);
  for (int i = 0; i < 4; ++i) table.AddFile(11, 19);
  for (int i = 0; i < 4; ++i) table.AddFile(101, 109);
  const CompactionPlan second = PlanCompactions(table.state(), request);
  ASSERT_THAT(second.jobs, SizeIs(1));
  EXPECT_EQ(second.jobs[0].inputs[0].interval.lower, Key(100));
}

TEST(PlanCompactions, CreatesARandomPartOfTheJobsWhereThereAreTooMany) {
  StateMaker table({100, 200, 300, 400, 500});
  for (int64_t first : {1, 101, 201, 301, 401, 501}) {
    table.AddFile(first, first + 9);
    table.AddFile(first, first + 9);
  }
  PlanRequest request = Request(2);
  const CompactionPlan all = PlanCompactions(table.state(), request);
  ASSERT_THAT(all.jobs, SizeIs(6));
  table.Assign(all.jobs[0]);
  table.Assign(all.jobs[1]);
  request.policy.jobs_max = 3;
  std::set<std::string> chosen;
  for (request.seed = 0; request.seed < 40; ++request.seed) {
    const CompactionPlan plan = PlanCompactions(table.state(), request);
    ASSERT_THAT(plan.jobs, SizeIs(1));
    EXPECT_EQ(plan.jobs_postponed, 3);
    chosen.insert(plan.jobs[0].inputs[0].interval.lower);
  }
  EXPECT_THAT(chosen, ElementsAre(Key(200), Key(300), Key(400), Key(500)));
}

TEST(PlanCompactions, CreatesNothingWhereMoreJobsAreUnderWayThanAllowed) {
  StateMaker table;
  for (int i = 0; i < 6; ++i) table.AddFile(1, 9);
  PlanRequest request = Request(2);
  const CompactionPlan first = PlanCompactions(table.state(), request);
  table.Assign(first.jobs[0]);
  table.Assign(first.jobs[1]);
  request.policy.jobs_max = 1;
  const CompactionPlan plan = PlanCompactions(table.state(), request);
  EXPECT_THAT(plan.jobs, IsEmpty());
  EXPECT_EQ(plan.jobs_postponed, 1);
}

TEST(PlanCompactions, SetsFilesAsideThatFailedTooOftenUnlessAllAreAskedFor) {
  StateMaker table;
  table.AddFile(1, 9);
  table.AddFile(1, 9);
  PlanRequest request = Request(2);
  request.policy.attempts_max = 2;
  for (int attempt = 0; attempt < 2; ++attempt) {
    request.seed = static_cast<uint64_t>(attempt);
    const CompactionPlan plan = PlanCompactions(table.state(), request);
    ASSERT_THAT(plan.jobs, SizeIs(1));
    EXPECT_EQ(plan.references_set_aside, 0);
    table.Assign(plan.jobs[0]);
    table.Apply(state::ReleaseJobs{{{plan.jobs[0].job, state::JobResult::kReleased, "broken"}}});
  }
  const CompactionPlan plan = PlanCompactions(table.state(), request);
  EXPECT_THAT(plan.jobs, IsEmpty());
  EXPECT_EQ(plan.references_set_aside, 2);
  request.policy.mode = CompactionMode::kAll;
  EXPECT_THAT(PlanCompactions(table.state(), request).jobs, SizeIs(1));
}

TEST(PlanCompactions, LeavesExcludedFilesAlone) {
  StateMaker table;
  const model::FileId broken = table.AddFile(1, 9);
  const model::FileId second = table.AddFile(1, 9);
  const model::FileId third = table.AddFile(1, 9);
  PlanRequest request = Request(2);
  request.excluded = {broken};
  const CompactionPlan plan = PlanCompactions(table.state(), request);
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_THAT(FilesOf(plan.jobs[0]), UnorderedElementsAre(second, third));
}

TEST(PlanCompactions, AReferenceOfEstimatedRowsIsRewrittenByAll) {
  StateMaker table;
  const model::FileId file = table.AddFile(1, 10);
  table.Apply(state::SplitPartitions{{{model::MakePartitionId(0), {Key(3)}}}});
  EXPECT_THAT(PlanCompactions(table.state(), Request(2)).jobs, IsEmpty());
  const CompactionPlan plan = PlanCompactions(table.state(), Request(2, CompactionMode::kAll));
  ASSERT_THAT(plan.jobs, SizeIs(2));
  EXPECT_THAT(FilesOf(plan.jobs[0]), ElementsAre(file));
  EXPECT_FALSE(plan.jobs[0].inputs[0].rows_exact);
}

}  // namespace
}  // namespace sleeper::compact
