#include "sleeper/state/table_log.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const model::TableId kTable("00000000000000aa");

/// One object store that several writers, each with a log of its own, look at.
class TableLogTest : public ::testing::Test {
 protected:
  /// A process: its own view of the log, through a store that may fail.
  struct Process {
    Process(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor, LogOptions options)
        : faults(store), log(faults, clock, random, executor, LogLayout::ForTable(kTable), std::move(options)) {}

    store::FaultyStore faults;
    TableLog log;
    TableCommitter committer{log};
  };

  static LogOptions FastOptions() {
    LogOptions options;
    options.backoff_first = Duration(1);
    options.backoff_max = Duration(10);
    options.resolve_attempts_max = 6;
    options.entries_kept = 4;
    return options;
  }

  std::unique_ptr<Process> NewProcess(LogOptions options = FastOptions()) {
    return std::make_unique<Process>(store_, clock_, random_, executor_, std::move(options));
  }

  void SetUp() override { ASSERT_TRUE(Commit(*first_, DefineTable{SampleDefinition(), {}}).ok()); }

  Result<CommitOutcome> Commit(Process& process, Transaction transaction) {
    return process.committer.Commit(std::move(transaction), call_);
  }

  /// A transaction that fits once: its job id is remembered.
  Transaction Record(const std::string& id) {
    return RecordJobs{{{model::JobId(id), JobKind::kExport, SpecHash("spec"), JobResult::kFinished, {}, "", 0}}};
  }

  /// "committed at 7", "already done", or the kind of the failure.
  std::string Try(Process& process, const std::string& id) {
    const Result<CommitOutcome> outcome = Commit(process, Record(id));
    if (!outcome.ok()) return std::string(ErrorKindName(KindOf(outcome.status())));
    if (outcome->outcomes[0].applied()) return "committed at " + std::to_string(outcome->number);
    return "already done";
  }

  /// The jobs that a new process finds, in the order of their commits.
  std::vector<std::string> Jobs() {
    const auto process = NewProcess();
    const Result<TableStatePtr> state = process->log.Refresh(call_);
    EXPECT_TRUE(state.ok()) << state.status().ToString();
    std::vector<std::string> ids;
    if (!state.ok()) return ids;
    for (const JobOutcome& outcome : (*state)->Outcomes(0, 1000)) ids.push_back(outcome.id.value());
    return ids;
  }

  /// The numbers of the entries that are there, in ascending order.
  std::set<model::LogNumber> Entries() {
    const LogLayout layout = LogLayout::ForTable(kTable);
    std::set<model::LogNumber> numbers;
    const auto page = store_.List(layout.LogPrefix(), store::ObjectPath(), 1000, call_);
    for (const store::ObjectInfo& info : page->objects) numbers.insert(*layout.EntryNumber(info.path));
    return numbers;
  }

