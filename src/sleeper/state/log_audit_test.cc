#include "sleeper/state/log_audit.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::state {
namespace {

using model::Fails;
using model::ValueOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const model::TableId kTable("00000000000000aa");
const LogLayout kLayout = LogLayout::ForTable(kTable);

LogOptions Options() {
  LogOptions options;
  options.backoff_first = Duration(1);
  options.backoff_max = Duration(10);
  options.entries_kept = 3;
  options.reads_max = 2;
  return options;
}

auto Blames(const std::string& object, const std::string& why) {
  return AllOf(Field(&LogFault::object, HasSubstr(object)), Field(&LogFault::why, HasSubstr(why)));
}

/// A log in a store of its own; entry 1 defines the table, and each further one is a job's.
class OneLog {
 public:
  explicit OneLog(uint64_t seed = 1) : random_(seed) { Commit(DefineTable{SampleDefinition(), {}}); }

  void Commit(Transaction transaction) {
    SLEEPER_CHECK(committer_.Commit(std::move(transaction), call_).ok(), "the set-up failed");
  }

  /// Entries up to `number`, with a snapshot behind each of `snapshots`.
  void Grow(model::LogNumber number, const std::vector<model::LogNumber>& snapshots,
            const std::string& prefix = "job") {
    while (log_.current()->number() < number) {
      const std::string id = prefix + std::to_string(log_.current()->number());
      Commit(RecordJobs{{{model::JobId(id), JobKind::kExport, SpecHash("spec"), JobResult::kFinished, {}, "", 0}}});
      for (const model::LogNumber wanted : snapshots) {
        if (log_.current()->number() == wanted) SLEEPER_CHECK(log_.WriteSnapshot(call_).ok(), "no snapshot");
      }
    }
  }

  void Truncate() { SLEEPER_CHECK(log_.Truncate(call_).ok(), "the truncation failed"); }

