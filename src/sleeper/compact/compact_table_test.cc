#include "sleeper/compact/compact_table.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/commit_compaction.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/compact/testing/test_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/rows/merge_plan.h"
#include "sleeper/state/compaction_age.h"
#include "sleeper/state/layout.h"
#include "sleeper/store/testing/intercepting_store.h"
#include "sleeper/store/testing/stalling_store.h"

namespace sleeper::compact {
namespace {

using columnar::BatchOf;
using model::Fails;
using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

std::shared_ptr<const columnar::Layout> NumbersLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}],
                                "valueFields":[{"name":"v","type":"StringType"}]})");
}

// One row: key and value.
columnar::Batch Row(int64_t key, const std::string& value) {
  return BatchOf(NumbersLayout(), {"[" + std::to_string(key) + "]", "[\"" + value + "\"]"});
}

CompactTableRequest Strategy(int batch_size) {
  CompactTableRequest request;
  request.properties = ValueOf(model::Properties::Make({{"compaction.strategy.class", "BasicCompactionStrategy"},
                                                        {"compaction.files.batch.size", std::to_string(batch_size)}}));
  return request;
}

CompactTableRequest All() {
  CompactTableRequest request;
  request.mode = CompactionMode::kAll;
  return request;
}

TEST(CompactTable, DoesNothingToATableWithoutFiles) {
  TestTable table(NumbersLayout());
  const CompactTableReport report = ValueOf(table.Compact(All()));
  EXPECT_TRUE(report.failure.ok());
  EXPECT_EQ(report.jobs, 0);
}

TEST(CompactTable, AllLeavesOneFileInEachPartition) {
  const auto layout = NumbersLayout();
  TestTable table(layout, {Key(10)});
  table.AddFile(BatchOf(layout, {"[1,12,20]", R"(["a","b","c"])"}));
  table.AddFile(BatchOf(layout, {"[3,11]", R"(["d","e"])"}));
  table.AddFile(BatchOf(layout, {"[2,4]", R"(["f","g"])"}));
  const CompactTableReport report = ValueOf(table.Compact(All()));
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, f)", "(3, d)", "(4, g)", "(11, e)", "(12, b)", "(20, c)"));
  EXPECT_EQ(report.jobs, 2);
  EXPECT_EQ(report.files_in, 5);
  EXPECT_EQ(report.files_out, 2);
  EXPECT_EQ(report.rows_in, 7);
  EXPECT_EQ(report.rows_out, 7);
  EXPECT_EQ(table.State()->totals().unreferenced_files, 3);
  EXPECT_EQ(table.State()->unfinished_jobs(), 0);
}

TEST(CompactTable, GoesOnWithTheFilesThatItMadeUntilNothingIsLeft) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 9; ++i) table.AddFile(Row(i, "v"));
  // Nine files, then three, then one.
  const CompactTableReport report = ValueOf(table.Compact(Strategy(3)));
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs, 4);
  EXPECT_EQ(report.files_in, 12);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1));
  EXPECT_EQ(ValueOf(table.Compact(Strategy(3))).jobs, 0);
}

TEST(CompactTable, MergesInSeveralJobsWhatIsMoreThanAMergeCanHold) {
  TestTable table(NumbersLayout());
  constexpr int64_t kFiles = rows::MergePlan::kInputsMax + 2;
  for (int64_t i = 0; i < kFiles; ++i) table.AddFile(Row(1, "v"));
  const CompactTableReport report = ValueOf(table.Compact(Strategy(static_cast<int>(kFiles) - 1)));
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(3)) << "what a whole batch leaves, and the two others";
  EXPECT_EQ(table.Rows().size(), static_cast<size_t>(kFiles));
}

TEST(CompactTable, ADryRunTellsThePlanAndChangesNothing) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 4; ++i) table.AddFile(Row(i, "v"));
  const model::LogNumber before = table.State()->number();
  CompactTableRequest request = Strategy(2);
  request.dry_run = true;
  const CompactTableReport report = ValueOf(table.Compact(request));
  EXPECT_THAT(report.plan, SizeIs(2));
  EXPECT_EQ(report.jobs, 0);
  EXPECT_EQ(table.State()->number(), before);
}