  store::FaultRule OnLog(store::FaultKind kind, store::StoreFunction function, int64_t first, int64_t count) {
    store::FaultRule rule;
    rule.kind = kind;
    rule.error = ErrorKind::kOutcomeUnknown;
    rule.function = function;
    rule.path_prefix = LogLayout::ForTable(kTable).LogPrefix().value();
    rule.first = first;
    rule.count = count;
    return rule;
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{2, clock_};
  CallContext call_;
  store::MemoryStore store_{clock_};
  std::unique_ptr<Process> first_ = NewProcess();
};

TEST_F(TableLogTest, AnEmptyLogIsTheEmptyState) {
  TableLog log(store_, clock_, random_, executor_, LogLayout::ForTable(model::TableId("00000000000000bb")), {});
  const Result<TableStatePtr> state = log.Refresh(call_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ((*state)->number(), 0U);
  EXPECT_FALSE((*state)->exists());
}

TEST_F(TableLogTest, ACommitIsSeenByOthers) {
  EXPECT_EQ(Try(*first_, "a"), "committed at 2");
  const auto second = NewProcess();
  EXPECT_EQ(Try(*second, "b"), "committed at 3");
  EXPECT_EQ(Try(*first_, "b"), "already done");
  EXPECT_EQ(Try(*first_, "c"), "committed at 4");
  EXPECT_THAT(Jobs(), ElementsAre("a", "b", "c"));
  EXPECT_EQ((*second->log.Refresh(call_))->digest(), first_->log.current()->digest());
}

TEST_F(TableLogTest, ARefusalIsAboutTheNewestState) {
  const auto second = NewProcess();
  ASSERT_TRUE(second->log.Refresh(call_).ok());
  TestTable files;
  ASSERT_TRUE(Commit(*first_, files.Adding({files.File("a", {"b", "y"}, 3)})).ok());
  // The second process has not seen the file that stands against this.
  const Result<CommitOutcome> outcome = Commit(*second, ClearTable{1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(KindOf(outcome.status()), ErrorKind::kConflict);
}

TEST_F(TableLogTest, TransactionsOfOneCallAreSettledOneByOne) {
  Try(*first_, "a");
  const Result<CommitOutcome> outcome = first_->committer.Commit(
      std::vector<Transaction>{Record("b"), Record("a"), ClearTable{99}, Record("c"), Record("c")}, call_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->number, 3U);
  std::vector<Verdict> verdicts;
  for (const TransactionOutcome& o : outcome->outcomes) verdicts.push_back(o.verdict);
  EXPECT_THAT(verdicts, ElementsAre(Verdict::kApplies, Verdict::kAlreadyDone, Verdict::kRefused, Verdict::kApplies,
                                    Verdict::kAlreadyDone));
  EXPECT_EQ(KindOf(outcome->status()), ErrorKind::kInvalid);
  EXPECT_THAT(Jobs(), ElementsAre("a", "b", "c"));
}

TEST_F(TableLogTest, AnUncontendedCommitIsOnePutAndOneListing) {
  store::RecordingStore recording(store_);
  TableLog log(recording, clock_, random_, executor_, LogLayout::ForTable(kTable), FastOptions());
  TableCommitter committer(log);
  ASSERT_TRUE(log.Refresh(call_).ok());
  recording.Clear();
  ASSERT_TRUE(committer.Commit(Record("a"), call_).ok());
  EXPECT_THAT(recording.calls(store::StoreFunction::kPut), SizeIs(1));
  EXPECT_THAT(recording.calls(store::StoreFunction::kList), SizeIs(1));
  EXPECT_THAT(recording.calls(), SizeIs(2));
  recording.Clear();
  ASSERT_TRUE(log.Refresh(call_).ok());
  EXPECT_THAT(recording.calls(), SizeIs(1)) << "an unchanged state is one listing";
}

TEST_F(TableLogTest, TheLoserOfARaceTriesAgain) {
  const auto second = NewProcess();
  ASSERT_TRUE(second->log.Refresh(call_).ok());
  Try(*first_, "a");
  Try(*first_, "b");
  EXPECT_EQ(Try(*second, "c"), "committed at 4");
}

TEST_F(TableLogTest, ALostAnswerIsResolvedByReading) {
  first_->faults.AddRule(OnLog(store::FaultKind::kErrorAfter, store::StoreFunction::kPut, 1, 1));
  EXPECT_EQ(Try(*first_, "a"), "committed at 2");
  first_->faults.ClearRules();
  first_->faults.AddRule(OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kPut, 1, 1));
  EXPECT_EQ(Try(*first_, "b"), "committed at 3");
  EXPECT_THAT(Jobs(), ElementsAre("a", "b"));
}

TEST_F(TableLogTest, ALatePutThatWasRepeatedIsCommittedOnce) {
  first_->faults.AddRule(OnLog(store::FaultKind::kLatePut, store::StoreFunction::kPut, 1, 1));
  EXPECT_EQ(Try(*first_, "a"), "committed at 2");
  ASSERT_TRUE(first_->faults.LandLatePuts().ok());
  EXPECT_EQ(Try(*first_, "b"), "committed at 3");
  EXPECT_THAT(Jobs(), ElementsAre("a", "b"));
}

/// Sends every put twice, as an HTTP client does that lost a connection: the second answer is the one that is seen.
class ResendingStore final : public store::InterceptingStore {
 public:
  using InterceptingStore::InterceptingStore;

  Result<store::PutOutcome> Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                const CallContext& call) override {
    TRY(inner().Put(path, bytes, mode, call).status());
    return inner().Put(path, bytes, mode, call);
  }

 private:
  Status Before(const store::StoreCall&) override { return Status::OK(); }
};

TEST_F(TableLogTest, OurOwnPutSentTwiceIsNotTakenForAnothers) {
  ResendingStore resending(store_);
  TableLog log(resending, clock_, random_, executor_, LogLayout::ForTable(kTable), FastOptions());
  TableCommitter committer(log);
  for (int i = 0; i < 3; ++i) {
    const Result<CommitOutcome> outcome = committer.Commit(Record("job" + std::to_string(i)), call_);
    ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    EXPECT_EQ(outcome->number, 2U + static_cast<unsigned>(i));
  }
  EXPECT_THAT(Jobs(), ElementsAre("job0", "job1", "job2"));
}

TEST_F(TableLogTest, AnOutcomeThatCannotBeToldIsSaidToBeUnknown) {
  first_->faults.AddRule(OnLog(store::FaultKind::kErrorAfter, store::StoreFunction::kPut, 1, store::kEveryCall));
  first_->faults.AddRule(OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kGet, 1, store::kEveryCall));
  first_->faults.AddRule(OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kList, 1, store::kEveryCall));
  EXPECT_EQ(Try(*first_, "a"), "outcome_unknown");
  first_->faults.ClearRules();
  EXPECT_THAT(Jobs(), ElementsAre("a")) << "this time it was";
  EXPECT_EQ(Try(*first_, "a"), "already done") << "asking by job id finds out";
}

