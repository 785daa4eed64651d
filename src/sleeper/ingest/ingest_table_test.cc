#include "sleeper/ingest/ingest_table.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/ingest/commit_ingest.h"
#include "sleeper/ingest/run_ingest.h"
#include "sleeper/ingest/testing/test_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/store/testing/stalling_store.h"

namespace sleeper::ingest {
namespace {

using model::Fails;
using model::ValueOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Texts = std::vector<std::string>;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

std::shared_ptr<const columnar::Layout> NumbersLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}],
                                "valueFields":[{"name":"v","type":"StringType"}]})");
}

std::string Line(int64_t key, const std::string& value) {
  return R"({"k":)" + std::to_string(key) + R"(,"v":")" + value + "\"}\n";
}

model::Properties With(model::PropertyMap set) { return ValueOf(model::Properties::Make(std::move(set))); }

TEST(IngestTable, AddsTheRowsOfAllInputsInOneCommit) {
  TestTable table(NumbersLayout());
  const model::LogNumber before = table.State()->number();
  const IngestReport report = ValueOf(table.Ingest("job", {Line(3, "c") + Line(1, "a"), Line(2, "b")}));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, b)", "(3, c)"));
  EXPECT_EQ(report.job, model::JobId("job"));
  EXPECT_FALSE(report.already_done);
  EXPECT_EQ(report.rows_read, 3);
  EXPECT_EQ(report.rows_written, 3);
  EXPECT_EQ(report.files, 1);
  EXPECT_EQ(report.bytes, table.State()->totals().bytes);
  EXPECT_EQ(report.number, before + 1);
  EXPECT_EQ(table.State()->number(), before + 1);
}

TEST(IngestTable, WritesOneFileForAllPartitionsWithExactCounts) {
  TestTable table(NumbersLayout(), {Key(10), Key(20), Key(30)});
  const IngestReport report =
      ValueOf(table.Ingest("job", {Line(25, "d") + Line(1, "a") + Line(9, "b") + Line(20, "c")}));
  EXPECT_EQ(report.files, 1);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(table.RowsPerPartition(), ElementsAre(2, 0, 2, 0));
  EXPECT_TRUE(table.State()->totals().rows_exact());
}

TEST(IngestTable, WritesOneFileForEachPartitionIfAskedTo) {
  TestTable table(NumbersLayout(), {Key(10), Key(20), Key(30)});
  table.properties = With({{"ingest.file.writing.strategy", "one_file_per_leaf"}});
  const IngestReport report =
      ValueOf(table.Ingest("job", {Line(25, "d") + Line(1, "a") + Line(9, "b") + Line(20, "c")}));
  EXPECT_EQ(report.files, 2);
  EXPECT_EQ(table.State()->totals().files, 2);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(table.RowsPerPartition(), ElementsAre(2, 0, 2, 0));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(9, b)", "(20, c)", "(25, d)"));
}

TEST(IngestTable, RemembersAJobWithoutRows) {
  TestTable table(NumbersLayout());
  const IngestReport report = ValueOf(table.Ingest("job", {}));
  EXPECT_EQ(report.rows_read, 0);
  EXPECT_EQ(report.files, 0);
  EXPECT_EQ(table.State()->totals().files, 0);
  EXPECT_TRUE(ValueOf(table.Ingest("job", {})).already_done);
}

TEST(IngestTable, DoesAJobOnceHoweverOftenItIsDelivered) {
  TestTable table(NumbersLayout());
  const IngestReport first = ValueOf(table.Ingest("job", {Line(1, "a"), Line(2, "b")}));
  const IngestReport second = ValueOf(table.Ingest("job", {Line(2, "b"), Line(1, "a")}));
  EXPECT_TRUE(second.already_done);
  EXPECT_EQ(second.rows_read, 2);
  EXPECT_EQ(second.rows_written, 2);
  EXPECT_EQ(second.files, 1);
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(table.listings, 1) << "the inputs of a job that is done are not looked at";
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, b)"));
}

TEST(IngestTable, RefusesAJobIdThatOtherInputsHave) {
  TestTable table(NumbersLayout());
  ASSERT_TRUE(table.Ingest("job", {Line(1, "a")}).ok());
  EXPECT_THAT(table.Ingest("job", {Line(2, "b")}).status(), Fails(ErrorKind::kConflict, HasSubstr("job")));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)"));
}