TEST(CompactTable, AFailedJobGivesItsFilesBackAndTheOthersGoOn) {
  TestTable table(NumbersLayout(), {Key(10)});
  const model::FileId broken = table.AddFile(Row(1, "a"));
  table.AddFile(Row(2, "b"));
  table.AddFile(Row(11, "c"));
  table.AddFile(Row(12, "d"));
  table.faults().AddRule({.kind = store::FaultKind::kErrorBefore,
                          .error = ErrorKind::kDenied,
                          .path_prefix = state::DataFilePath(table.id(), broken).value(),
                          .count = store::kEveryCall});
  const CompactTableReport report = ValueOf(table.Compact(All()));
  EXPECT_EQ(KindOf(report.failure), ErrorKind::kDenied) << report.failure;
  EXPECT_EQ(report.jobs_failed, 1);
  EXPECT_EQ(report.jobs, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(2, 1));
  EXPECT_EQ(table.State()->unfinished_jobs(), 0);
  for (const model::FileReference& reference : table.State()->ReferencesIn({"", Key(10)})) {
    EXPECT_FALSE(reference.job.has_value());
    EXPECT_EQ(reference.attempts, 1);
  }
}

TEST(CompactTable, CallsAReferencedFileThatIsMissingCorruption) {
  TestTable table(NumbersLayout());
  const model::FileId missing = table.AddFile(Row(1, "a"));
  table.AddFile(Row(2, "b"));
  const store::ObjectPath path = state::DataFilePath(table.id(), missing);
  ASSERT_TRUE(table.faults().Delete({&path, 1}, CallContext()).ok());
  EXPECT_THAT(ValueOf(table.Compact(All())).failure, Fails(ErrorKind::kCorrupt, HasSubstr(missing.value())));
}

// What a sweep does to a compaction that it takes for dead: the job first, if `ends_jobs`, and then what it was
// writing.
CompactTableReport CompactWhileASweepTakesItForDead(TestTable& table, bool ends_jobs,
                                                    const CompactTableRequest& request = All()) {
  TestTable::OtherProcess other(table);
  const TablePorts own = table.ports();
  store::StallingStore stalling(own.store, [&] {
    if (ends_jobs) {
      for (const state::UnfinishedJob& job : table.State()->Jobs()) {
        const state::ReleaseJobs release{{{job.id, state::JobResult::kReleased, "silent for too long"}}};
        ASSERT_TRUE(other.ports().committer.Commit(release, CallContext()).ok());
      }
    }
    ASSERT_TRUE(own.store.DropAbandonedWrites(store::ObjectPath(), Duration::zero(), CallContext()).ok());
  });
  const TablePorts ports{stalling, own.executor, own.random, own.table, own.log, own.committer};
  return ValueOf(CompactTable(ports, request, CallContext()));
}

TEST(CompactTable, DoesAJobAgainThatASweepHasEndedWhileItStoodStill) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  const CompactTableReport report = CompactWhileASweepTakesItForDead(table, /*ends_jobs=*/true);
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs_superseded, 1);
  EXPECT_EQ(report.jobs_failed, 0);
  EXPECT_EQ(report.jobs, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1));
  EXPECT_THAT(table.Rows(), ElementsAre("(0, v)", "(1, v)"));
}

TEST(CompactTable, SaysThatWorkIsLeftWhenPlansComeToNothing) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  CompactTableRequest request = All();
  request.fruitless_rounds_max = 1;
  const CompactTableReport report = CompactWhileASweepTakesItForDead(table, /*ends_jobs=*/true, request);
  EXPECT_THAT(report.failure, Fails(ErrorKind::kConflict, HasSubstr("work is left")));
  EXPECT_EQ(report.jobs, 0);
  EXPECT_EQ(table.State()->unfinished_jobs(), 0);
  EXPECT_EQ(ValueOf(table.Compact(request)).jobs, 1);
}

TEST(CompactTable, GoesOnForAsLongAsJobsAreCommitted) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 9; ++i) table.AddFile(Row(i, "v"));
  CompactTableRequest request = Strategy(3);
  request.fruitless_rounds_max = 1;
  const CompactTableReport report = ValueOf(table.Compact(request));
  EXPECT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs, 4);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1));
}