TEST_F(TableLogTest, AFailureWithoutEffectIsOne) {
  store::FaultRule rule = OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kPut, 1, store::kEveryCall);
  rule.error = ErrorKind::kUnavailable;
  first_->faults.AddRule(rule);
  EXPECT_EQ(Try(*first_, "a"), "unavailable");
  first_->faults.ClearRules();
  rule.error = ErrorKind::kDenied;
  first_->faults.AddRule(rule);
  EXPECT_EQ(Try(*first_, "b"), "denied");
  first_->faults.ClearRules();
  EXPECT_THAT(Jobs(), IsEmpty());
}

TEST_F(TableLogTest, ADeadlineThatHasPassedCommitsNothing) {
  CallContext late = call_;
  late.deadline = clock_.MonotonicNow() - std::chrono::seconds(1);
  const Result<CommitOutcome> outcome = first_->committer.Commit(Record("a"), late);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(KindOf(outcome.status()), ErrorKind::kCancelled);
  EXPECT_EQ(Try(*first_, "b"), "committed at 2");
}

TEST_F(TableLogTest, ASnapshotAndTheEntriesAfterItLeadToTheSameState) {
  for (int i = 0; i < 5; ++i) Try(*first_, "before" + std::to_string(i));
  const Result<SnapshotOutcome> snapshot = first_->log.WriteSnapshot(call_);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status().ToString();
  EXPECT_TRUE(snapshot->written);
  EXPECT_EQ(snapshot->number, 6U);
  EXPECT_FALSE(first_->log.WriteSnapshot(call_)->written) << "it is there";
  Try(*first_, "after");
  const auto second = NewProcess();
  const Result<TableStatePtr> state = second->log.Refresh(call_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ((*state)->digest(), first_->log.current()->digest());
  EXPECT_EQ((*state)->number(), 7U);
}

TEST_F(TableLogTest, SnapshotsAreWrittenAndEntriesDeletedWhenThatIsDue) {
  const LogUpkeep upkeep{.snapshot_every = 5, .entries_kept = 4, .truncate_behind = 3};
  std::vector<std::string> done;
  for (int entry = 2; entry <= 16; ++entry) {
    ASSERT_EQ(Try(*first_, "job" + std::to_string(entry)), "committed at " + std::to_string(entry));
    const Result<UpkeepOutcome> outcome = first_->log.Maintain(upkeep, call_);
    ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    if (outcome->snapshot.written) done.push_back("snapshot " + std::to_string(outcome->snapshot.number));
    if (outcome->truncated.entries > 0) done.push_back("less " + std::to_string(outcome->truncated.entries));
  }
  EXPECT_THAT(done, ElementsAre("snapshot 5", "snapshot 10", "less 4", "snapshot 15", "less 5"));
  EXPECT_EQ(*Entries().begin(), 10U);
  const auto other = NewProcess();
  const Result<UpkeepOutcome> again = other->log.Maintain(upkeep, call_);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_FALSE(again->snapshot.written) << "another process has done it";
  EXPECT_EQ(again->truncated.entries, 0);
  EXPECT_THAT(Jobs(), SizeIs(15));
}

TEST_F(TableLogTest, ARefreshTellsWhenTheNewestEntryWasWritten) {
  const WallTime before = clock_.Now();
  ASSERT_EQ(Try(*first_, "job"), "committed at 2");
  const auto newest = first_->log.RefreshDated(call_);
  ASSERT_TRUE(newest.ok()) << newest.status().ToString();
  EXPECT_EQ(newest->state->number(), 2U);
  EXPECT_GE(newest->written, before);
  EXPECT_LE(newest->written, clock_.Now());
}

/// Entries, snapshots and truncation as `tick` makes them, until little is left of the log.
void WriteAndTruncate(TableLogTest& test, const std::function<void(int)>& commit, TableLog& log,
                      const CallContext& call) {
  for (int i = 0; i < 12; ++i) {
    commit(i);
    if (i % 3 == 2) {
      ASSERT_TRUE(log.WriteSnapshot(call).ok());
      ASSERT_TRUE(log.Truncate(call).ok());
    }
  }
  static_cast<void>(test);
}

TEST_F(TableLogTest, TruncationKeepsTheLatestEntriesAndTwoSnapshots) {
  WriteAndTruncate(
      *this, [&](int i) { Try(*first_, std::to_string(i)); }, first_->log, call_);
  EXPECT_THAT(Entries(), UnorderedElementsAre(10U, 11U, 12U, 13U));
  EXPECT_THAT(Jobs(), SizeIs(12));
  const auto page = store_.List(LogLayout::ForTable(kTable).SnapshotPrefix(), store::ObjectPath(), 100, call_);
  EXPECT_THAT(page->objects, SizeIs(2));
}

TEST_F(TableLogTest, TruncationDeletesNothingWithoutTwoGoodSnapshots) {
  for (int i = 0; i < 9; ++i) Try(*first_, std::to_string(i));
  EXPECT_EQ(first_->log.Truncate(call_)->entries, 0);
  ASSERT_TRUE(first_->log.WriteSnapshot(call_).ok());
  EXPECT_EQ(first_->log.Truncate(call_)->entries, 0);
  Try(*first_, "more");
  ASSERT_TRUE(first_->log.WriteSnapshot(call_).ok());
  EXPECT_GT(first_->log.Truncate(call_)->entries, 0);
}

TEST_F(TableLogTest, ADamagedSnapshotIsPassedOver) {
  Try(*first_, "a");
  ASSERT_TRUE(first_->log.WriteSnapshot(call_).ok());
  Try(*first_, "b");
  ASSERT_TRUE(first_->log.WriteSnapshot(call_).ok());
  const store::ObjectPath newest = LogLayout::ForTable(kTable).SnapshotPath(3);
  std::string bytes(store_.Get(newest, call_)->bytes.view());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_TRUE(store_.Put(newest, Buffer::FromString(bytes), store::PutMode::kReplace, call_).ok());
  EXPECT_THAT(Jobs(), ElementsAre("a", "b"));
  EXPECT_EQ(NewProcess()->log.Truncate(call_)->entries, 0) << "only one good snapshot is left";
}

TEST_F(TableLogTest, ASnapshotThatIsTooLargeToBeReadIsPassedOver) {
  for (const std::string id : {"a", "b"}) {
    Try(*first_, id);
    ASSERT_TRUE(first_->log.WriteSnapshot(call_).ok());
  }
  Try(*first_, "c");
  const auto reader = NewProcess();
  reader->faults.AddRule({.error = ErrorKind::kExhausted,
                          .function = store::StoreFunction::kGet,
                          .path_prefix = LogLayout::ForTable(kTable).SnapshotPath(3).value(),
                          .count = store::kEveryCall});
  const Result<TableStatePtr> state = reader->log.Refresh(call_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ((*state)->digest(), first_->log.current()->digest());
  const Result<TruncateOutcome> truncated = reader->log.Truncate(call_);
  ASSERT_TRUE(truncated.ok()) << truncated.status().ToString();
  EXPECT_EQ(truncated->entries, 0) << "only one snapshot is left that it can read";
}

TEST_F(TableLogTest, ASnapshotThatCouldNotBeReadIsNotWritten) {
  LogOptions narrow = FastOptions();
  narrow.snapshot_bytes_max = 400;
  const auto process = NewProcess(narrow);
  const LogUpkeep upkeep{.snapshot_every = 3, .entries_kept = 1, .truncate_behind = 1};
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(Try(*process, "job" + std::to_string(i)), "committed at " + std::to_string(i + 2));
    const Result<UpkeepOutcome> outcome = process->log.Maintain(upkeep, call_);
    if (!outcome.ok()) {
      EXPECT_EQ(KindOf(outcome.status()), ErrorKind::kExhausted);
      EXPECT_THAT(outcome.status().ToString(), HasSubstr("400"));
    }
  }
  const auto page = store_.List(LogLayout::ForTable(kTable).SnapshotPrefix(), store::ObjectPath(), 100, call_);
  EXPECT_THAT(page->objects, IsEmpty());
  EXPECT_THAT(Entries(), SizeIs(13)) << "nothing is truncated";
  EXPECT_THAT(Jobs(), SizeIs(12));
}

TEST_F(TableLogTest, AReaderThatFellBehindTheTruncationStartsFromASnapshot) {
  const auto slow = NewProcess();
  ASSERT_TRUE(slow->log.Refresh(call_).ok());
  WriteAndTruncate(
      *this, [&](int i) { Try(*first_, std::to_string(i)); }, first_->log, call_);
  const Result<TableStatePtr> state = slow->log.Refresh(call_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ((*state)->digest(), first_->log.current()->digest());
}

TEST_F(TableLogTest, AWriterThatSleptThroughTheTruncationDoesNotCommitIntoADeletedSlot) {
  const auto zombie = NewProcess();
  ASSERT_TRUE(zombie->log.Refresh(call_).ok());
  WriteAndTruncate(
      *this, [&](int i) { Try(*first_, std::to_string(i)); }, first_->log, call_);
  // The zombie believes that slot 2 is free, and it is: it was truncated.
  EXPECT_EQ(Try(*zombie, "zombie"), "committed at 14");
  EXPECT_THAT(Entries(), UnorderedElementsAre(10U, 11U, 12U, 13U, 14U)) << "the stray is deleted";
  EXPECT_THAT(Jobs(), SizeIs(13));
}

TEST_F(TableLogTest, AStrayEntryIsNotPartOfTheLog) {
  const auto zombie = NewProcess();
  ASSERT_TRUE(zombie->log.Refresh(call_).ok());
  WriteAndTruncate(
      *this, [&](int i) { Try(*first_, std::to_string(i)); }, first_->log, call_);
  // The zombie dies right after its put.
  zombie->faults.AddRule(OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kList, 1, store::kEveryCall));
  zombie->faults.AddRule(OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kGet, 1, store::kEveryCall));
  EXPECT_EQ(Try(*zombie, "zombie"), "outcome_unknown");
  EXPECT_TRUE(Entries().contains(2U));
  const auto stale = NewProcess();
  EXPECT_THAT(Jobs(), SizeIs(12));
  EXPECT_EQ(Try(*first_, "next"), "committed at 14");
  EXPECT_THAT(Jobs(), SizeIs(13));
}

