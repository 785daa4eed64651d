#include "sleeper/state/table_transition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CompletedJob Job(const std::string& id, const std::string& spec = "spec") {
  return {model::JobId(id), SpecHash(spec), JobKind::kIngest, {}};
}

TEST(DefineTable, CreatesATableWithItsPartitions) {
  TestTable table({"g", "p"});
  EXPECT_TRUE(table.state().exists());
  EXPECT_THAT(table.Partitions(), ElementsAre("p0[,g)", "p1[g,p)", "p2[p,)"));
  EXPECT_EQ(table.state().number(), 1U);
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(DefineTable, NothingElseFitsBeforeIt) {
  const TransactionOutcome outcome = Validate(*TableState::Empty(), ClearTable{}, 1);
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(KindOf(outcome.refusal), ErrorKind::kNotFound);
}

TEST(DefineTable, ChangesPropertiesVersionByVersion) {
  TestTable table;
  DefineTable change{SampleDefinition({{"gc.delay.minutes", "5"}}), {}};
  EXPECT_EQ(table.Do(change), "conflict") << "version 1 follows on version 1";
  change.definition.version = 2;
  EXPECT_EQ(table.Do(change), "applied");
  EXPECT_EQ(table.state().definition().properties.at("gc.delay.minutes"), "5");
  EXPECT_EQ(table.Do(change), "already done");
  change.definition.version = 4;
  EXPECT_EQ(table.Do(change), "conflict");
  change.definition.version = 3;
  change.split_points = {"m"};
  EXPECT_EQ(table.Do(change), "invalid");
}

TEST(DefineTable, ReleasesCompactionsWhenRowsAreShapedOtherwise) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 10)});
  const UnfinishedJob job = table.Compaction("job", "");
  EXPECT_EQ(table.Do(AssignJobs{{job}}), "applied");
  DefineTable change{SampleDefinition({{"filters", "ageOff(value,1000)"}}), {}};
  change.definition.version = 2;
  const ReplaceFiles late = table.Compacted(job, "b");
  EXPECT_EQ(table.Do(change), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,)10!1"));
  EXPECT_EQ(table.Do(late), "conflict");
  EXPECT_EQ(table.state().FindOutcome(job.id)->result, JobResult::kReleased);
}

TEST(DropTable, IsTheEnd) {
  TestTable table;
  EXPECT_EQ(table.Do(DropTable{}), "applied");
  EXPECT_TRUE(table.state().dropped());
  EXPECT_EQ(table.Do(DropTable{}), "already done");
  EXPECT_EQ(table.Do(ClearTable{9}), "not_found");
  EXPECT_EQ(table.Do(DefineTable{SampleDefinition(), {}}), "not_found");
}

TEST(AddFiles, PutsReferencesIntoThePartitionsThatTheWriterSaw) {
  TestTable table({"m"});
  EXPECT_EQ(table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})}), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3", "a[m,)4"));
  EXPECT_EQ(table.state().totals().rows, 7);
  EXPECT_TRUE(table.state().totals().rows_exact());
  EXPECT_EQ(table.state().totals().files, 1);
  EXPECT_EQ(table.state().last_add(), 2U);
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(AddFiles, SharesRowsOutWhereThePartitionsAreFinerNow) {
  TestTable table({"g", "p"});
  table.Add({table.File("a", {"b", "y"}, 10)});
  EXPECT_THAT(table.References(), ElementsAre("a[,g)4~", "a[g,p)3~", "a[p,)3~"));
}

TEST(AddFiles, LeavesOutPartitionsThatTheFileCannotReach) {
  TestTable table({"g", "p"});
  table.Add({table.File("a", {"h", "k"}, 10)});
  EXPECT_THAT(table.References(), ElementsAre("a[g,p)10"));
  EXPECT_TRUE(table.state().totals().rows_exact());
}