TEST(IngestTable, TwoDeliveriesAtTheSameTimeAddTheRowsOnce) {
  TestTable table(NumbersLayout());
  TestTable::OtherProcess other(table);
  TaskGroup group(table.executor());
  std::vector<Result<IngestReport>> reports(2, IngestReport());
  group.RunStage([&] { return (reports[0] = table.Ingest("job", {Line(1, "a")}, table.ports())).status(); });
  group.RunStage([&] { return (reports[1] = table.Ingest("job", {Line(1, "a")}, other.ports())).status(); });
  ASSERT_TRUE(group.Join().ok());
  EXPECT_EQ(reports[0]->rows_written, 1);
  EXPECT_EQ(reports[1]->rows_written, 1);
  EXPECT_EQ(reports[0]->number, reports[1]->number);
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)"));
}

TEST(IngestTable, ManyJobsAtTheSameTimeAllGetIn) {
  TestTable table(NumbersLayout(), {Key(5)});
  TestTable::OtherProcess other(table);
  TaskGroup group(table.executor());
  Texts expected;
  for (int64_t i = 0; i < 8; ++i) {
    expected.push_back("(" + std::to_string(i) + ", v)");
    group.RunStage([&table, ports = i % 2 == 0 ? table.ports() : other.ports(), i] {
      return table.Ingest("job" + std::to_string(i), {Line(i, "v")}, ports).status();
    });
  }
  ASSERT_TRUE(group.Join().ok());
  EXPECT_EQ(table.Rows(), expected);
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(5, 3));
}

TEST(IngestTable, NamesInputAndRowThatCannotBeReadAndChangesNothing) {
  TestTable table(NumbersLayout());
  const model::LogNumber before = table.State()->number();
  const Status status = table.Ingest("job", {Line(1, "a"), Line(2, "b") + "{\"k\":\"x\",\"v\":\"c\"}\n"}).status();
  EXPECT_THAT(status, Fails(ErrorKind::kInvalid, AllOf(HasSubstr("input 1"), HasSubstr("2"))));
  EXPECT_EQ(table.State()->number(), before);
  EXPECT_TRUE(table.Ingest("job", {Line(1, "a")}).ok()) << "the id of a job that failed is free";
}

TEST(IngestTable, TellsWhichColumnsItIgnored) {
  TestTable table(NumbersLayout());
  const IngestReport report =
      ValueOf(table.Ingest("job", {R"({"k":1,"v":"a","x":1,"y":2})", R"({"k":2,"v":"b","y":1})"}));
  EXPECT_EQ(report.ignored.count, 2);
  EXPECT_THAT(report.ignored.names, testing::UnorderedElementsAre("x", "y"));
}

TEST(IngestTable, FailsWithoutATableAndWithAFullDisk) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.kind = store::FaultKind::kErrorBefore,
                          .error = ErrorKind::kExhausted,
                          .function = store::StoreFunction::kFinish,
                          .path_prefix = state::DataPrefix(table.id()).value()});
  EXPECT_EQ(KindOf(table.Ingest("job", {Line(1, "a")}).status()), ErrorKind::kExhausted);
  EXPECT_THAT(table.Rows(), IsEmpty());
  table.Drop();
  EXPECT_EQ(KindOf(table.Ingest("job", {Line(1, "a")}).status()), ErrorKind::kNotFound);
}

TEST(IngestTable, StopsWhenItIsCancelled) {
  TestTable table(NumbersLayout());
  Cancellation cancellation;
  cancellation.Cancel();
  CallContext call;
  call.cancellation = &cancellation;
  EXPECT_EQ(KindOf(table.Ingest("job", {Line(1, "a")}, table.ports(), call).status()), ErrorKind::kCancelled);
  EXPECT_THAT(table.Rows(), IsEmpty());
}