TEST(CompactTable, SaysThatWhatItWroteWasGivenUpAndGivesItsFilesBack) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  const CompactTableReport report = CompactWhileASweepTakesItForDead(table, /*ends_jobs=*/false);
  EXPECT_THAT(report.failure, Fails(ErrorKind::kConflict, HasSubstr("was given up by a sweep")));
  EXPECT_THAT(HintOf(report.failure), HasSubstr("run the job again"));
  EXPECT_EQ(report.jobs_failed, 1);
  EXPECT_EQ(table.State()->unfinished_jobs(), 0);
  EXPECT_EQ(ValueOf(table.Compact(All())).jobs, 1);
}

TEST(CompactTable, GivesAllFilesBackWhenItIsCancelled) {
  TestTable table(NumbersLayout(), {Key(10), Key(20), Key(30)});
  for (int64_t key : {1, 2, 11, 12, 21, 22, 31, 32}) table.AddFile(Row(key, "v"));
  const std::vector<std::string> rows = table.Rows();
  // Cancelled when the first rows have been read.
  Cancellation cancellation;
  struct Sink final : ProgressSink {
    explicit Sink(Cancellation& asked) : cancellation(asked) {}
    void Report(std::string_view, int64_t, int64_t) override { cancellation.Cancel(); }
    Cancellation& cancellation;
  } sink(cancellation);
  CallContext call;
  call.cancellation = &cancellation;
  call.progress = &sink;
  const CompactTableReport report = ValueOf(CompactTable(table.ports(), All(), call));
  EXPECT_EQ(KindOf(report.failure), ErrorKind::kCancelled) << report.failure;
  EXPECT_LT(report.jobs, 4);
  EXPECT_EQ(table.State()->unfinished_jobs(), 0);
  EXPECT_EQ(table.State()->totals().assigned_references, 0);
  EXPECT_EQ(table.Rows(), rows);
}

TEST(CompactTable, CountsJobsOfOthersAndLeavesThemAlone) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  const CompactTableReport plan = [&] {
    CompactTableRequest request = All();
    request.dry_run = true;
    return ValueOf(table.Compact(request));
  }();
  ASSERT_THAT(ValueOf(AssignCompactions(table.ports().committer, table.executor(), plan.plan, "", CallContext())),
              SizeIs(1));
  const CompactTableReport report = ValueOf(table.Compact(All()));
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs, 0);
  EXPECT_EQ(report.jobs_of_others, 1);
  EXPECT_EQ(report.jobs_taken_over, 0);
}

TEST(CompactTable, TakesOverFromTheDeadAndFromTheSilentOnly) {
  TestTable table(NumbersLayout(), {Key(10), Key(20)});
  for (int64_t key : {1, 2, 11, 12, 21, 22}) table.AddFile(Row(key, "v"));
  CompactTableRequest request = All();
  request.dry_run = true;
  const CompactTableReport plan = ValueOf(table.Compact(request));
  ASSERT_THAT(plan.plan, SizeIs(3));
  for (const auto& [job, worker] : {std::pair(0, "dead"), std::pair(1, "elsewhere")}) {
    ASSERT_TRUE(AssignCompactions(table.ports().committer, table.executor(), {plan.plan[static_cast<size_t>(job)]},
                                  worker, CallContext())
                    .ok());
  }
  request = All();
  request.worker = {
      "me", [](std::string_view worker) { return worker == "dead" ? WorkerLife::kDead : WorkerLife::kUnknown; }};
  request.take_over = TakeOver::kNever;
  const CompactTableReport first = ValueOf(table.Compact(request));
  EXPECT_EQ(first.jobs_taken_over, 0);
  EXPECT_EQ(first.jobs_of_others, 2);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(2, 2, 1));

  request.take_over = TakeOver::kSilent;
  const CompactTableReport second = ValueOf(table.Compact(request));
  EXPECT_EQ(second.jobs_taken_over, 1);
  EXPECT_EQ(second.jobs_of_others, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 2, 1));

  table.Advance(state::kCompactionAgeMin + std::chrono::minutes(1));
  const CompactTableReport third = ValueOf(table.Compact(request));
  EXPECT_EQ(third.jobs_taken_over, 1);
  EXPECT_EQ(third.jobs_of_others, 0);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1, 1));
}