TEST(AddFiles, JoinsSlicesThatMeetInOnePartitionNow) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  EXPECT_THAT(table.References(), ElementsAre("a[,)7"));
}

TEST(AddFiles, IsDoneOncePerJob) {
  TestTable table;
  AddFiles add = table.Adding({table.File("a", {"b", "y"}, 10)});
  add.job = Job("job");
  EXPECT_EQ(table.Do(add), "applied");
  AddFiles again = table.Adding({table.File("b", {"b", "y"}, 10)});
  again.job = add.job;
  const TransactionOutcome outcome = table.Try(again);
  EXPECT_EQ(outcome.verdict, Verdict::kAlreadyDone);
  EXPECT_EQ(outcome.earlier->ended, 2U);
  EXPECT_THAT(table.References(), ElementsAre("a[,)10"));
  again.job = Job("job", "other inputs");
  EXPECT_EQ(table.Do(again), "conflict");
}

TEST(AddFiles, RemembersAJobThatWroteNoRow) {
  TestTable table;
  AddFiles add = table.Adding({});
  EXPECT_EQ(table.Do(add), "invalid") << "neither job nor files";
  add.job = Job("job");
  EXPECT_EQ(table.Do(add), "applied");
  EXPECT_EQ(table.Do(add), "already done");
  EXPECT_EQ(table.state().last_add(), 0U);
}

TEST(AddFiles, RefusesFilesOfAnotherShapeOrThatAreThereAlready) {
  TestTable table;
  AddFiles add = table.Adding({table.File("a", {"b", "y"}, 10)});
  AddFiles other = add;
  other.shape_hash = "another";
  EXPECT_EQ(table.Do(other), "conflict");
  EXPECT_EQ(table.Do(add), "applied");
  EXPECT_EQ(table.Do(add), "conflict");
}

TEST(AddFiles, IsAllOrNothing) {
  TestTable table;
  const NewFile good = table.File("a", {"b", "y"}, 10);
  NewFile bad = table.File("b", {"b", "y"}, 10);
  bad.slices[0].rows = 9;
  EXPECT_EQ(table.Add({good, bad}), "invalid");
  EXPECT_THAT(table.References(), IsEmpty());
  EXPECT_EQ(table.Add({good, good}), "invalid") << "named twice";
}

TEST(AddFiles, RefusesRecordsThatCannotBe) {
  TestTable table({"m"});
  const auto with = [&](auto change) {
    NewFile file = table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}});
    change(file);
    return table.Add({file});
  };
  EXPECT_EQ(with([](NewFile& f) { f.record.id = model::FileId("a"); }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { f.record.birth = 0; }), "invalid") << "the name says 1";
  EXPECT_EQ(with([](NewFile& f) { f.record.rows = 0; }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { f.record.tail_bytes = 1001; }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { f.record.bounds = {"y", "b"}; }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { f.slices.clear(); }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { std::swap(f.slices[0], f.slices[1]); }), "invalid");
  EXPECT_EQ(with([](NewFile& f) { f.slices[1].interval.lower = "k"; }), "invalid") << "overlap";
  EXPECT_EQ(with([](NewFile& f) { f.slices[0].interval = Interval("c", "m"); }), "invalid") << "b is outside";
  EXPECT_EQ(with([](NewFile& f) { f.record.bounds.max = "k"; }), "invalid") << "the last slice is empty";
  EXPECT_EQ(with([](NewFile&) {}), "applied");
}

TEST(AddFiles, RefusesFilesBornAfterTheState) {
  TestTable early;
  TestTable late;
  late.Do(RaiseSweepFloor{1});
  EXPECT_EQ(early.Do(late.Adding({late.File("a", {"b", "y"}, 10)})), "invalid");
}