TEST(IngestTable, HintsAtTheJobIdWhenTheOutcomeIsUnknown) {
  TestTable table(NumbersLayout());
  ASSERT_TRUE(table.Ingest("first", {Line(1, "a")}).ok());
  // Every answer about the log is lost from the put on, so that nobody can find out.
  const std::string log = state::LogLayout::ForTable(table.id()).LogPrefix().value();
  table.faults().AddRule({.kind = store::FaultKind::kErrorAfter,
                          .error = ErrorKind::kOutcomeUnknown,
                          .function = store::StoreFunction::kPut,
                          .path_prefix = log,
                          .count = store::kEveryCall});
  table.faults().AddRule({.kind = store::FaultKind::kErrorBefore,
                          .error = ErrorKind::kUnavailable,
                          .function = store::StoreFunction::kGet,
                          .path_prefix = log,
                          .count = store::kEveryCall});
  const Status status = table.Ingest("second", {Line(2, "b")}).status();
  ASSERT_EQ(KindOf(status), ErrorKind::kOutcomeUnknown) << status;
  EXPECT_THAT(HintOf(status), HasSubstr("second"));
  table.faults().ClearRules();
  EXPECT_TRUE(ValueOf(table.Ingest("second", {Line(2, "b")})).already_done);
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, b)"));
}

TEST(IngestTable, IsToldWhenTheTableIsDroppedAndSweptMeanwhile) {
  TestTable table(NumbersLayout());
  const TablePorts own = table.ports();
  store::StallingStore stalling(own.store, [&] {
    table.Drop();
    ASSERT_TRUE(own.store.DropAbandonedWrites(store::ObjectPath(), Duration::zero(), CallContext()).ok());
  });
  const TablePorts ports{stalling, own.scratch, own.executor, own.random, own.table, own.log, own.committer};
  EXPECT_THAT(table.Ingest("job", {Line(1, "a")}, ports).status(), Fails(ErrorKind::kNotFound, HasSubstr("dropped")));
}

TEST(IngestTable, AJobWhoseUploadASweepHasGivenUpIsDoneWhenItIsRunAgain) {
  TestTable table(NumbersLayout());
  const TablePorts own = table.ports();
  store::StallingStore stalling(own.store, [&own] {
    ASSERT_TRUE(own.store.DropAbandonedWrites(store::ObjectPath(), Duration::zero(), CallContext()).ok());
  });
  const TablePorts ports{stalling, own.scratch, own.executor, own.random, own.table, own.log, own.committer};
  const Texts inputs = {Line(1, "a")};
  const Status status = table.Ingest("job", inputs, ports).status();
  EXPECT_THAT(status, Fails(ErrorKind::kConflict, HasSubstr("was given up by a sweep")));
  EXPECT_THAT(HintOf(status), HasSubstr("run the job again under the same id"));
  EXPECT_THAT(table.Rows(), IsEmpty());
  EXPECT_FALSE(ValueOf(table.Ingest("job", inputs)).already_done);
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)"));
}

/// What a sweep commits that forgets all jobs that have ended. A floor must not be above the state, so others go first.
void ForgetAllJobs(TestTable& table) {
  const model::LogNumber ended = table.State()->number();
  table.Commit(state::RaiseSweepFloor{ended - 1});
  table.Commit(state::RaiseSweepFloor{ended + 1});
  table.Commit(state::ForgetJobs{ended});
}

TEST(IngestTable, AJobThatStandsStillWhileItIsDoneAndForgottenIsRefused) {
  TestTable table(NumbersLayout());
  TestTable::OtherProcess other(table);
  const Status status = table
                            .IngestStalled("job", Line(1, "a"),
                                           [&] {
                                             ASSERT_TRUE(table.Ingest("job", {Line(1, "a")}, other.ports()).ok());
                                             table.Advance(std::chrono::days(9));
                                             ForgetAllJobs(table);
                                           })
                            .status();
  EXPECT_THAT(status, Fails(ErrorKind::kConflict, AllOf(HasSubstr("job job"), HasSubstr("forgotten"))));
  EXPECT_THAT(HintOf(status), HasSubstr("run it again"));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)"));
  EXPECT_EQ(table.DataObjects(), 1) << "nothing was written in vain";
}

TEST(IngestTable, AJobThatStandsStillWithAFileInHandIsRefusedByTheBirthOfThat) {
  TestTable table(NumbersLayout());
  TestTable::OtherProcess other(table);
  const TablePorts own = table.ports();
  store::StallingStore stalling(own.store, [&] {
    ASSERT_TRUE(table.Ingest("job", {Line(1, "a")}, other.ports()).ok());
    table.Advance(std::chrono::days(9));
    ForgetAllJobs(table);
  });
  const TablePorts ports{stalling, own.scratch, own.executor, own.random, own.table, own.log, own.committer};
  EXPECT_THAT(table.Ingest("job", {Line(1, "a")}, ports).status(),
              Fails(ErrorKind::kConflict, HasSubstr("below the sweep floor")));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)"));
}