// A compaction of all files that `worker` has begun.
void BeginCompaction(TestTable& table, const std::string& worker) {
  CompactTableRequest request = All();
  request.dry_run = true;
  const std::vector<CompactionSpec> plan = ValueOf(table.Compact(request)).plan;
  ASSERT_THAT(plan, SizeIs(1));
  ASSERT_THAT(ValueOf(AssignCompactions(table.ports().committer, table.executor(), plan, worker, CallContext())),
              SizeIs(1));
}

// Others commit, and keep little of the log.
void ForgetTheBeginningOfTheLog(TestTable& table) {
  state::TableLog& log = table.ports().log;
  for (int snapshot = 0; snapshot < 2; ++snapshot) {
    for (int64_t key = 0; key < 20; ++key) table.AddFile(Row(100 + key, "v"));
    ValueOf(log.WriteSnapshot(CallContext()));
  }
  ASSERT_GT(ValueOf(log.Truncate(10, CallContext())).entries, 10);
}

TEST(CompactTable, AJobIsNotSilentBecauseItsEntryWasTruncated) {
  TestTable table(NumbersLayout(), {Key(10)});
  for (int64_t key : {1, 2}) table.AddFile(Row(key, "v"));
  ASSERT_NO_FATAL_FAILURE(BeginCompaction(table, "on another machine"));
  ASSERT_NO_FATAL_FAILURE(ForgetTheBeginningOfTheLog(table));
  table.Advance(std::chrono::minutes(1));
  const CompactTableReport young = ValueOf(table.Compact(All()));
  ASSERT_TRUE(young.failure.ok()) << young.failure;
  EXPECT_EQ(young.jobs_taken_over, 0);
  EXPECT_EQ(young.jobs_of_others, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(2, 1));

  table.Advance(state::kCompactionAgeMin + std::chrono::minutes(2));
  const CompactTableReport old = ValueOf(table.Compact(All()));
  ASSERT_TRUE(old.failure.ok()) << old.failure;
  EXPECT_EQ(old.jobs_taken_over, 1);
  EXPECT_EQ(old.jobs_of_others, 0);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1));
}

TEST(CompactTable, AProcessThatIsAliveGetsTheLongestTime) {
  TestTable table(NumbersLayout());
  for (int64_t key : {1, 2}) table.AddFile(Row(key, "v"));
  ASSERT_NO_FATAL_FAILURE(BeginCompaction(table, "alive"));
  CompactTableRequest request = All();
  request.worker = {
      "me", [](std::string_view worker) { return worker == "alive" ? WorkerLife::kAlive : WorkerLife::kUnknown; }};
  table.Advance(state::kCompactionAgeMax - std::chrono::minutes(1));
  EXPECT_EQ(ValueOf(table.Compact(request)).jobs_of_others, 1);
  table.Advance(std::chrono::minutes(2));
  EXPECT_EQ(ValueOf(table.Compact(request)).jobs_taken_over, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1));
}

TEST(CompactTable, GivesFilesThatWereTriedBeforeMoreTime) {
  TestTable table(NumbersLayout());
  for (int64_t key : {1, 2}) table.AddFile(Row(key, "v"));
  ASSERT_NO_FATAL_FAILURE(BeginCompaction(table, "elsewhere"));
  const model::JobId first = table.State()->Jobs().at(0).id;
  ASSERT_TRUE(ReleaseCompactions(table.ports().committer, table.executor(), std::vector<Release>{{first, "failed"}},
                                 CallContext())
                  .ok());
  ASSERT_NO_FATAL_FAILURE(BeginCompaction(table, "elsewhere"));
  table.Advance(2 * state::kCompactionAgeMin - std::chrono::minutes(1));
  EXPECT_EQ(ValueOf(table.Compact(All())).jobs_of_others, 1);
  table.Advance(std::chrono::minutes(2));
  EXPECT_EQ(ValueOf(table.Compact(All())).jobs_taken_over, 1);
}