/// Lets much happen between a put and what its writer does next.
class SleepyStore final : public store::InterceptingStore {
 public:
  SleepyStore(ObjectStore& inner, std::function<void()> meanwhile)
      : InterceptingStore(inner), meanwhile_(std::move(meanwhile)) {}

 private:
  Status Before(const store::StoreCall&) override { return Status::OK(); }
  Status After(const store::StoreCall& call, const Status& answer) override {
    if (call.function == store::StoreFunction::kPut && meanwhile_) std::exchange(meanwhile_, nullptr)();
    return answer;
  }

  std::function<void()> meanwhile_;
};

TEST_F(TableLogTest, AWriterThatSleepsAfterItsPutLearnsFromASnapshotThatItCommitted) {
  for (const int64_t ids_remembered : {100, 8}) {
    LogOptions options = FastOptions();
    options.ids_remembered = ids_remembered;
    const std::string name = "of " + std::to_string(ids_remembered) + " ids";
    const auto other = NewProcess(options);
    SleepyStore sleepy(store_, [&] {
      WriteAndTruncate(
          *this, [&](int i) { Try(*other, name + std::to_string(i)); }, other->log, call_);
    });
    TableLog log(sleepy, clock_, random_, executor_, LogLayout::ForTable(kTable), options);
    TableCommitter committer(log);
    const Result<CommitOutcome> outcome = committer.Commit(Record("sleeper " + name), call_);
    if (ids_remembered == 100) {
      EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    } else {
      ASSERT_FALSE(outcome.ok()) << "it is too long ago to tell";
      EXPECT_EQ(KindOf(outcome.status()), ErrorKind::kOutcomeUnknown);
      EXPECT_THAT(HintOf(outcome.status()), HasSubstr("see whether it was done"));
    }
    EXPECT_EQ(Try(*NewProcess(), "sleeper " + name), "already done") << "the truth";
  }
}

