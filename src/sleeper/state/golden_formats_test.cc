// What earlier versions of this program have written stays readable. The bytes in tests/golden/state/ are never
// replaced: a new version of a format adds a file.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/inspect.h"
#include "sleeper/state/instance_file.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

/// Compares with the golden bytes; leaves what was made in a file, for a format that has no golden bytes yet.
void ExpectGolden(const std::string& name, const std::string& made) {
  std::ifstream in(SLEEPER_SOURCE_FOLDER "/tests/golden/state/" + name, std::ios::binary);
  const std::string golden(std::istreambuf_iterator<char>(in), {});
  if (golden == made) return;
  const std::string left = ::testing::TempDir() + name;
  std::ofstream(left, std::ios::binary) << made;
  ADD_FAILURE() << name << " is written otherwise than it was; what this program writes is in " << left;
}

std::string ReadGolden(const std::string& name) {
  std::ifstream in(SLEEPER_SOURCE_FOLDER "/tests/golden/state/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

NewFile SampleFile() {
  NewFile file;
  file.record.id = PackedFileId::Make(7, 0xab00000000000001);
  file.record.size_bytes = 123'456;
  file.record.tail_bytes = 789;
  file.record.birth = 7;
  file.record.bounds = {"b", std::string("y\0z", 3)};
  file.record.rows = 300;
  file.record.row_hash = {0x0102030405060708, 0xf1f2f3f4f5f6f7f8};
  file.slices = {{Interval("", "m"), 100}, {Interval("m", ""), 200}};
  return file;
}

UnfinishedJob SampleJob(JobKind kind) {
  UnfinishedJob job;
  job.id = model::JobId("job-1");
  job.kind = kind;
  job.spec_hash = SpecHash("0123");
  job.shape_hash = "4567";
  job.earliest_birth = 6;
  if (kind == JobKind::kCompaction) job.inputs = {{SampleFile().record.id, Interval("", "m")}};
  if (kind != JobKind::kCompaction) job.inbox = {InboxFileId("0000000000000005-ab00000000000002")};
  job.specification = "{}";
  return job;
}

/// One of every kind that there was at first, with every field set.
std::vector<Transaction> SampleTransactions() {
  const JobRun run{WallTime(std::chrono::seconds(999'999'000)), WallTime(std::chrono::seconds(999'999'500))};
  const model::FileId file = SampleFile().record.id;
  const JobOutcome outcome{.id = model::JobId("job-2"),
                           .kind = JobKind::kExport,
                           .spec_hash = SpecHash("89ab"),
                           .result = JobResult::kFailed,
                           .counts = {1, 2, 3, 4},
                           .message = "disk full",
                           .run = run};
  return {DefineTable{SampleDefinition({{"gc.delay.minutes", "5"}}), {"g", "p"}},
          DropTable{},
          AddFiles{CompletedJob{model::JobId("job-0"), SpecHash("cdef"), JobKind::kIngest, {300, 300, 1, 1}, run},
                   "4567",
                   {SampleFile()}},
          AssignJobs{{SampleJob(JobKind::kCompaction)}},
          ReplaceFiles{model::JobId("job-1"), "4567", {{file, 100, {1, 2}}}, {SampleFile()}, 17, run},
          ReleaseJobs{{{model::JobId("job-1"), JobResult::kReleased, "silent"}}},
          RegisterJobs{{SampleJob(JobKind::kImport)}},
          SplitPartitions{{{model::PartitionId("p0"), {"c", "d"}}}},
          MergePartitions{{{model::PartitionId("p3"), model::PartitionId("p4")}}},
          ForgetFiles{{{file, "b"}}, {InboxFileId("0000000000000005-ab00000000000002")}},
          ForgetJobs{300},
          ClearTable{200},
          RaiseSweepFloor{100},
          RecordJobs{{outcome}}};
}

LogEntry SampleEntry() {
  LogEntry entry;
  entry.number = 9;
  entry.id = model::EntryId("00000000000000aa");
  entry.previous = model::EntryId("00000000000000bb");
  entry.writer = "writer";
  entry.written = WallTime(std::chrono::seconds(1'000'000'000));
  entry.mark = TimeMark{8, WallTime(std::chrono::microseconds(999'999'999'123'456))};
  entry.digest = {0x1111111111111111, 0x2222222222222222};
  return entry;
}

TEST(GoldenFormats, EntryOfATable) {
  LogEntry entry = SampleEntry();
  for (const Transaction& transaction : SampleTransactions()) {
    entry.transactions.emplace_back(TableMachine::Encode(transaction));
  }
  entry.transactions.emplace_back(BodyReference{model::FileId("cd/0000000000000006-cd00000000000003"), 99, 0x33});
  ExpectGolden("table-entry-1.bin", EncodeEntry(entry));

  const Result<LogEntry> read = DecodeEntry(ReadGolden("table-entry-1.bin"), "golden entry");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, entry);
  const std::vector<Transaction> expected = SampleTransactions();
  for (size_t i = 0; i < expected.size(); ++i) {
    const Result<Transaction> transaction = TableMachine::Decode(std::get<std::string>(read->transactions[i]));
    ASSERT_TRUE(transaction.ok()) << transaction.status().ToString();
    EXPECT_EQ(*transaction, expected[i]) << TransactionName(expected[i]);
    EXPECT_EQ(transaction->index(), i);
  }
}

/// Kinds that came later.
TEST(GoldenFormats, EntryThatForgetsMarks) {
  const Transaction forget = ForgetMarks{{3, 300, 70'000}};
  LogEntry entry = SampleEntry();
  entry.transactions.emplace_back(TableMachine::Encode(forget));
  ExpectGolden("table-entry-2.bin", EncodeEntry(entry));
  const Result<LogEntry> read = DecodeEntry(ReadGolden("table-entry-2.bin"), "golden entry");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*TableMachine::Decode(std::get<std::string>(read->transactions.front())), forget);
  ASSERT_EQ(SampleTransactions().size() + 1, std::variant_size_v<Transaction>);
  EXPECT_THAT(*ShowTableEntry(ReadGolden("table-entry-2.bin"), nullptr),
              ::testing::HasSubstr("\"transaction\": \"ForgetMarks\""));
}

TEST(GoldenFormats, EntryOfATableAsJson) {
  const Result<std::string> shown = ShowTableEntry(ReadGolden("table-entry-1.bin"), nullptr);
  ASSERT_TRUE(shown.ok()) << shown.status().ToString();
  ExpectGolden("table-entry-1.json", *shown);
}

TEST(GoldenFormats, Body) {
  const std::string transaction = TableMachine::Encode(SampleTransactions()[2]);
  ExpectGolden("body-1.bin", EncodeBody(transaction));
  const Result<std::string> shown = ShowTableBody(ReadGolden("body-1.bin"), nullptr);
  ASSERT_TRUE(shown.ok()) << shown.status().ToString();
  EXPECT_THAT(*shown, ::testing::HasSubstr("\"transaction\": \"AddFiles\""));
}

TEST(GoldenFormats, EntryOfTheRegistry) {
  const model::TableId id("0123456789abcdef");
  const std::vector<RegistryTransaction> transactions = {RegisterTable{id, model::TableName("flights")},
                                                         RenameTable{id, model::TableName("trips")},
                                                         SetTableOnline{id, false},
                                                         UnregisterTable{id},
                                                         BarTable{model::TableId("fedcba9876543210")},
                                                         SetInstanceProperties{{{"gc.delay.minutes", "5"}}, 3}};
  LogEntry entry = SampleEntry();
  for (const RegistryTransaction& transaction : transactions) {
    entry.transactions.emplace_back(RegistryMachine::Encode(transaction));
  }
  ExpectGolden("registry-entry-1.bin", EncodeEntry(entry));
  const Result<LogEntry> read = DecodeEntry(ReadGolden("registry-entry-1.bin"), "golden entry");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  for (size_t i = 0; i < transactions.size(); ++i) {
    EXPECT_EQ(*RegistryMachine::Decode(std::get<std::string>(read->transactions[i])), transactions[i]);
  }
  EXPECT_TRUE(ShowRegistryEntry(ReadGolden("registry-entry-1.bin")).ok());
}

/// A state with something in every part of it.
TableStatePtr SampleState() {
  TestTable table({"m"});
  const auto must = [&](const Transaction& transaction) { EXPECT_EQ(table.Do(transaction), "applied"); };
  must(table.Adding({table.File("a", {"b", "y"}, {{Interval("", "m"), 3}, {Interval("m", ""), 4}})}));
  must(table.Adding({table.File("b", {"c", "d"}, 5)}));
  AddFiles job = table.Adding({table.File("c", {"n", "o"}, 6)});
  job.job = CompletedJob{model::JobId("ingest"), SpecHash("spec"), JobKind::kIngest, {6, 6, 1, 1}, {}};
  must(job);
  UnfinishedJob import;
  import.id = model::JobId("import");
  import.kind = JobKind::kImport;
  import.spec_hash = SpecHash("spec");
  import.shape_hash = table.state().shape_hash();
  import.earliest_birth = table.state().number();
  import.inbox = {InboxFileId("0000000000000003-ab00000000000002")};
  must(RegisterJobs{{import}});
  const UnfinishedJob right = table.Compaction("right", "m");
  UnfinishedJob left = table.Compaction("left", "");
  left.inputs.pop_back();
  must(AssignJobs{{left}});
  must(AssignJobs{{right}});
  must(SplitPartitions{{{model::PartitionId("p1"), {"p"}}}});
  must(ReleaseJobs{{{right.id, JobResult::kReleased, "silent"}}});
  return TableMachine::WithMark(table.state_ptr(), {4, WallTime(std::chrono::seconds(1'000'000'000))},
                                table.state().number());
}

std::string SnapshotOf(const TableStatePtr& state) {
  RecentIds ids;
  for (model::LogNumber number = 1; number <= state->number(); ++number) {
    ids = ids.With(number, UnpackEntryId(number * 0x1111), 5);
  }
  const Snapshot snapshot{
      {state->number(), ids, TimeMark{3, WallTime(std::chrono::seconds(999'999'999))}, state->digest()},
      TableMachine::Dump(*state)};
  std::string bytes;
  for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
  return bytes;
}

TEST(GoldenFormats, SnapshotOfATable) {
  const TableStatePtr state = SampleState();
  ExpectGolden("table-snapshot-1.bin", SnapshotOf(state));

  SystemClock clock;
  ThreadExecutor executor(1, clock);
  const Buffer golden = Buffer::FromString(ReadGolden("table-snapshot-1.bin"));
  const Result<Snapshot> read = DecodeSnapshot(golden, TableMachine::CheckEntry, executor, "golden snapshot");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  const Result<TableStatePtr> loaded = TableMachine::Load(read->position.number, read->contents);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ((*loaded)->digest(), read->position.digest);
  EXPECT_EQ(ShowTableState(**loaded), ShowTableState(*state));
  ExpectGolden("table-state-1.json", ShowTableState(**loaded));
  EXPECT_TRUE(ShowSnapshot(golden).ok());
}

TEST(GoldenFormats, SnapshotOfTheRegistry) {
  RegistryStatePtr state = RegistryState::Empty();
  const model::TableId id("0123456789abcdef");
  for (const RegistryTransaction& transaction : std::vector<RegistryTransaction>{
           RegisterTable{id, model::TableName("flights")}, SetTableOnline{id, false},
           BarTable{model::TableId("fedcba9876543210")}, SetInstanceProperties{{{"gc.delay.minutes", "5"}}, 0}}) {
    state = RegistryMachine::Apply(state, transaction, state->number() + 1).state;
  }
  const Snapshot snapshot{
      {state->number(), RecentIds().With(state->number(), UnpackEntryId(0xaa), 5), std::nullopt, state->digest()},
      RegistryMachine::Dump(*state)};
  std::string bytes;
  for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
  ExpectGolden("registry-snapshot-1.bin", bytes);

  SystemClock clock;
  ThreadExecutor executor(1, clock);
  const Result<Snapshot> read = DecodeSnapshot(Buffer::FromString(ReadGolden("registry-snapshot-1.bin")),
                                               RegistryMachine::CheckEntry, executor, "golden snapshot");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  const Result<RegistryStatePtr> loaded = RegistryMachine::Load(read->position.number, read->contents);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(ShowRegistryState(**loaded), ShowRegistryState(*state));
}

/// A registry in which a table is being dropped, and what led to it.
struct DropUnderWay {
  std::vector<RegistryTransaction> transactions;
  RegistryStatePtr state = RegistryState::Empty();
};

DropUnderWay SampleDrop() {
  const model::TableId id("0123456789abcdef");
  DropUnderWay drop;
  drop.transactions = {RegisterTable{id, model::TableName("flights")},
                       RenameTableFrom{id, model::TableName("flights"), model::TableName("trips")},
                       BeginTableDrop{id, model::TableName("trips")}};
  for (const RegistryTransaction& transaction : drop.transactions) {
    drop.state = RegistryMachine::Apply(drop.state, transaction, drop.state->number() + 1).state;
  }
  return drop;
}

TEST(GoldenFormats, EntryOfTheRegistryThatRenamesAndDropsByName) {
  const DropUnderWay drop = SampleDrop();
  LogEntry entry = SampleEntry();
  for (const RegistryTransaction& transaction : drop.transactions) {
    entry.transactions.emplace_back(RegistryMachine::Encode(transaction));
  }
  ExpectGolden("registry-entry-2.bin", EncodeEntry(entry));
  const Result<LogEntry> read = DecodeEntry(ReadGolden("registry-entry-2.bin"), "golden entry");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  ASSERT_EQ(read->transactions.size(), drop.transactions.size());
  for (size_t i = 0; i < drop.transactions.size(); ++i) {
    EXPECT_EQ(*RegistryMachine::Decode(std::get<std::string>(read->transactions[i])), drop.transactions[i]);
  }
  EXPECT_THAT(*ShowRegistryEntry(ReadGolden("registry-entry-2.bin")),
              ::testing::HasSubstr("\"transaction\": \"BeginTableDrop\""));
}

TEST(GoldenFormats, SnapshotOfARegistryInWhichATableIsBeingDropped) {
  const RegistryStatePtr state = SampleDrop().state;
  const Snapshot snapshot{
      {state->number(), RecentIds().With(state->number(), UnpackEntryId(0xaa), 5), std::nullopt, state->digest()},
      RegistryMachine::Dump(*state)};
  std::string bytes;
  for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
  ExpectGolden("registry-snapshot-2.bin", bytes);

  SystemClock clock;
  ThreadExecutor executor(1, clock);
  const Result<Snapshot> read = DecodeSnapshot(Buffer::FromString(ReadGolden("registry-snapshot-2.bin")),
                                               RegistryMachine::CheckEntry, executor, "golden snapshot");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->contents.version, 2U);
  const Result<RegistryStatePtr> loaded = RegistryMachine::Load(read->position.number, read->contents);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ((*loaded)->digest(), read->position.digest);
  EXPECT_EQ(ShowRegistryState(**loaded), ShowRegistryState(*state));
}

TEST(GoldenFormats, InstanceFile) {
  const InstanceFile file{1, "0123456789abcdef0123456789abcdef"};
  ExpectGolden("instance-1.json", WriteInstanceFile(file));
  EXPECT_EQ(*ParseInstanceFile(ReadGolden("instance-1.json")), file);
}

}  // namespace
}  // namespace sleeper::state