TEST(AddFiles, RefusesFilesBornBelowTheSweepFloor) {
  TestTable table;
  const NewFile old = table.File("old", {"b", "y"}, 10);
  table.Add({table.File("a", {"b", "y"}, 10)});
  EXPECT_EQ(table.Do(RaiseSweepFloor{2}), "applied");
  EXPECT_EQ(table.Add({old}), "conflict");
  EXPECT_EQ(table.Add({table.File("new", {"b", "y"}, 10)}), "applied");
}

TEST(AddFiles, CompletesARegisteredJob) {
  TestTable table;
  UnfinishedJob job;
  job.id = model::JobId("job");
  job.kind = JobKind::kIngest;
  job.spec_hash = SpecHash("spec");
  job.shape_hash = table.state().shape_hash();
  job.earliest_birth = 1;
  EXPECT_EQ(table.Do(RegisterJobs{{job}}), "applied");
  AddFiles add = table.Adding({table.File("a", {"b", "y"}, 10)});
  add.job = Job("job", "other");
  EXPECT_EQ(table.Do(add), "conflict");
  add.job = Job("job");
  EXPECT_EQ(table.Do(add), "applied");
  EXPECT_EQ(table.state().unfinished_jobs(), 0);
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(AddFiles, RefusesNewJobsWhenTheMemoryIsFull) {
  TestTable table({}, {{"job.memory.max", "1000"}});
  ASSERT_EQ(table.state().job_memory_max(), 1'000);
  RecordJobs many;
  for (int i = 0; i < 999; ++i) {
    many.outcomes.push_back({model::JobId("export" + std::to_string(i)),
                             JobKind::kExport,
                             SpecHash("spec"),
                             JobResult::kFinished,
                             {},
                             "",
                             0});
  }
  EXPECT_EQ(table.Do(many), "applied");
  AddFiles add = table.Adding({});
  add.job = Job("last");
  EXPECT_EQ(table.Do(add), "applied");
  add.job = Job("surplus");
  EXPECT_EQ(table.Do(add), "exhausted");
  add.job = Job("last");
  EXPECT_EQ(table.Do(add), "already done");
  EXPECT_EQ(table.Do(RaiseSweepFloor{3}), "applied");
  EXPECT_EQ(table.Do(ForgetJobs{2}), "applied");
  add.job = Job("surplus");
  EXPECT_EQ(table.Do(add), "applied");
}

TEST(AssignJobs, TakesReferencesExactlyAsNamed) {
  TestTable table({"m"});
  table.Add(
      {table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}}), table.File("b", {"c", "d"}, 5)});
  const UnfinishedJob job = table.Compaction("job", "");
  EXPECT_EQ(table.Do(AssignJobs{{job}}), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3@job", "b[,m)5@job", "a[m,)4"));
  EXPECT_EQ(table.state().totals().assigned_references, 2);
  EXPECT_EQ(table.Do(AssignJobs{{job}}), "already done");
  UnfinishedJob other = job;
  other.id = model::JobId("other");
  EXPECT_EQ(table.Do(AssignJobs{{other}}), "conflict") << "the references are on a job";
  UnfinishedJob changed = job;
  changed.specification = "changed";
  EXPECT_EQ(table.Do(AssignJobs{{changed}}), "conflict");
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(AssignJobs, IsAllOrNothing) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  const UnfinishedJob left = table.Compaction("left", "");
  UnfinishedJob right = table.Compaction("right", "m");
  right.inputs[0].interval = Interval("n", "");
  EXPECT_EQ(table.Do(AssignJobs{{left, right}}), "conflict");
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3", "a[m,)4"));
  EXPECT_EQ(table.state().unfinished_jobs(), 0);
}

TEST(AssignJobs, RefusesWhatIsNotOneCompactionInOnePartition) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  const auto with = [&](auto change) {
    UnfinishedJob job = table.Compaction("job", "");
    change(job);
    return table.Do(AssignJobs{{job}});
  };
  EXPECT_EQ(with([](UnfinishedJob& j) { j.inputs.clear(); }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.inputs.push_back(j.inputs[0]); }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.inputs.push_back({j.inputs[0].file, Interval("m", "")}); }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.kind = JobKind::kIngest; }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.earliest_birth = 9; }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.id = model::JobId(); }), "invalid");
  EXPECT_EQ(with([](UnfinishedJob& j) { j.shape_hash = "another"; }), "conflict");
  EXPECT_EQ(table.Do(AssignJobs{}), "invalid");
}