  std::string Read(const store::ObjectPath& path) {
    return std::string(ValueOf(objects_.Get(path, call_)).bytes.view());
  }
  void Write(const store::ObjectPath& path, std::string bytes) {
    const auto put = objects_.Put(path, Buffer::FromString(std::move(bytes)), store::PutMode::kReplace, call_);
    SLEEPER_CHECK(put.ok(), put.status().ToString());
  }
  void Flip(const store::ObjectPath& path) {
    std::string bytes = Read(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    Write(path, std::move(bytes));
  }
  void Delete(const store::ObjectPath& path) {
    SLEEPER_CHECK(objects_.Delete(std::vector{path}, call_).ok(), "the deletion failed");
  }

  /// As another process sees the log.
  Result<LogAudit> Audit() { return TableLog(recording_, clock_, random_, executor_, kLayout, Options()).Audit(call_); }

  store::FaultyStore& faults() { return faults_; }

  /// What was read, in that order: "entry 1".
  std::vector<std::string> reads() const {
    std::vector<std::string> reads;
    for (const store::StoreCall& call : recording_.calls(store::StoreFunction::kGet)) {
      const auto entry = kLayout.EntryNumber(call.path);
      const auto snapshot = kLayout.SnapshotNumber(call.path);
      if (entry) reads.push_back("entry " + std::to_string(*entry));
      if (snapshot) reads.push_back("snapshot " + std::to_string(*snapshot));
    }
    return reads;
  }

 private:
  SystemClock clock_;
  SeededRandom random_;
  ThreadExecutor executor_{2, clock_};
  CallContext call_;
  store::MemoryStore objects_{clock_};
  store::FaultyStore faults_{objects_};
  store::RecordingStore recording_{faults_};
  TableLog log_{objects_, clock_, random_, executor_, kLayout, Options()};
  TableCommitter committer_{log_};
};

TEST(LogAudit, ReadsEveryEntryAndEverySnapshot) {
  OneLog log;
  log.Grow(9, {4, 7});
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_EQ(audit.entries, 9);
  EXPECT_EQ(audit.number, 9U);
  EXPECT_EQ(audit.snapshots, 2);
  EXPECT_THAT(audit.faults, IsEmpty());
}

TEST(LogAudit, BeginsWithTheOldestSnapshotOfATruncatedLog) {
  OneLog log;
  log.Grow(12, {4, 7, 10});
  log.Truncate();
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_EQ(audit.entries, 5) << "8 to 12";
  EXPECT_EQ(audit.snapshots, 2);
  EXPECT_THAT(audit.faults, IsEmpty());
}

TEST(LogAudit, OfALogWithoutEntriesFindsNothing) {
  OneLog log;
  log.Delete(kLayout.EntryPath(1));
  EXPECT_THAT(ValueOf(log.Audit()).faults, IsEmpty());
}

TEST(LogAudit, FindsASnapshotOfAnotherState) {
  OneLog log;
  OneLog other(2);
  log.Grow(9, {4});
  other.Grow(4, {4}, "another job");
  log.Write(kLayout.SnapshotPath(4), other.Read(kLayout.SnapshotPath(4)));
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_THAT(audit.faults, ElementsAre(Blames("snapshot 4", "another state")));
  EXPECT_EQ(audit.number, 9U) << "the entries alone lead to the end";
}

TEST(LogAudit, FindsADamagedSnapshot) {
  OneLog log;
  log.Grow(9, {4, 7});
  log.Flip(kLayout.SnapshotPath(7));
  EXPECT_THAT(ValueOf(log.Audit()).faults, ElementsAre(Blames("snapshot 7", "")));
}

TEST(LogAudit, FindsADamagedEntryBelowASnapshotAndGoesOnBehindIt) {
  OneLog log;
  log.Grow(9, {4, 7});
  log.Flip(kLayout.EntryPath(6));
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_THAT(audit.faults, Contains(Blames("log entry 5 to 6", "log entry 6")));
  EXPECT_EQ(audit.number, 9U);
}

TEST(LogAudit, FindsAnEntryThatFollowsOnAnother) {
  OneLog log;
  OneLog other(2);
  log.Grow(6, {});
  other.Grow(6, {}, "another job");
  log.Write(kLayout.EntryPath(5), other.Read(kLayout.EntryPath(5)));
  EXPECT_THAT(ValueOf(log.Audit()).faults, ElementsAre(Blames("log entry 5", "follows on another entry")));
}

TEST(LogAudit, FindsThatNothingLeadsToTheNewestEntry) {
  OneLog log;
  log.Grow(6, {});
  log.Delete(kLayout.EntryPath(3));
  EXPECT_THAT(ValueOf(log.Audit()).faults, ElementsAre(Blames("log entry 4", "neither a snapshot")));
}

TEST(LogAudit, ReadsASnapshotWhenItHasComeToItAndHoldsNoOther) {
  OneLog log;
  log.Grow(12, {2, 4, 7, 10});
  const std::string left_over = log.Read(kLayout.SnapshotPath(2));
  log.Truncate();
  log.Write(kLayout.SnapshotPath(2), left_over);
  EXPECT_THAT(ValueOf(log.Audit()).faults, IsEmpty());
  std::vector<std::string> reads = log.reads();
  ASSERT_THAT(reads, SizeIs(3 + 5)) << "each object once";
  // Two entries are read at the same time.
  std::sort(reads.begin() + 2, reads.begin() + 4);
  EXPECT_THAT(std::vector(reads.begin(), reads.begin() + 4),
              ElementsAre("snapshot 2", "snapshot 7", "entry 8", "entry 9"));
  EXPECT_THAT(std::vector(reads.begin() + 4, reads.end()),
              UnorderedElementsAre("entry 10", "entry 11", "snapshot 10", "entry 12"));
  EXPECT_EQ(reads[6], "snapshot 10");
}

TEST(LogAudit, FindsASnapshotThatIsTooLargeToBeRead) {
  OneLog log;
  log.Grow(9, {4, 7});
  log.faults().AddRule({.error = ErrorKind::kExhausted,
                        .function = store::StoreFunction::kGet,
                        .path_prefix = kLayout.SnapshotPath(7).value(),
                        .count = store::kEveryCall});
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_THAT(audit.faults, ElementsAre(Blames("snapshot 7", "")));
  EXPECT_EQ(audit.number, 9U);
}

TEST(LogAudit, PassesOverASnapshotThatWentMeanwhile) {
  OneLog log;
  log.Grow(9, {4, 7});
  log.faults().AddRule({.error = ErrorKind::kNotFound,
                        .function = store::StoreFunction::kGet,
                        .path_prefix = kLayout.SnapshotPath(4).value(),
                        .count = store::kEveryCall});
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_THAT(audit.faults, IsEmpty());
  EXPECT_EQ(audit.entries, 9);
  EXPECT_EQ(audit.snapshots, 1);
}

TEST(LogAudit, BlamesABrokenEntryOnceHoweverManySnapshotsAreBelowIt) {
  OneLog log;
  log.Grow(12, {2, 4, 6, 10});
  log.Flip(kLayout.EntryPath(8));
  const LogAudit audit = ValueOf(log.Audit());
  EXPECT_THAT(audit.faults, ElementsAre(Blames("log entry 7 to 8", "log entry 8")));
  EXPECT_EQ(audit.number, 12U);
  EXPECT_EQ(audit.snapshots, 4);
}

TEST(LogAudit, FailsIfTheStoreDoes) {
  OneLog log;
  log.Grow(6, {4});
  log.faults().AddRule({.error = ErrorKind::kDenied, .function = store::StoreFunction::kGet, .first = 3});
  EXPECT_THAT(log.Audit().status(), Fails(ErrorKind::kDenied, HasSubstr("")));
}

}  // namespace
}  // namespace sleeper::state