TEST(IngestTable, AJobThatStandsStillWhileItIsDoneWritesNothingAndSaysSo) {
  TestTable table(NumbersLayout());
  TestTable::OtherProcess other(table);
  IngestReport first;
  const IngestReport second = ValueOf(table.IngestStalled("job", Line(1, "a"), [&] {
    first = ValueOf(table.Ingest("job", {Line(1, "a")}, other.ports()));
    table.Advance(std::chrono::minutes(1));
  }));
  EXPECT_TRUE(second.already_done);
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(table.DataObjects(), 1);
}

TEST(IngestTable, AJobThatStandsStillWhileAnotherIsForgottenBeforeItBeganIsDone) {
  TestTable table(NumbersLayout());
  ASSERT_TRUE(table.Ingest("earlier", {Line(1, "a")}).ok());
  const model::LogNumber begun = table.State()->number();
  const IngestReport report = ValueOf(table.IngestStalled("job", Line(2, "b"), [&] {
    table.Advance(std::chrono::days(9));
    table.Commit(state::RaiseSweepFloor{begun});
    table.Commit(state::RaiseSweepFloor{begun + 1});
    table.Commit(state::ForgetJobs{begun});
  }));
  EXPECT_FALSE(report.already_done);
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, b)"));
}

/// An input that comes in pieces, and before each but the first one something else happens.
class SlowSource final : public exchange::InputSource {
 public:
  SlowSource(Texts pieces, std::function<void()> meanwhile)
      : pieces_(std::move(pieces)), meanwhile_(std::move(meanwhile)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return std::nullopt; }
  Result<Buffer> Read(int64_t bytes_max, const CallContext&) override {
    if (next_ == pieces_.size()) return Buffer();
    if (offset_ == 0 && next_ > 0) meanwhile_();
    const std::string bytes = pieces_[next_].substr(offset_, static_cast<size_t>(bytes_max));
    offset_ += bytes.size();
    if (offset_ == pieces_[next_].size()) {
      ++next_;
      offset_ = 0;
    }
    return Buffer::FromString(bytes);
  }
  Result<Buffer> ReadAt(ByteRange, const CallContext&) override {
    return Error(ErrorKind::kInternal, "a pipe is read from start to end");
  }

 private:
  const Texts pieces_;
  const std::function<void()> meanwhile_;
  const std::string name_ = "a slow input";
  size_t next_ = 0;
  size_t offset_ = 0;
};

/// A table in use that is swept after each ten hours. What a sweep may give up is a day old.
class SweptTable {
 public:
  explicit SweptTable(TestTable& table) : table_(table), other_(table) {}