TEST_F(TableLogTest, AGapInTheLogIsNeverReadOver) {
  for (int i = 0; i < 4; ++i) Try(*first_, std::to_string(i));
  const store::ObjectPath lost[] = {LogLayout::ForTable(kTable).EntryPath(3)};
  ASSERT_TRUE(store_.Delete(lost, call_).ok());
  const Result<TableStatePtr> state = NewProcess()->log.Refresh(call_);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(KindOf(state.status()), ErrorKind::kUnavailable);
}

TEST_F(TableLogTest, ADamagedEntryIsCorrupt) {
  Try(*first_, "a");
  const store::ObjectPath path = LogLayout::ForTable(kTable).EntryPath(2);
  std::string bytes(store_.Get(path, call_)->bytes.view());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(store_.Put(path, Buffer::FromString(bytes), store::PutMode::kReplace, call_).ok());
  const Result<TableStatePtr> state = NewProcess()->log.Refresh(call_);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(KindOf(state.status()), ErrorKind::kCorrupt);
  EXPECT_THAT(state.status().message(), HasSubstr("log entry 2"));
}

/// Puts an entry that is well formed but not what its writer should have written.
void Forge(store::ObjectStore& store, const TableLog& log, const std::function<void(LogEntry&)>& change,
           const CallContext& call) {
  LogEntry entry;
  entry.number = log.current()->number() + 1;
  entry.id = model::EntryId("00000000000000ff");
  entry.previous =
      DecodeEntry(store.Get(LogLayout::ForTable(kTable).EntryPath(entry.number - 1), call)->bytes.view(), "")->id;
  const Transaction transaction =
      RecordJobs{{{model::JobId("forged"), JobKind::kExport, SpecHash("s"), JobResult::kFinished, {}, "", 0}}};
  entry.transactions.emplace_back(TableMachine::Encode(transaction));
  entry.digest = Apply(log.current(), transaction, entry.number).state->digest();
  change(entry);
  ASSERT_TRUE(store
                  .Put(LogLayout::ForTable(kTable).EntryPath(entry.number), Buffer::FromString(EncodeEntry(entry)),
                       store::PutMode::kIfAbsent, call)
                  .ok());
}

