#include "sleeper/check/check_table.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/check/testing/checked_table.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

using model::Fails;
using model::ValueOf;
using store::StoreFunction;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr CheckRequest kShallow{.deep = false, .orphan_age = std::chrono::hours(1)};
constexpr CheckRequest kDeep{.deep = true, .orphan_age = std::chrono::hours(1)};

/// The findings of a check, which must have said whether they are damage.
std::vector<std::string> Findings(CheckedTable& table, const CheckRequest& request, bool is_ok = false) {
  const CheckReport report = ValueOf(table.Check(request));
  EXPECT_EQ(report.ok(), is_ok);
  return TextOf(report.findings);
}

auto Says(const std::string& kind, const store::ObjectPath& path, const std::string& why) {
  return AllOf(StartsWith(kind + " " + path.value() + ": "), HasSubstr(why));
}

TEST(CheckTable, OfACleanTableFindsNothingAndSaysWhatItSaw) {
  CheckedTable table({100});
  table.AddFile(0, 50);
  table.AddFile(40, 90, "more ");
  table.AddFile(100, 120);
  const CheckReport report = ValueOf(table.Check(kDeep));
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(TextOf(report.findings), IsEmpty());
  EXPECT_EQ(report.files, 3);
  EXPECT_EQ(report.files_read, 3);
  EXPECT_EQ(report.rows_read, 120);
  EXPECT_EQ(report.log.entries, 4);
  EXPECT_EQ(report.log_number, 4U);
}

TEST(CheckTable, OfATableWithoutFilesFindsNothing) {
  CheckedTable table;
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty());
}

TEST(CheckTable, FindsAFileThatIsNotThere) {
  CheckedTable table;
  const model::FileRecord lost = table.AddFile(0, 10);
  table.AddFile(10, 20);
  table.Delete(table.PathOf(lost));
  EXPECT_THAT(Findings(table, kShallow), ElementsAre(Says("missing", table.PathOf(lost), "not in the store: 10 rows")));
  EXPECT_THAT(Findings(table, kDeep), ElementsAre(Says("missing", table.PathOf(lost), "not in the store")));
}

TEST(CheckTable, FindsAFileOfAnotherSize) {
  CheckedTable table;
  const model::FileRecord cut = table.AddFile(0, 10);
  const std::string bytes = table.Read(table.PathOf(cut));
  table.Write(table.PathOf(cut), bytes.substr(0, bytes.size() - 7));
  const auto finding = Says("bad", table.PathOf(cut),
                            std::to_string(bytes.size() - 7) + " bytes instead of " + std::to_string(bytes.size()));
  EXPECT_THAT(Findings(table, kShallow), ElementsAre(finding));
  EXPECT_THAT(Findings(table, kDeep), ElementsAre(finding)) << "and does not read it";
}

TEST(CheckTable, ReadsFilesOnlyIfAskedTo) {
  CheckedTable table;
  const model::FileRecord file = table.AddFile(0, 500);
  std::string bytes = table.Read(table.PathOf(file));
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 4);
  table.Write(table.PathOf(file), bytes);
  EXPECT_THAT(Findings(table, kShallow, true), IsEmpty());
  EXPECT_THAT(Findings(table, kDeep),
              ElementsAre(StartsWith("bad " + table.PathOf(file).value() + ": row group 0, field")));
}

TEST(CheckTable, FindsFilesThatWereSwapped) {
  CheckedTable table;
  const model::FileRecord one = table.AddFile(100, 200, "one ");
  const model::FileRecord two = table.AddFile(100, 200, "two ");
  ASSERT_EQ(one.size_bytes, two.size_bytes) << "or else the size alone would tell";
  ASSERT_EQ(one.tail_bytes, two.tail_bytes);
  const std::string bytes = table.Read(table.PathOf(one));
  table.Write(table.PathOf(one), table.Read(table.PathOf(two)));
  table.Write(table.PathOf(two), bytes);
  EXPECT_THAT(Findings(table, kShallow, true), IsEmpty());
  EXPECT_THAT(Findings(table, kDeep), UnorderedElementsAre(Says("bad", table.PathOf(one), "row hash"),
                                                           Says("bad", table.PathOf(two), "row hash")));
}