// The table may know 1,000 jobs, and knows all of them but `free`.
void FillJobMemory(TestTable& table, int free) {
  const state::TableStatePtr state = table.State();
  state::DefineTable smaller{state->definition(), {}};
  smaller.definition.properties["job.memory.max"] = "1000";
  ++smaller.definition.version;
  state::RecordJobs exports;
  for (int i = 0; i < 1'000 - free - state->remembered_jobs() - state->unfinished_jobs(); ++i) {
    exports.outcomes.push_back({.id = model::JobId("export " + std::to_string(i)),
                                .kind = state::JobKind::kExport,
                                .spec_hash = state::SpecHash("spec"),
                                .result = state::JobResult::kFinished,
                                .counts = {},
                                .message = {},
                                .run = {}});
  }
  for (const state::Transaction& transaction : {state::Transaction(smaller), state::Transaction(exports)}) {
    ASSERT_TRUE(ValueOf(table.ports().committer.Commit(transaction, CallContext())).outcomes.at(0).applied());
  }
}

TEST(CompactTable, RunsTheJobsThatFitIntoTheMemoryOfJobsAndThenSaysThatItIsFull) {
  TestTable table(NumbersLayout(), {Key(10)});
  for (int64_t key : {1, 2, 11, 12}) table.AddFile(Row(key, "v"));
  ASSERT_NO_FATAL_FAILURE(FillJobMemory(table, 1));
  const CompactTableReport report = ValueOf(table.Compact(All()));
  EXPECT_EQ(table.State()->unfinished_jobs(), 0) << "nobody would give their files back";
  EXPECT_EQ(table.State()->totals().assigned_references, 0);
  EXPECT_EQ(report.jobs, 1);
  EXPECT_THAT(table.FilesPerPartition(), UnorderedElementsAre(1, 2));
  EXPECT_THAT(report.failure, Fails(ErrorKind::kExhausted, HasSubstr("as many jobs as it may")));
  EXPECT_THAT(HintOf(report.failure), HasSubstr("job.memory.max"));
}

// A store that takes long to list: longer than is allowed for giving jobs up.
class SlowToList final : public store::InterceptingStore {
 public:
  explicit SlowToList(TestTable& table) : InterceptingStore(table.faults()), table_(table) {}

 private:
  Status Before(const store::StoreCall& call) override {
    if (call.function == store::StoreFunction::kList) table_.Advance(std::chrono::seconds(21));
    return Status::OK();
  }

  TestTable& table_;
};

TEST(ReleaseCompactions, ThatTakeTooLongWereNotCancelledByAnybody) {
  TestTable table(NumbersLayout());
  for (int64_t key : {1, 2}) table.AddFile(Row(key, "v"));
  ASSERT_NO_FATAL_FAILURE(BeginCompaction(table, "elsewhere"));
  const std::vector<Release> jobs{{table.State()->Jobs().at(0).id, "on request"}};
  SlowToList slow(table);
  SeededRandom random(1);
  state::TableLog log(slow, table.executor().clock(), random, table.executor(), state::LogLayout::ForTable(table.id()),
                      {});
  state::TableCommitter committer(log);
  const Status late = ReleaseCompactions(committer, table.executor(), jobs, CallContext());
  EXPECT_THAT(late, Fails(ErrorKind::kUnavailable, HasSubstr("within 20 seconds")));

  Cancellation cancellation;
  cancellation.Cancel();
  CallContext cancelled;
  cancelled.cancellation = &cancellation;
  EXPECT_EQ(KindOf(ReleaseCompactions(committer, table.executor(), jobs, cancelled)), ErrorKind::kCancelled);
}

TEST(CompactTable, ATakenOverJobIsDoneOnceAndItsOwnerIsTooLate) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  CompactTableRequest request = All();
  request.dry_run = true;
  const std::vector<CompactionSpec> jobs = ValueOf(AssignCompactions(
      table.ports().committer, table.executor(), ValueOf(table.Compact(request)).plan, "", CallContext()));
  ASSERT_THAT(jobs, SizeIs(1));
  const CompactionPorts owner{table.faults(), table.id(), table.executor(), table.ports().random};
  const CompactionOutcome late = ValueOf(RunCompaction(owner, jobs[0], CallContext()));

  request = All();
  request.take_over = TakeOver::kAlways;
  const CompactTableReport report = ValueOf(table.Compact(request));
  ASSERT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_EQ(report.jobs_taken_over, 1);
  EXPECT_EQ(report.jobs, 1);

  const CommittedCompaction committed =
      ValueOf(CommitCompaction(table.ports().committer, jobs[0], late, CallContext()));
  EXPECT_EQ(committed.verdict, CommitVerdict::kSuperseded);
  EXPECT_FALSE(committed.holds_inputs);
  EXPECT_THAT(table.Rows(), ElementsAre("(0, v)", "(1, v)"));
}