class ForgedEntry : public TableLogTest {
 protected:
  Status After(const std::function<void(LogEntry&)>& change) {
    Forge(store_, first_->log, change, call_);
    return NewProcess()->log.Refresh(call_).status();
  }
};

TEST_F(ForgedEntry, IsAcceptedIfItIsRight) {
  EXPECT_TRUE(After([](LogEntry&) {}).ok());
}

TEST_F(ForgedEntry, WithAnotherDigestIsCorrupt) {
  const Status status = After([](LogEntry& entry) { entry.digest.low += 1; });
  EXPECT_TRUE(IsKind(status, ErrorKind::kCorrupt)) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("not the one that its writer had"));
}

TEST_F(ForgedEntry, WithATransactionThatDoesNotFitIsCorrupt) {
  const Status status = After([](LogEntry& entry) { entry.transactions[0] = TableMachine::Encode(ClearTable{99}); });
  EXPECT_TRUE(IsKind(status, ErrorKind::kCorrupt)) << status.ToString();
  EXPECT_THAT(HintOf(status), HasSubstr("keep all objects"));
}

TEST_F(ForgedEntry, WithATransactionOfANewerVersionStopsTheReader) {
  const Status status = After([](LogEntry& entry) { entry.transactions[0] = std::string("\x7f"); });
  EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid)) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("newer version"));
}