TEST(AssignJobs, IsRefusedAfterASplit) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 10)});
  const UnfinishedJob job = table.Compaction("job", "");
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p0"), {"m"}}}}), "applied");
  EXPECT_EQ(table.Do(AssignJobs{{job}}), "conflict");
}

TEST(ReplaceFiles, PutsTheOutputInThePlaceOfTheInputs) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3), table.File("b", {"c", "z"}, 4)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  const ReplaceFiles replace = table.Compacted(job, "c");
  EXPECT_EQ(table.Do(replace), "applied");
  EXPECT_THAT(table.References(), ElementsAre("c[,)7"));
  EXPECT_EQ(table.state().totals().unreferenced_files, 2);
  EXPECT_EQ(table.state().UnreferencedFiles(99, 99)[0].unreferenced_since, 4U);
  const TransactionOutcome again = table.Try(replace);
  EXPECT_EQ(again.verdict, Verdict::kAlreadyDone);
  EXPECT_EQ(again.earlier->counts.rows_written, 7);
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(ReplaceFiles, CommitsOverThePartitionsOfNow) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3), table.File("b", {"c", "z"}, 4)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p0"), {"m"}}}}), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,m)2~@job", "b[,m)2~@job", "a[m,)1~@job", "b[m,)2~@job"));
  EXPECT_EQ(table.Do(table.Compacted(job, "c")), "applied");
  EXPECT_THAT(table.References(), ElementsAre("c[,m)4~", "c[m,)3~"));
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(ReplaceFiles, CoversItsInputsAlsoWhereASplitLeftAPieceOut) {
  TestTable table;
  table.Add({table.File("a", {"b", "c"}, 3)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  table.Do(SplitPartitions{{{model::PartitionId("p0"), {"m"}}}});
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3@job"));
  EXPECT_EQ(table.Do(table.Compacted(job, "b")), "applied");
  EXPECT_THAT(table.References(), ElementsAre("b[,m)3"));
}

TEST(ReplaceFiles, IsRefusedOnceTheJobWasReleased) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  const ReplaceFiles replace = table.Compacted(job, "c");
  EXPECT_EQ(table.Do(ReleaseJobs{{{job.id, JobResult::kReleased, "silent"}}}), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,)3!1"));
  EXPECT_EQ(table.Do(replace), "conflict");
  ReplaceFiles unknown = replace;
  unknown.job = model::JobId("unknown");
  EXPECT_EQ(table.Do(unknown), "conflict");
}

TEST(ReplaceFiles, IsRefusedOnceTheTableWasCleared) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  const ReplaceFiles replace = table.Compacted(job, "c");
  EXPECT_EQ(table.Do(ClearTable{table.state().number()}), "applied");
  EXPECT_EQ(table.Do(replace), "conflict");
}