TEST(CommitCompaction, ARepeatedResultChangesNothing) {
  TestTable table(NumbersLayout());
  for (int i = 0; i < 2; ++i) table.AddFile(Row(i, "v"));
  CompactTableRequest request = All();
  request.dry_run = true;
  const std::vector<CompactionSpec> jobs = ValueOf(AssignCompactions(
      table.ports().committer, table.executor(), ValueOf(table.Compact(request)).plan, "", CallContext()));
  ASSERT_THAT(jobs, SizeIs(1));
  const CompactionPorts ports{table.faults(), table.id(), table.executor(), table.ports().random};
  const CompactionOutcome first = ValueOf(RunCompaction(ports, jobs[0], CallContext()));
  const CompactionOutcome second = ValueOf(RunCompaction(ports, jobs[0], CallContext()));
  auto commit = [&](const CompactionOutcome& outcome) {
    return ValueOf(CommitCompaction(table.ports().committer, jobs[0], outcome, CallContext())).verdict;
  };
  EXPECT_EQ(commit(first), CommitVerdict::kCommitted);
  EXPECT_EQ(commit(first), CommitVerdict::kAlreadyDone);
  EXPECT_EQ(commit(second), CommitVerdict::kAlreadyDone);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1));
  EXPECT_THAT(table.Rows(), ElementsAre("(0, v)", "(1, v)"));
}

TEST(AssignCompactions, LeavesOutJobsWhoseFilesAreTakenAlready) {
  TestTable table(NumbersLayout(), {Key(10)});
  for (int64_t key : {1, 2, 11, 12}) table.AddFile(Row(key, "v"));
  PlanRequest request;
  request.policy.mode = CompactionMode::kAll;
  CompactionPlan mine = PlanCompactions(*table.State(), request);
  request.seed = 1;
  CompactionPlan theirs = PlanCompactions(*table.State(), request);
  ASSERT_THAT(theirs.jobs, SizeIs(2));
  theirs.jobs.pop_back();
  auto assign = [&](CompactionPlan plan) {
    return ValueOf(
        AssignCompactions(table.ports().committer, table.executor(), std::move(plan.jobs), "", CallContext()));
  };
  EXPECT_THAT(assign(theirs), SizeIs(1));
  const model::JobId second = mine.jobs[1].job;
  const std::vector<CompactionSpec> assigned = assign(std::move(mine));
  ASSERT_THAT(assigned, SizeIs(1));
  EXPECT_EQ(assigned[0].job, second);
}

TEST(CompactTable, AResultIsPlacedInThePartitionsThatASplitHasMadeMeanwhile) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  table.AddFile(BatchOf(layout, {"[1,12]", R"(["a","b"])"}));
  table.AddFile(BatchOf(layout, {"[2,11]", R"(["c","d"])"}));
  const std::vector<std::string> rows = table.Rows();
  CompactTableRequest request = All();
  request.dry_run = true;
  const std::vector<CompactionSpec> jobs = ValueOf(AssignCompactions(
      table.ports().committer, table.executor(), ValueOf(table.Compact(request)).plan, "", CallContext()));
  const CompactionPorts ports{table.faults(), table.id(), table.executor(), table.ports().random};
  const CompactionOutcome outcome = ValueOf(RunCompaction(ports, jobs.at(0), CallContext()));
  table.Split(Key(10));
  const CommittedCompaction committed =
      ValueOf(CommitCompaction(table.ports().committer, jobs[0], outcome, CallContext()));
  EXPECT_EQ(committed.verdict, CommitVerdict::kCommitted) << committed.refusal;
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1));
  EXPECT_EQ(table.Rows(), rows);
}