TEST(CheckTable, FindsARowCountThatIsWrongInTheState) {
  CheckedTable table;
  model::FileRecord file = table.WriteFile(0, 10);
  file.rows = 11;
  table.Add(file);
  EXPECT_THAT(Findings(table, kDeep), ElementsAre(Says("bad", table.PathOf(file), "10 rows instead of 11")));
}

TEST(CheckTable, FindsACountOfAPartThatIsWrongInTheState) {
  CheckedTable table({5});
  const model::FileRecord file = table.WriteFile(0, 10);
  // Five and five.
  table.Add(file, {{{"", KeyOf(5)}, 4}, {{KeyOf(5), {}}, 6}});
  EXPECT_THAT(Findings(table, kDeep),
              ElementsAre(Says("bad", table.PathOf(file), "5 rows instead of 4 in the part from the beginning")));
}

TEST(CheckTable, DoesNotHoldEstimatesAgainstAFile) {
  CheckedTable table;
  table.AddFile(0, 10);
  table.Commit(state::SplitPartitions{{{table.State()->partitions().Find("").id, {KeyOf(2)}}}});
  ASSERT_FALSE(table.State()->totals().rows_exact());
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty());
}

TEST(CheckTable, FindsADamagedEntryThatASnapshotHides) {
  CheckedTable table;
  for (int64_t i = 0; i < 4; ++i) table.AddFile(i, i + 1);
  const store::ObjectPath entry = state::LogLayout::ForTable(table.id()).EntryPath(3);
  std::string bytes = table.Read(entry);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  table.WriteSnapshot();
  table.Write(entry, bytes);
  const CheckReport report = ValueOf(table.Check(kShallow));
  EXPECT_FALSE(report.ok());
  EXPECT_GT(report.log_faults, 0);
  EXPECT_THAT(TextOf(report.findings), ElementsAre(HasSubstr("log entry 3")));
}

// Objects beyond what the table needs.

TEST(CheckTable, CallsAnObjectWithAForeignNameAnOrphan) {
  CheckedTable table;
  table.AddFile(0, 10);
  const store::ObjectPath notes(state::DataPrefix(table.id()).value() + "notes.txt");
  table.Write(notes, "hello");
  EXPECT_THAT(Findings(table, kShallow, true), ElementsAre(Says("orphan", notes, "name")));
}

TEST(CheckTable, TellsOrphansFromFilesThatAreBeingMade) {
  CheckedTable table;
  const model::FileRecord left = table.WriteFile(0, 10);
  table.Advance(std::chrono::minutes(61));
  const model::FileRecord young = table.WriteFile(0, 10);
  EXPECT_THAT(Findings(table, kShallow, true), UnorderedElementsAre(Says("orphan", table.PathOf(left), "older"),
                                                                    Says("in_flight", table.PathOf(young), "younger")));
  const CheckReport report = ValueOf(table.Check(kShallow));
  EXPECT_EQ(report.orphan_files, 1);
  EXPECT_EQ(report.orphan_bytes, left.size_bytes);
  EXPECT_EQ(report.in_flight_files, 1);
}

TEST(CheckTable, CallsAFileOfAnUnfinishedJobInFlightHoweverOldItIs) {
  CheckedTable table;
  const model::FileRecord file = table.WriteFile(0, 10);
  table.Commit(state::RegisterJobs{{{.id = model::JobId("slow"),
                                     .kind = state::JobKind::kIngest,
                                     .spec_hash = state::SpecHash("s"),
                                     .shape_hash = table.State()->shape_hash(),
                                     .earliest_birth = file.birth}}});
  table.Advance(std::chrono::hours(24));
  EXPECT_THAT(Findings(table, kShallow, true), ElementsAre(Says("in_flight", table.PathOf(file), "unfinished job")));
}