TEST(ReplaceFiles, RefusesOutputsThatDoNotHoldWhatWasRead) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3), table.File("b", {"c", "z"}, 4)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  const auto with = [&](auto change) {
    ReplaceFiles replace = table.Compacted(job, "c");
    change(replace);
    return table.Do(replace);
  };
  EXPECT_EQ(with([](ReplaceFiles& r) { r.consumed.pop_back(); }), "invalid");
  EXPECT_EQ(with([](ReplaceFiles& r) { r.consumed[1] = r.consumed[0]; }), "invalid");
  EXPECT_EQ(with([](ReplaceFiles& r) { r.consumed[0].rows += 1; }), "invalid");
  EXPECT_EQ(with([](ReplaceFiles& r) { r.rows_removed = 1; }), "invalid");
  EXPECT_EQ(with([](ReplaceFiles& r) { r.outputs[0].record.row_hash += {1, 1}; }), "invalid") << "other rows";
  EXPECT_EQ(with([](ReplaceFiles& r) { r.outputs.push_back(r.outputs[0]); }), "invalid");
  EXPECT_EQ(with([](ReplaceFiles& r) { r.shape_hash = "another"; }), "conflict");
  EXPECT_EQ(with([](ReplaceFiles& r) {
              // A row less was read than the file has: the compaction would lose it.
              r.consumed[0].rows -= 1;
              r.consumed[0].row_hash = HashOfRows(0, 2);
              r.outputs[0].record.rows -= 1;
              r.outputs[0].slices[0].rows -= 1;
              r.outputs[0].record.row_hash = HashOfRows(0, 2) + HashOfRows(0, 4);
            }),
            "corrupt");
  EXPECT_EQ(with([](ReplaceFiles&) {}), "applied");
}

TEST(ReplaceFiles, MayRemoveRowsIfItSaysSo) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3)});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  ReplaceFiles replace = table.Compacted(job, "c");
  replace.outputs.clear();
  replace.rows_removed = 3;
  EXPECT_EQ(table.Do(replace), "applied");
  EXPECT_THAT(table.References(), IsEmpty());
}

TEST(ReplaceFiles, AccountsForAFileThatIsConsumedSliceBySlice) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  const UnfinishedJob left = table.Compaction("left", "");
  const UnfinishedJob right = table.Compaction("right", "m");
  table.Do(AssignJobs{{left, right}});
  const auto replace = [&](const UnfinishedJob& job, const std::string& name, model::KeyBounds bounds, int64_t first,
                           int64_t rows) {
    ReplaceFiles result;
    result.job = job.id;
    result.shape_hash = table.state().shape_hash();
    result.consumed = {{table.IdOf("a"), rows, HashOfRows(first, rows)}};
    NewFile output = table.File(name, std::move(bounds), {{job.inputs[0].interval, rows}});
    output.record.row_hash = HashOfRows(first, rows);
    result.outputs = {output};
    return result;
  };
  EXPECT_EQ(table.Do(replace(left, "l", {"b", "c"}, 0, 3)), "applied");
  EXPECT_EQ(table.state().FindFile(table.IdOf("a"))->consumed_rows, 3);
  EXPECT_EQ(table.Do(replace(right, "r", {"n", "y"}, 2, 4)), "corrupt") << "row 2 was read twice, row 6 never";
  EXPECT_EQ(table.Do(replace(right, "r", {"n", "y"}, 3, 4)), "applied");
  EXPECT_THAT(table.References(), ElementsAre("l[,m)3", "r[m,)4"));
}

TEST(ReplaceFiles, TakesSeveralReferencesOfOneFile) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  const UnfinishedJob left = table.Compaction("left", "");
  table.Do(AssignJobs{{left}});
  table.Do(MergePartitions{{{model::PartitionId("p0"), model::PartitionId("p1")}}});
  table.Do(ReleaseJobs{{{left.id, JobResult::kReleased, ""}}});
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3!1", "a[m,)4"));
  const UnfinishedJob both = table.Compaction("both", "");
  ASSERT_EQ(both.inputs.size(), 2U);
  EXPECT_EQ(table.Do(AssignJobs{{both}}), "applied");
  ReplaceFiles replace = table.Compacted(both, "b");
  replace.consumed.pop_back();
  replace.outputs[0].record.rows = 7;
  replace.outputs[0].record.row_hash = HashOfRows(0, 7);
  replace.outputs[0].slices[0].rows = 7;
  EXPECT_EQ(table.Do(replace), "applied");
  EXPECT_THAT(table.References(), ElementsAre("b[,)7"));
}