TEST_F(ForgedEntry, ThatNamesAnotherPredecessorIsNotFollowed) {
  const Status status = After([](LogEntry& entry) { entry.previous = model::EntryId("00000000000000ee"); });
  EXPECT_TRUE(IsKind(status, ErrorKind::kUnavailable)) << status.ToString();
}

TEST_F(TableLogTest, ALargeTransactionGoesToABody) {
  LogOptions options = FastOptions();
  options.entry_bytes_max = 8 << 10;
  const auto process = NewProcess(options);
  RecordJobs large;
  for (int i = 0; i < 500; ++i) {
    large.outcomes.push_back(
        {model::JobId("job" + std::to_string(i)), JobKind::kExport, SpecHash("spec"), JobResult::kFinished, {}, "", 0});
  }
  ASSERT_TRUE(Commit(*process, large).ok());
  const auto bodies = store_.List(LogLayout::ForTable(kTable).BodyPrefix(), store::ObjectPath(), 10, call_);
  ASSERT_THAT(bodies->objects, SizeIs(1));
  EXPECT_EQ((*NewProcess()->log.Refresh(call_))->remembered_jobs(), 500);
  EXPECT_LT(store_.Get(LogLayout::ForTable(kTable).EntryPath(2), call_)->bytes.size(), 1'000);
}

TEST_F(TableLogTest, ManyTransactionsAreSpreadOverEntriesOfBoundedSize) {
  LogOptions options = FastOptions();
  options.entry_bytes_max = 5 << 10;
  const auto process = NewProcess(options);
  std::vector<Transaction> many;
  for (int i = 0; i < 60; ++i) many.push_back(Record("job" + std::to_string(1000 + i)));
  const Result<CommitOutcome> outcome = process->committer.Commit(many, call_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->number, 3U) << "two entries";
  EXPECT_THAT(Jobs(), SizeIs(60));
}

TEST_F(TableLogTest, WhatFailsAfterAPartOfItWasCommittedIsNoDenial) {
  LogOptions options = FastOptions();
  options.entry_bytes_max = 5 << 10;
  const auto process = NewProcess(options);
  store::FaultRule rule = OnLog(store::FaultKind::kErrorBefore, store::StoreFunction::kPut, 2, store::kEveryCall);
  rule.error = ErrorKind::kDenied;
  process->faults.AddRule(rule);
  std::vector<Transaction> many;
  for (int i = 0; i < 60; ++i) many.push_back(Record("job" + std::to_string(1000 + i)));
  const Status failure = process->committer.Commit(many, call_).status();
  EXPECT_EQ(KindOf(failure), ErrorKind::kOutcomeUnknown) << failure.ToString();
  EXPECT_THAT(failure.message(), HasSubstr("after a part"));
  EXPECT_THAT(Jobs(), ::testing::Not(IsEmpty()));
}

TEST_F(TableLogTest, ATransactionBeyondAllBoundsIsRefused) {
  LogOptions options = FastOptions();
  options.body_bytes_max = 100;
  const auto process = NewProcess(options);
  const Result<CommitOutcome> outcome = Commit(*process, Record(std::string(200, 'x')));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(KindOf(outcome.status()), ErrorKind::kExhausted);
}

TEST_F(TableLogTest, CallersThatWaitTogetherRideInOneEntry) {
  constexpr int kCallers = 12;
  const auto process = NewProcess();
  std::vector<model::LogNumber> numbers(kCallers);
  TaskGroup group(executor_);
  for (int i = 0; i < kCallers; ++i) {
    group.RunStage([&, i]() -> Status {
      TRY_ASSIGN(const CommitOutcome outcome,
                 process->committer.Commit(Record("job" + std::to_string(i)), CallContext()));
      numbers[static_cast<size_t>(i)] = outcome.number;
      return Status::OK();
    });
  }
  ASSERT_TRUE(group.Join().ok());
  EXPECT_THAT(Jobs(), SizeIs(kCallers));
  EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), Entries().size() - 1) << "an entry per group";
}