TEST(CheckTable, CallsAnythingBornBelowTheSweepFloorAnOrphan) {
  CheckedTable table;
  const model::FileRecord file = table.WriteFile(0, 10);
  table.AddFile(10, 20);
  table.Commit(state::RaiseSweepFloor{table.State()->number()});
  EXPECT_THAT(Findings(table, kShallow, true), ElementsAre(Says("orphan", table.PathOf(file), "sweep floor")));
}

TEST(CheckTable, TellsAFileThatIsBornAfterTheLog) {
  CheckedTable table;
  SeededRandom random(7);
  const store::ObjectPath path = state::DataFilePath(table.id(), state::MakeFileId(99, random));
  table.Write(path, "bytes");
  EXPECT_THAT(Findings(table, kShallow, true), ElementsAre(Says("in_flight", path, "born at log entry 99")));
}

// What happens meanwhile.

TEST(CheckTable, DoesNotMissAFileThatWasCollectedMeanwhile) {
  CheckedTable table;
  const model::FileRecord file = table.AddFile(0, 10);
  table.BeforeListing([&] {
    table.Clear();
    table.Delete(table.PathOf(file));
  });
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty());
}

TEST(CheckTable, DoesNotMissAFileThatWaitsToBeCollected) {
  CheckedTable table;
  const model::FileRecord file = table.AddFile(0, 10);
  table.Clear();
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty());
  table.Delete(table.PathOf(file));
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty()) << "the collector deletes first and then forgets";
}

TEST(CheckTable, KnowsAFileThatWasAddedMeanwhile) {
  CheckedTable table;
  table.AddFile(0, 10);
  table.BeforeListing([&] { table.AddFile(10, 20); });
  EXPECT_THAT(Findings(table, kDeep, true), IsEmpty());
}

TEST(CheckTable, FailsIfTheStoreDoes) {
  CheckedTable table;
  table.AddFile(0, 10);
  table.faults().AddRule({.error = ErrorKind::kDenied, .path_prefix = state::DataPrefix(table.id()).value()});
  EXPECT_THAT(table.Check(kDeep).status(), Fails(ErrorKind::kDenied, HasSubstr("")));
}

TEST(CheckTable, FailsIfThereIsNoTable) {
  CheckedTable table;
  table.Commit(state::DropTable{});
  EXPECT_THAT(table.Check(kDeep).status(), Fails(ErrorKind::kNotFound, HasSubstr("dropped")));
}

// Going on.

/// In memory.
class RememberedFiles final : public VerifiedFiles {
 public:
  bool Contains(const model::FileId& file) const override {
    MutexLock lock(mutex_);
    return files_.contains(file);
  }
  Status Add(const model::FileId& file) override {
    MutexLock lock(mutex_);
    files_.insert(file);
    return Status::OK();
  }

 private:
  mutable Mutex mutex_;
  std::set<model::FileId> files_ SLEEPER_GUARDED_BY(mutex_);
};

TEST(CheckTable, GoesOnWhereItWasInterruptedAndReportsBadFilesAgain) {
  CheckedTable table;
  for (int64_t i = 0; i < 5; ++i) table.AddFile(i * 10, i * 10 + 10);
  model::FileRecord bad = table.WriteFile(50, 60);
  bad.rows = 9;
  table.Add(bad);
  RememberedFiles remembered;
  CheckRequest request = kDeep;
  request.verified = &remembered;
  // The fourth read of a file, and all that follow, fail.
  table.faults().AddRule({.function = StoreFunction::kGetRanges, .first = 4, .count = store::kEveryCall});
  EXPECT_THAT(table.Check(request).status(), Fails(ErrorKind::kUnavailable, HasSubstr("")));
  table.faults().ClearRules();

  CheckReport report = ValueOf(table.Check(request));
  EXPECT_EQ(report.files_read_before, 3);
  EXPECT_EQ(report.files_read, 3);
  EXPECT_EQ(report.bad_files, 1);
  report = ValueOf(table.Check(request));
  EXPECT_EQ(report.files_read_before, 5);
  EXPECT_EQ(report.bad_files, 1) << "a bad file is read each time";
}

}  // namespace
}  // namespace sleeper::check