TEST(ReplaceFiles, RefusesOutputsBeyondItsInputsOrBornBeforeTheJob) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "c"}, 3)});
  const NewFile early = table.File("early", {"b", "c"}, 3);
  table.Do(RaiseSweepFloor{1});
  const UnfinishedJob job = table.Compaction("job", "");
  table.Do(AssignJobs{{job}});
  ReplaceFiles replace = table.Compacted(job, "c");
  replace.outputs[0].slices[0].interval = model::KeyInterval::All();
  EXPECT_EQ(table.Do(replace), "invalid");
  replace.outputs = {early};
  replace.outputs[0].slices[0].interval = Interval("", "m");
  EXPECT_EQ(table.Do(replace), "conflict");
}

TEST(ReleaseJobs, CountsTheAttempts) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3)});
  for (int attempt = 1; attempt <= 2; ++attempt) {
    const UnfinishedJob job = table.Compaction("job" + std::to_string(attempt), "");
    EXPECT_EQ(table.Do(AssignJobs{{job}}), "applied");
    EXPECT_EQ(table.Do(ReleaseJobs{{{job.id, JobResult::kFailed, "disk full"}}}), "applied");
    EXPECT_EQ(table.Do(ReleaseJobs{{{job.id, JobResult::kFailed, "disk full"}}}), "already done");
    EXPECT_EQ(table.Do(AssignJobs{{job}}), "conflict") << "a released job does not come back";
  }
  EXPECT_THAT(table.References(), ElementsAre("a[,)3!2"));
  EXPECT_EQ(table.state().FindOutcome(model::JobId("job2"))->message, "disk full");
  EXPECT_EQ(table.Do(ReleaseJobs{{{model::JobId("never"), JobResult::kFailed, ""}}}), "not_found");
  EXPECT_EQ(table.Do(ReleaseJobs{}), "invalid");
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

UnfinishedJob Registered(const TestTable& table, const std::string& id) {
  UnfinishedJob job;
  job.id = model::JobId(id);
  job.kind = JobKind::kImport;
  job.spec_hash = SpecHash("spec");
  job.shape_hash = table.state().shape_hash();
  job.earliest_birth = table.state().number();
  return job;
}

TEST(RegisterJobs, ConsumesFilesOfTheInboxOnce) {
  TestTable table;
  SeededRandom random(1);
  const InboxFileId file = MakeInboxFileId(1, random);
  UnfinishedJob job = Registered(table, "job");
  job.inbox = {file};
  EXPECT_EQ(table.Do(RegisterJobs{{job}}), "applied");
  EXPECT_TRUE(table.state().IsConsumed(file));
  EXPECT_EQ(table.Do(RegisterJobs{{job}}), "already done");
  UnfinishedJob other = Registered(table, "other");
  other.inbox = {file};
  EXPECT_EQ(table.Do(RegisterJobs{{other}}), "conflict");
  EXPECT_EQ(table.Do(ForgetFiles{{}, {file}}), "conflict") << "the floor has not passed it";
  EXPECT_EQ(table.Do(ReleaseJobs{{{job.id, JobResult::kFailed, ""}}}), "applied");
  EXPECT_EQ(table.Do(RaiseSweepFloor{2}), "applied");
  EXPECT_EQ(table.Do(ForgetFiles{{}, {file}}), "applied");
  other.earliest_birth = table.state().number();
  EXPECT_EQ(table.Do(RegisterJobs{{other}}), "conflict") << "the inbox file was born below the floor";
}

TEST(RegisterJobs, HoldsTheSweepFloor) {
  TestTable table;
  table.Do(RegisterJobs{{Registered(table, "job")}});
  table.Do(RecordJobs{{{model::JobId("export"), JobKind::kExport, SpecHash("s"), JobResult::kFinished, {}, "", 0}}});
  EXPECT_EQ(table.Do(RaiseSweepFloor{2}), "conflict");
  EXPECT_EQ(table.Do(RaiseSweepFloor{1}), "applied");
  EXPECT_EQ(table.Do(ReleaseJobs{{{model::JobId("job"), JobResult::kFailed, "silent"}}}), "applied");
  EXPECT_EQ(table.Do(RaiseSweepFloor{2}), "applied");
  UnfinishedJob old = Registered(table, "old");
  old.earliest_birth = 1;
  EXPECT_EQ(table.Do(RegisterJobs{{old}}), "conflict");
}