  /// Ten hours go by; the ingest may notice, for as long as that takes a process that is alive.
  void TenHours() {
    const model::LogNumber before = table_.State()->number();
    table_.Advance(std::chrono::hours(10));
    for (int look = 0; look < kLooksMax && !HasRegisteredSince(before); ++look) {
      table_.executor().SleepUntil(table_.executor().clock().MonotonicNow() + std::chrono::milliseconds(10));
    }
    const std::string job = "other " + std::to_string(numbers_.size());
    ASSERT_TRUE(table_.Ingest(job, {Line(100'000, job)}, other_.ports()).ok());
    numbers_.push_back(table_.State()->number());
    if (numbers_.size() > 3) Sweep(numbers_[numbers_.size() - 4]);
  }

 private:
  static constexpr int kLooksMax = 3'000;

  bool HasRegisteredSince(model::LogNumber number) const {
    return std::ranges::any_of(table_.State()->Jobs(), [&](const auto& job) { return job.registered > number; });
  }

  /// Entries up to `old` are more than a day old.
  void Sweep(model::LogNumber old) {
    state::ReleaseJobs dead;
    for (const state::UnfinishedJob& job : table_.State()->Jobs()) {
      if (job.registered <= old) dead.jobs.push_back({job.id, state::JobResult::kReleased, "silent"});
    }
    if (!dead.jobs.empty()) table_.Commit(dead);
    const state::TableStatePtr state = table_.State();
    const model::LogNumber floor = std::min(old + 1, state->least_job_birth().value_or(old + 1));
    if (floor <= state->sweep_floor()) return;
    // An ingest that has registered since the look keeps the floor down, as it does that of any sweep.
    const Status raised = other_.ports().committer.Commit(state::RaiseSweepFloor{floor}, CallContext()).status();
    EXPECT_TRUE(raised.ok() || IsKind(raised, ErrorKind::kConflict)) << raised.ToString();
  }

  TestTable& table_;
  TestTable::OtherProcess other_;
  std::vector<model::LogNumber> numbers_;
};

/// Rows in order, and after each ten hours one that is not: how many there are in the end, or the failure.
Result<int64_t> IngestForTwoDays(int64_t rows_in_order) {
  TestTable table(NumbersLayout());
  table.properties = With({{"ingest.memory.bytes", "16M"}});
  SweptTable swept(table);
  Texts pieces(1);
  for (int64_t i = 0; i < rows_in_order; ++i) pieces.front() += Line(1'000 + i, std::string(20'000, 'x'));
  for (int64_t key = 5; key > 0; --key) pieces.push_back(Line(key, "late"));
  TRY_ASSIGN(const IngestReport report,
             table.IngestFrom("job", [&] { return std::make_unique<SlowSource>(pieces, [&] { swept.TenHours(); }); }));
  EXPECT_EQ(table.Rows().size(), static_cast<size_t>(rows_in_order + 5 + 5));
  EXPECT_THAT(table.State()->Jobs(), IsEmpty());
  return report.rows_written;
}

TEST(IngestTable, LastsAsLongAsItsInputsDoIfFilesAreWrittenAlready) { EXPECT_EQ(ValueOf(IngestForTwoDays(150)), 155); }

TEST(IngestTable, LastsAsLongAsItsInputsDoIfNothingIsWrittenYet) { EXPECT_EQ(ValueOf(IngestForTwoDays(1)), 6); }

TEST(IngestTable, AddsTheRowsOnceWhereverItIsKilled) {
  for (int64_t survived = 0;; ++survived) {
    SCOPED_TRACE(testing::Message() << "killed after " << survived << " calls");
    ASSERT_LT(survived, 200);
    TestTable table(NumbersLayout(), {Key(2)});
    table.properties = With({{"ingest.file.writing.strategy", "one_file_per_leaf"}});
    const Texts inputs = {Line(3, "c") + Line(1, "a"), Line(2, "b")};
    table.faults().KillAfter(survived);
    const bool done = table.Ingest("job", inputs).ok();
    const Texts after = table.Rows();
    if (done) {
      ASSERT_THAT(after, SizeIs(3));
      break;
    }
    // All or nothing, also if the answer was lost.
    ASSERT_TRUE(after.empty() || after.size() == 3) << after.size();
    table.Restart();
    ASSERT_EQ(ValueOf(table.Ingest("job", inputs)).already_done, !after.empty());
    ASSERT_THAT(table.Rows(), ElementsAre("(1, a)", "(2, b)", "(3, c)"));
  }
}

TEST(IngestTable, IsAMultimap) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  TestTable table(NumbersLayout(), {Key(-20), Key(0), Key(7)});
  std::multimap<int64_t, std::string> oracle;
  for (int job = 0; job < 6; ++job) {
    table.properties =
        With({{"ingest.file.writing.strategy", random.Below(2) == 0 ? "one_file_per_leaf" : "one_reference_per_leaf"}});
    Texts inputs(1 + random.Below(3));
    for (std::string& input : inputs) {
      for (uint64_t rows = 1 + random.Below(30); rows > 0; --rows) {
        const int64_t key = static_cast<int64_t>(random.Below(60)) - 30;
        const std::string value = random.Hex(3);
        input += Line(key, value);
        oracle.emplace(key, value);
      }
    }
    ASSERT_TRUE(table.Ingest("job" + std::to_string(job), inputs).ok());
    if (job == 2) table.Split(Key(3));
  }
  Texts expected;
  for (const auto& [key, value] : oracle) expected.push_back("(" + std::to_string(key) + ", " + value + ")");
  Texts rows = table.Rows();
  std::ranges::sort(rows);
  std::ranges::sort(expected);
  EXPECT_EQ(rows, expected);
}

}  // namespace
}  // namespace sleeper::ingest