TEST(CompactTable, GoesOnWhileThePartitionsAreSplit) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  for (int64_t file = 0; file < 6; ++file) {
    table.AddFile(BatchOf(layout, {"[1,15,25,35]", R"(["a","b","c","d"])"}));
  }
  const std::vector<std::string> rows = table.Rows();
  TaskGroup group(table.executor());
  group.RunStage([&]() -> Status {
    for (int64_t key : {10, 20, 30}) table.Split(Key(key));
    return Status::OK();
  });
  group.RunStage([&]() -> Status {
    TRY_ASSIGN(const CompactTableReport report, table.Compact(All()));
    return report.failure;
  });
  ASSERT_TRUE(group.Join().ok());
  const CompactTableReport report = ValueOf(table.Compact(All()));
  EXPECT_TRUE(report.failure.ok()) << report.failure;
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(table.Rows(), rows);
}

TEST(CompactTable, TwoProcessesShareTheWork) {
  TestTable table(NumbersLayout(), {Key(10), Key(20)});
  for (int64_t key : {1, 2, 11, 12, 21, 22}) table.AddFile(Row(key, "v"));
  const std::vector<std::string> rows = table.Rows();
  TestTable::OtherProcess other(table);
  TaskGroup group(table.executor());
  std::atomic<int64_t> jobs = 0;
  for (const TablePorts& ports : {table.ports(), other.ports()}) {
    group.RunStage([&jobs, ports]() -> Status {
      TRY_ASSIGN(const CompactTableReport report, CompactTable(ports, All(), CallContext()));
      jobs += report.jobs;
      return report.failure;
    });
  }
  ASSERT_TRUE(group.Join().ok());
  EXPECT_EQ(jobs, 3);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1, 1));
  EXPECT_EQ(table.Rows(), rows);
}

TEST(CompactTable, LosesAndDoublesNothingWhereverItIsKilled) {
  for (int64_t survived = 0;; ++survived) {
    SCOPED_TRACE(testing::Message() << "killed after " << survived << " calls");
    TestTable table(NumbersLayout());
    for (int64_t key : {2, 1}) table.AddFile(Row(key, "v"));
    table.Restart();
    table.faults().KillAfter(survived);
    const Result<CompactTableReport> killed = table.Compact(Strategy(2));
    const bool done = killed.ok() && killed->failure.ok();
    ASSERT_LT(survived, 200);
    ASSERT_THAT(table.Rows(), ElementsAre("(1, v)", "(2, v)"));
    if (done) break;

    table.Restart();
    CompactTableRequest again = Strategy(2);
    again.take_over = TakeOver::kAlways;
    const CompactTableReport report = ValueOf(table.Compact(again));
    ASSERT_TRUE(report.failure.ok()) << report.failure;
    ASSERT_THAT(table.FilesPerPartition(), ElementsAre(1));
    ASSERT_THAT(table.Rows(), ElementsAre("(1, v)", "(2, v)"));
    ASSERT_EQ(table.State()->unfinished_jobs(), 0);
  }
}

TEST(CompactTable, KeepsEveryRowOfEveryType) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int trial = 0; trial < 2; ++trial) {
    const auto layout =
        trial == 0 ? columnar::LayoutOfAllTypes() : columnar::Layout::Of(model::RandomKeySchema(random));
    TestTable table(layout);
    for (int step = 0; step < 5; ++step) {
      table.AddFile(columnar::RandomBatch(layout, 1 + static_cast<int64_t>(random.Below(40)), random));
    }
    // At keys that the table has, or nearly.
    for (int split = 0; split < 2; ++split) {
      const std::string boundary = model::EncodeKey(model::RandomKey(random, layout->schema().row_key_fields()));
      if (table.State()->partitions().Find(boundary).interval.lower != boundary) table.Split(boundary);
    }
    const std::vector<std::string> rows = table.Rows();
    CompactTableRequest request = All();
    request.properties =
        ValueOf(model::Properties::Make({{"compaction.files.batch.size", std::to_string(2 + random.Below(4))}}));
    const CompactTableReport report = ValueOf(table.Compact(request));
    ASSERT_TRUE(report.failure.ok()) << report.failure;
    std::vector<std::string> after = table.Rows();
    // Rows of equal keys come in no particular order.
    std::vector<std::string> before = rows;
    std::ranges::sort(before);
    std::ranges::sort(after);
    ASSERT_EQ(after, before);
    for (int64_t files : table.FilesPerPartition()) EXPECT_LE(files, 1);
    EXPECT_TRUE(table.State()->totals().rows_exact());
  }
}

}  // namespace
}  // namespace sleeper::compact