TEST(SplitPartitions, CutsReferencesAndLeavesOutWhatCannotHoldRows) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 7), table.File("b", {"b", "c"}, 5)});
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p0"), {"g", "p"}}}}), "applied");
  EXPECT_THAT(table.Partitions(), ElementsAre("p1[,g)", "p2[g,p)", "p3[p,)"));
  EXPECT_THAT(table.References(), ElementsAre("a[,g)3~", "b[,g)5", "a[g,p)2~", "a[p,)2~"));
  EXPECT_EQ(table.state().files_per_partition().max, 2);
  EXPECT_EQ(table.state().files_per_partition().min, 1);
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p0"), {"h"}}}}), "conflict") << "it is gone";
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p1"), {"h"}}}}), "invalid") << "outside";
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p1"), {"c"}}, {model::PartitionId("p1"), {"d"}}}}),
            "invalid");
  EXPECT_EQ(table.Do(SplitPartitions{}), "invalid");
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(SplitPartitions, IsAllOrNothing) {
  TestTable table({"m"});
  EXPECT_EQ(table.Do(SplitPartitions{{{model::PartitionId("p0"), {"g"}}, {model::PartitionId("p9"), {"p"}}}}),
            "conflict");
  EXPECT_THAT(table.Partitions(), ElementsAre("p0[,m)", "p1[m,)"));
}

TEST(MergePartitions, UndoesASplit) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 7), table.File("b", {"b", "c"}, 5)});
  table.Do(SplitPartitions{{{model::PartitionId("p0"), {"m"}}}});
  EXPECT_EQ(table.Do(MergePartitions{{{model::PartitionId("p1"), model::PartitionId("p2")}}}), "applied");
  EXPECT_THAT(table.Partitions(), ElementsAre("p3[,)"));
  EXPECT_THAT(table.References(), ElementsAre("a[,)7~", "b[,m)5"));
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(MergePartitions, DoesNotJoinReferencesOfJobs) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  table.Do(AssignJobs{{table.Compaction("job", "")}});
  EXPECT_EQ(table.Do(MergePartitions{{{model::PartitionId("p0"), model::PartitionId("p1")}}}), "applied");
  EXPECT_THAT(table.References(), ElementsAre("a[,m)3@job", "a[m,)4"));
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(MergePartitions, RefusesWhatIsNotNeighbours) {
  TestTable table({"g", "p"});
  const model::PartitionId p0("p0"), p1("p1"), p2("p2"), p9("p9");
  EXPECT_EQ(table.Do(MergePartitions{{{p0, p2}}}), "invalid");
  EXPECT_EQ(table.Do(MergePartitions{{{p0}}}), "invalid");
  EXPECT_EQ(table.Do(MergePartitions{{{}}}), "invalid");
  EXPECT_EQ(table.Do(MergePartitions{{{p0, p9}}}), "conflict");
  EXPECT_EQ(table.Do(MergePartitions{{{p0, p1}, {p1, p2}}}), "invalid");
  EXPECT_EQ(table.Do(MergePartitions{}), "invalid");
}

TEST(ForgetFiles, ForgetsWhatHasNoReferences) {
  TestTable table;
  table.Add({table.File("a", {"b", "y"}, 3)});
  const ForgetFiles forget{{{table.IdOf("a"), "b"}}, {}};
  EXPECT_EQ(table.Do(forget), "conflict");
  EXPECT_EQ(table.Do(ClearTable{2}), "applied");
  EXPECT_EQ(table.Do(forget), "applied");
  EXPECT_EQ(table.Do(forget), "already done");
  EXPECT_EQ(table.state().totals().unreferenced_files, 0);
  EXPECT_EQ(table.Do(ForgetFiles{}), "invalid");
}