TEST_F(TableLogTest, ManyProcessesCommitEverythingOnce) {
  constexpr int kProcesses = 4;
  constexpr int kCommits = 8;
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < kProcesses; ++i) processes.push_back(NewProcess());
  TaskGroup group(executor_);
  for (int p = 0; p < kProcesses; ++p) {
    group.RunStage([&, p]() -> Status {
      for (int i = 0; i < kCommits; ++i) {
        TRY(processes[static_cast<size_t>(p)]
                ->committer.Commit(Record("job" + std::to_string(p) + "." + std::to_string(i)), CallContext())
                .status());
      }
      return Status::OK();
    });
  }
  const Status status = group.Join();
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_THAT(Jobs(), SizeIs(kProcesses * kCommits));
}

TEST_F(TableLogTest, ADroppedTableStaysDropped) {
  const auto other = NewProcess();
  ASSERT_TRUE(other->log.Refresh(call_).ok());
  Try(*first_, "a");
  ASSERT_TRUE(Commit(*first_, DropTable{}).ok());
  EXPECT_EQ(Try(*other, "b"), "not_found");
  EXPECT_TRUE(Commit(*other, DropTable{}).ok()) << "already done";
  EXPECT_FALSE(first_->log.WriteSnapshot(call_)->written);
}

TEST_F(TableLogTest, TheEndOfALogSpeaksForItselfWhenAllElseIsSwept) {
  const auto zombie = NewProcess();
  ASSERT_TRUE(zombie->log.Refresh(call_).ok());
  for (int i = 0; i < 3; ++i) Try(*first_, std::to_string(i));
  ASSERT_TRUE(Commit(*first_, DropTable{}).ok());
  const LogLayout layout = LogLayout::ForTable(kTable);
  const store::ObjectPath swept[] = {layout.EntryPath(1), layout.EntryPath(2), layout.EntryPath(3),
                                     layout.EntryPath(4)};
  ASSERT_TRUE(store_.Delete(swept, call_).ok());
  const Result<TableStatePtr> state = NewProcess()->log.Refresh(call_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_TRUE((*state)->dropped());
  EXPECT_EQ(Try(*zombie, "zombie"), "not_found") << "slot 2 is free, but the log has ended";
}

TEST_F(TableLogTest, WhoeverComesToAnEndedLogIsToldThatTheTableWasDropped) {
  const auto dropper = NewProcess();
  const auto writer = NewProcess();
  ASSERT_TRUE(dropper->log.Refresh(call_).ok());
  ASSERT_TRUE(writer->log.Refresh(call_).ok());
  for (int i = 0; i < 3; ++i) Try(*first_, std::to_string(i));
  ASSERT_TRUE(Commit(*first_, DropTable{}).ok());
  const LogLayout layout = LogLayout::ForTable(kTable);
  const store::ObjectPath swept[] = {layout.EntryPath(1), layout.EntryPath(2), layout.EntryPath(3),
                                     layout.EntryPath(4)};
  ASSERT_TRUE(store_.Delete(swept, call_).ok());

  // Both put into slot 2, which is free again.
  const Result<CommitOutcome> dropped = Commit(*dropper, DropTable{});
  ASSERT_TRUE(dropped.ok()) << dropped.status().ToString();
  EXPECT_FALSE(dropped->outcomes[0].applied()) << "another one has done it";
  ASSERT_TRUE(store_.Delete(swept, call_).ok());
  const Status refused = Commit(*writer, Record("late")).status();
  EXPECT_EQ(KindOf(refused), ErrorKind::kNotFound) << refused.ToString();
  EXPECT_THAT(refused.message(), HasSubstr("the table was dropped"));
}

TEST_F(TableLogTest, MarksTellWhenAnEntryWasWrittenByTheStoresClock) {
  Try(*first_, "a");
  const auto second = NewProcess();
  Try(*second, "b");
  ASSERT_TRUE(second->log.Refresh(call_).ok());
  Try(*second, "c");
  const TableStatePtr state = second->log.current();
  ASSERT_TRUE(state->LastMark().has_value());
  const Result<store::ObjectInfo> entry =
      store_.Head(LogLayout::ForTable(kTable).EntryPath(state->LastMark()->number), call_);
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(state->LastMark()->time, entry->last_modified);
}

}  // namespace
}  // namespace sleeper::state