TEST(ForgetJobs, WaitsForTheSweepFloor) {
  TestTable table;
  AddFiles add = table.Adding({});
  add.job = Job("job");
  table.Do(add);
  EXPECT_EQ(table.Do(ForgetJobs{1}), "already done");
  EXPECT_EQ(table.Do(ForgetJobs{2}), "conflict");
  table.Do(ClearTable{2});
  table.Add({table.File("a", {"b", "y"}, 3)});
  EXPECT_EQ(table.Do(RaiseSweepFloor{3}), "applied");
  EXPECT_EQ(table.Do(ForgetJobs{2}), "applied");
  EXPECT_EQ(table.state().FindOutcome(model::JobId("job")), std::nullopt);
}

TEST(ClearTable, RemovesAllReferencesAndKeepsTheFiles) {
  TestTable table({"m"});
  table.Add({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})});
  EXPECT_EQ(table.Do(ClearTable{1}), "conflict") << "files were added since";
  EXPECT_EQ(table.Do(ClearTable{99}), "invalid");
  EXPECT_EQ(table.Do(ClearTable{2}), "applied");
  EXPECT_THAT(table.References(), IsEmpty());
  EXPECT_EQ(table.state().totals().unreferenced_files, 1);
  EXPECT_TRUE(table.state().FindFile(table.IdOf("a"))->waived);
  EXPECT_EQ(table.Do(ClearTable{3}), "already done");
  EXPECT_EQ(FindBrokenLaw(table.state()), "");
}

TEST(RaiseSweepFloor, NeverGoesBack) {
  TestTable table;
  EXPECT_EQ(table.Do(RaiseSweepFloor{0}), "already done");
  EXPECT_EQ(table.Do(RaiseSweepFloor{9}), "invalid");
  EXPECT_EQ(table.Do(RaiseSweepFloor{1}), "applied");
  EXPECT_EQ(table.Do(RaiseSweepFloor{1}), "already done");
}

TEST(RecordJobs, EndsJobsThatChangeNothingElse) {
  TestTable table;
  JobOutcome outcome{model::JobId("job"), JobKind::kImport, SpecHash("spec"), JobResult::kFailed, {}, "no access", 0};
  table.Do(RegisterJobs{{Registered(table, "job")}});
  JobOutcome other = outcome;
  other.spec_hash = SpecHash("other");
  EXPECT_EQ(table.Do(RecordJobs{{other}}), "conflict");
  EXPECT_EQ(table.Do(RecordJobs{{outcome}}), "applied");
  EXPECT_EQ(table.Do(RecordJobs{{outcome}}), "already done");
  EXPECT_EQ(table.state().unfinished_jobs(), 0);
  other = outcome;
  other.result = JobResult::kFinished;
  EXPECT_EQ(table.Do(RecordJobs{{other}}), "conflict");
  AddFiles late = table.Adding({});
  late.job = {model::JobId("job"), SpecHash("spec"), JobKind::kImport, {}};
  EXPECT_EQ(table.Do(late), "conflict") << "a failed job stays failed";
  EXPECT_EQ(table.Do(RecordJobs{}), "invalid");
}

TEST(Refusals, SayWhatIsWrongAndWhatToDo) {
  TestTable table;
  AddFiles add = table.Adding({table.File("a", {"b", "y"}, 10)});
  add.shape_hash = "another";
  const TransactionOutcome outcome = table.Try(add);
  EXPECT_THAT(outcome.refusal.message(), HasSubstr("another schema"));
  EXPECT_THAT(HintOf(outcome.refusal), HasSubstr("make it again"));
}

}  // namespace
}  // namespace sleeper::state
