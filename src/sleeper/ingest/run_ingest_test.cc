#include "sleeper/ingest/run_ingest.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/ingest/commit_ingest.h"
#include "sleeper/ingest/testing/test_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/sort/batch_rows.h"
#include "sleeper/state/layout.h"

namespace sleeper::ingest {
namespace {

using columnar::BatchOf;
using model::Fails;
using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

std::shared_ptr<const columnar::Layout> NumbersLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}],
                                "valueFields":[{"name":"v","type":"StringType"}]})");
}

std::string Line(int64_t key, const std::string& value) {
  return R"({"k":)" + std::to_string(key) + R"(,"v":")" + value + "\"}\n";
}

IngestSpec SpecFor(const state::TableState& state) {
  return ValueOf(PlanIngest(state, {.job = model::JobId("job"), .inputs = {}, .reading = ""}, {}));
}

IngestPorts PortsOf(TestTable& table, const state::TableStatePtr& state) {
  const TablePorts ports = table.ports();
  return {ports.store,    ports.table,  ports.scratch,
          ports.executor, ports.random, [state](const CallContext&) { return state; }};
}

/// Scratch space that gives back another letter, once.
class DamagingScratch final : public store::ScratchSpace {
 public:
  DamagingScratch(char from, char to) : from_(from), to_(to) {}

  Result<std::unique_ptr<store::ScratchWriter>> NewRun(const CallContext& call) override {
    TRY_ASSIGN(auto writer, inner_.NewRun(call));
    return std::make_unique<Writer>(std::move(writer), *this);
  }
  int64_t bytes_used() const override { return inner_.bytes_used(); }
  int64_t bytes_max() const override { return inner_.bytes_max(); }

 private:
  class Writer final : public store::ScratchWriter {
   public:
    Writer(std::unique_ptr<store::ScratchWriter> inner, DamagingScratch& space)
        : inner_(std::move(inner)), space_(space) {}

    Status Append(std::span<const uint8_t> bytes, const CallContext& call) override {
      std::vector<uint8_t> copy(bytes.begin(), bytes.end());
      // In the middle of a long run of that letter, so that it is a value.
      const std::vector<uint8_t> letters(40, static_cast<uint8_t>(space_.from_));
      const auto found = std::ranges::search(copy, letters);
      if (!found.empty() && !space_.done_.exchange(true)) found[20] = static_cast<uint8_t>(space_.to_);
      return inner_->Append(copy, call);
    }
    Result<std::unique_ptr<store::ScratchRun>> Finish(const CallContext& call) override { return inner_->Finish(call); }

   private:
    std::unique_ptr<store::ScratchWriter> inner_;
    DamagingScratch& space_;
  };

  store::MemoryScratch inner_{int64_t{1} << 30};
  const char from_;
  const char to_;
  std::atomic<bool> done_ = false;
};

/// A writer on a table that has the partitions below 10, from 10 to 20 and from 20 on.
class FileSetWriterTest : public testing::Test {
 protected:
  // Writes batches of keys, such as "[1,2]".
  std::vector<state::NewFile> Write(const std::vector<std::string>& batches) {
    std::vector<columnar::Batch> rows;
    for (const std::string& keys : batches) rows.push_back(BatchOf(table_.layout(), {keys}));
    return Write(table_, spec_, std::move(rows));
  }

  static std::vector<state::NewFile> Write(TestTable& table, const IngestSpec& spec,
                                           std::vector<columnar::Batch> batches) {
    const IngestPorts ports = PortsOf(table, table.State());
    const CallContext call;
    FileSetWriter writer({ports.store, ports.table, ports.random, ports.fresh_state}, spec, call);
    sort::BatchRows rows(std::make_unique<rows::VectorStream>(table.layout(), std::move(batches)));
    while (ValueOf(writer.WriteNext(rows)) > 0) {
    }
    return ValueOf(writer.Finish());
  }

  // "1-9" for a file with the keys 1 to 9.
  static std::vector<std::string> Ranges(const std::vector<state::NewFile>& files) {
    std::vector<std::string> ranges;
    for (const state::NewFile& file : files) {
      ranges.push_back(KeyText(file.record.bounds.min) + "-" + KeyText(file.record.bounds.max));
    }
    return ranges;
  }

  static std::string KeyText(const std::string& key) {
    const model::Field field{"k", model::TypeKind::kLong};
    return model::FormatKeyValue(ValueOf(model::DecodeKey({&field, 1}, key)).front());
  }

  TestTable table_{columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}]})"), {Key(10), Key(20)}};
  IngestSpec spec_ = SpecFor(*table_.State());
};

TEST_F(FileSetWriterTest, WritesNoFileWithoutRows) { EXPECT_THAT(Write({}), IsEmpty()); }

TEST_F(FileSetWriterTest, CountsTheRowsOfEachPartition) {
  const std::vector<state::NewFile> files = Write({"[1,2]", "[3,25]", "[26]"});
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_THAT(files[0].slices,
              ElementsAre(state::IntervalRows{{"", Key(10)}, 3}, state::IntervalRows{{Key(20), std::nullopt}, 2}));
  EXPECT_EQ(files[0].record.birth, table_.State()->number());
}

TEST_F(FileSetWriterTest, StartsAFileForEachPartitionIfAskedTo) {
  spec_.strategy = model::FileWritingStrategy::kOneFilePerLeaf;
  const std::vector<state::NewFile> files = Write({"[1,2]", "[3,25]", "[26]"});
  EXPECT_THAT(Ranges(files), ElementsAre("1-3", "25-26"));
  EXPECT_THAT(files[1].slices, ElementsAre(state::IntervalRows{{Key(20), std::nullopt}, 2}));
}

TEST_F(FileSetWriterTest, StartsAFileWhereOneHasReachedItsSize) {
  spec_.file_bytes_target = 1;
  EXPECT_THAT(Ranges(Write({"[1,2]", "[3]", "[12,13]"})), ElementsAre("1-2", "3-3", "12-13"));
}

TEST_F(FileSetWriterTest, NeverPartsRowsOfOneKey) {
  spec_.file_bytes_target = 1;
  EXPECT_THAT(Ranges(Write({"[1,2]", "[2,2]", "[2,2,3]", "[3,4]"})), ElementsAre("1-2", "3-3", "4-4"));
}

TEST_F(FileSetWriterTest, CutsAtTheBoundsAndPassesOverPartitionsWithoutRows) {
  EXPECT_THAT(Write({"[1,9,10]", "[11]"})[0].slices,
              ElementsAre(state::IntervalRows{{"", Key(10)}, 2}, state::IntervalRows{{Key(10), Key(20)}, 2}));
  EXPECT_THAT(Write({"[20]"})[0].slices, ElementsAre(state::IntervalRows{{Key(20), std::nullopt}, 1}));
}

TEST_F(FileSetWriterTest, AgreesWithLookingUpEachRow) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int trial = 0; trial < 10; ++trial) {
    const auto layout = columnar::Layout::Of(model::RandomKeySchema(random));
    const auto fields = layout->schema().row_key_fields();
    std::set<std::string> bounds;
    for (uint64_t i = random.Below(8); i > 0; --i) {
      // A leading part of a key will do.
      const model::KeyTuple key = model::RandomKey(random, fields.first(1 + random.Below(fields.size())));
      bounds.insert(model::EncodeKey(key));
    }
    TestTable table(layout, {bounds.begin(), bounds.end()});
    const columnar::Batch all = columnar::RandomBatch(layout, 60, random);
    const columnar::Batch sorted = columnar::SortedCopy({&all, 1});
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(sorted).ok());
    std::vector<state::IntervalRows> expected;
    for (int64_t row = 0; row < keys.rows(); ++row) {
      const model::KeyInterval interval = table.State()->partitions().Find(keys.row_key(row)).interval;
      if (expected.empty() || expected.back().interval != interval) expected.push_back({interval, 0});
      ++expected.back().rows;
    }
    const auto files = Write(table, SpecFor(*table.State()), columnar::CutIntoPieces(sorted, 7));
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].slices, expected);
  }
}

TEST(RunIngest, PassesOnRowsThatComeInKeyOrder) {
  TestTable table(NumbersLayout());
  IngestSpec spec = SpecFor(*table.State());
  // No memory and no scratch space to sort in.
  spec.memory.sort_bytes_max = 1;
  spec.memory.waiting_bytes_max = 4 << 10;
  spec.memory.batch_bytes_max = 2 << 10;
  std::string lines;
  for (int64_t row = 0; row < 900; ++row) lines += Line(row / 2, std::string(50, 'v'));
  const IngestOutcome outcome =
      ValueOf(RunIngest(PortsOf(table, table.State()), spec, {TestTable::OpenerOf(lines)}, CallContext()));
  EXPECT_EQ(outcome.rows_passed, 900);
  EXPECT_EQ(outcome.rows_written(), 900);
  EXPECT_EQ(outcome.sort.runs_spilled, 0);
  EXPECT_THAT(outcome.files, SizeIs(1));
}

TEST(RunIngest, SortsWhatFollowsARowThatIsOutOfOrder) {
  TestTable table(NumbersLayout());
  IngestSpec spec = SpecFor(*table.State());
  spec.memory.waiting_bytes_max = 4 << 10;
  spec.memory.batch_bytes_max = 2 << 10;
  std::string lines;
  for (int64_t row = 100; row < 1000; ++row) lines += Line(row, std::string(50, 'v'));
  lines += Line(7, "late") + Line(1000, "last") + Line(3, "late");
  const IngestOutcome outcome =
      ValueOf(RunIngest(PortsOf(table, table.State()), spec, {TestTable::OpenerOf(lines)}, CallContext()));
  EXPECT_EQ(outcome.rows_written(), 903);
  EXPECT_GT(outcome.rows_passed, 0);
  EXPECT_LE(outcome.rows_passed, 900);
  ASSERT_THAT(outcome.files, SizeIs(2));
  EXPECT_EQ(outcome.files[0].record.rows, outcome.rows_passed);
  EXPECT_EQ(outcome.files[0].record.bounds.min, Key(100));
  EXPECT_EQ(outcome.files[1].record.bounds.min, Key(3));
  EXPECT_EQ(outcome.files[1].record.bounds.max, Key(1000));
}

TEST(RunIngest, RowsOfOneKeyMayCrossFromThosePassedToThoseSorted) {
  TestTable table(NumbersLayout());
  table.properties = ValueOf(model::Properties::Make({{"ingest.memory.bytes", "16M"}}));
  std::string lines;
  for (int64_t row = 0; row < 40'000; ++row) lines += Line(row / 20'000, std::string(100, 'v'));
  ASSERT_TRUE(table.Ingest("job", {lines + Line(0, "again")}).ok());
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(2));
  EXPECT_THAT(table.RowsPerPartition(), ElementsAre(40'001));
  EXPECT_EQ(std::ranges::count(table.Rows(), "(0, again)"), 1);
}

TEST(RunIngest, SpillsWhatDoesNotFitInMemoryAndLosesNothing) {
  TestTable table(NumbersLayout());
  IngestSpec spec = SpecFor(*table.State());
  spec.memory.sort_bytes_max = 32 << 10;
  spec.memory.batch_bytes_max = 2 << 10;
  std::vector<InputOpener> inputs;
  for (int64_t input = 0; input < 3; ++input) {
    std::string lines;
    for (int64_t row = 0; row < 300; ++row) lines += Line((row * 7919 + input) % 1000, std::string(50, 'v'));
    inputs.push_back(TestTable::OpenerOf(lines));
  }
  const IngestOutcome outcome =
      ValueOf(RunIngest(PortsOf(table, table.State()), spec, std::move(inputs), CallContext()));
  EXPECT_EQ(outcome.rows_read, 900);
  EXPECT_EQ(outcome.rows_written(), 900);
  EXPECT_GT(outcome.sort.bytes_spilled, 0);
  EXPECT_EQ(table.scratch().bytes_used(), 0);
}

TEST(RunIngest, PassesOnWhatTheStoreSaysWhileItWrites) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.kind = store::FaultKind::kErrorBefore,
                          .error = ErrorKind::kExhausted,
                          .path_prefix = state::DataPrefix(table.id()).value(),
                          .count = store::kEveryCall});
  EXPECT_EQ(KindOf(RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()),
                             {TestTable::OpenerOf(Line(1, "a"))}, CallContext())
                       .status()),
            ErrorKind::kExhausted);
}

TEST(RunIngest, FindsTheFileIfOnlyTheAnswerToItsWriteIsLost) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.kind = store::FaultKind::kErrorAfter,
                          .error = ErrorKind::kOutcomeUnknown,
                          .function = store::StoreFunction::kFinish});
  const Result<IngestOutcome> outcome = RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()),
                                                  {TestTable::OpenerOf(Line(1, "a"))}, CallContext());
  EXPECT_EQ(ValueOf(outcome).rows_written(), 1);
  EXPECT_EQ(table.faults().faults(), 1);
}

TEST(RunIngest, FailsPlainlyIfAWriteIsLost) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.error = ErrorKind::kOutcomeUnknown, .function = store::StoreFunction::kFinish});
  EXPECT_EQ(KindOf(RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()),
                             {TestTable::OpenerOf(Line(1, "a"))}, CallContext())
                       .status()),
            ErrorKind::kUnavailable);
}

TEST(RunIngest, IsCancelledIfNobodyWaitsForTheAnswerToAWrite) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.kind = store::FaultKind::kErrorAfter,
                          .error = ErrorKind::kOutcomeUnknown,
                          .path_prefix = state::DataPrefix(table.id()).value(),
                          .count = store::kEveryCall});
  const TablePorts ports = table.ports();
  Cancellation interrupt;
  // An interrupt while the file is on its way.
  const auto interrupted = [state = table.State(), &interrupt](const CallContext&) {
    interrupt.Cancel();
    return state;
  };
  const IngestPorts run{ports.store, ports.table, ports.scratch, ports.executor, ports.random, interrupted};
  const CallContext call{.cancellation = &interrupt};
  EXPECT_EQ(KindOf(RunIngest(run, SpecFor(*table.State()), {TestTable::OpenerOf(Line(1, "a"))}, call).status()),
            ErrorKind::kCancelled);
}

TEST(RunIngest, FailsPlainlyIfAWriteIsLostWhileRowsPassThrough) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.error = ErrorKind::kOutcomeUnknown, .function = store::StoreFunction::kFinish});
  IngestSpec spec = SpecFor(*table.State());
  spec.memory.waiting_bytes_max = 1;
  spec.memory.batch_bytes_max = 64;
  const std::string lines = Line(2, "a") + Line(3, "b") + Line(1, "c");
  EXPECT_EQ(
      KindOf(RunIngest(PortsOf(table, table.State()), spec, {TestTable::OpenerOf(lines)}, CallContext()).status()),
      ErrorKind::kUnavailable);
}

TEST(RunIngest, EndsAllReadersWhenOneFails) {
  TestTable table(NumbersLayout());
  std::vector<InputOpener> inputs;
  for (int i = 0; i < 20; ++i) inputs.push_back(TestTable::OpenerOf(Line(i, "v"), "good"));
  inputs.insert(inputs.begin() + 3, TestTable::OpenerOf("{\n", "bad"));
  EXPECT_THAT(
      RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()), std::move(inputs), CallContext()).status(),
      Fails(ErrorKind::kInvalid, HasSubstr("bad")));
}

/// An input of two batches, which changes the first one after it was read.
class ChangingReader final : public exchange::InputReader {
 public:
  explicit ChangingReader(std::shared_ptr<const columnar::Layout> layout)
      : layout_(std::move(layout)), first_(BatchOf(layout_, {"[1]", R"(["value"])"})) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  Result<std::optional<columnar::Batch>> Next() override {
    if (batches_++ == 0) return std::optional(first_);
    if (batches_ > 2) return std::nullopt;
    // In the memory of the batch, as a fault would.
    const uint8_t* const value = first_.arrow()->column_data(1)->buffers[2]->data();
    const_cast<uint8_t*>(value)[0] = 'x';
    return std::optional(BatchOf(layout_, {"[2]", R"(["value"])"}));
  }
  const std::string& name() const override { return name_; }
  std::optional<int64_t> rows_total() const override { return std::nullopt; }
  std::optional<int64_t> bytes_total() const override { return std::nullopt; }
  int64_t bytes_read() const override { return 0; }
  const exchange::IgnoredColumns& ignored() const override { return ignored_; }

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  columnar::Batch first_;
  int batches_ = 0;
  std::string name_ = "changing";
  exchange::IgnoredColumns ignored_;
};

TEST(RunIngest, RefusesToWriteOtherRowsThanItRead) {
  TestTable table(NumbersLayout());
  const InputOpener opener = [](std::shared_ptr<const columnar::Layout> layout, int64_t,
                                const CallContext&) -> Result<std::unique_ptr<exchange::InputReader>> {
    return std::make_unique<ChangingReader>(std::move(layout));
  };
  EXPECT_THAT(RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()), {opener}, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("other rows")));
}

TEST(RunIngest, RefusesRowsThatWereDamagedInScratchSpace) {
  TestTable table(NumbersLayout());
  IngestSpec spec = SpecFor(*table.State());
  spec.memory.sort_bytes_max = 32 << 10;
  spec.memory.batch_bytes_max = 2 << 10;
  std::string lines;
  for (int64_t row = 0; row < 900; ++row) lines += Line((row * 7919) % 1000, std::string(50, 'v'));
  DamagingScratch scratch('v', 'w');
  const TablePorts ports = table.ports();
  const state::TableStatePtr state = table.State();
  const IngestPorts run{ports.store,    ports.table,  scratch,
                        ports.executor, ports.random, [state](const CallContext&) { return state; }};
  EXPECT_THAT(RunIngest(run, spec, {TestTable::OpenerOf(lines)}, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("run-")));
}

TEST(CommitIngest, PlacesRowsInThePartitionsThatASplitHasMadeMeanwhile) {
  TestTable table(NumbersLayout());
  const state::TableStatePtr before = table.State();
  const IngestSpec spec = ValueOf(PlanIngest(*before, {.job = model::JobId("job"), .inputs = {}, .reading = ""}, {}));
  const TablePorts ports = table.ports();
  const IngestPorts run{ports.store,    ports.table,  ports.scratch,
                        ports.executor, ports.random, [&](const CallContext&) { return before; }};
  const IngestOutcome outcome =
      ValueOf(RunIngest(run, spec, {table.OpenerOf(Line(1, "a") + Line(12, "b") + Line(13, "c"))}, CallContext()));
  table.Split(Key(10));
  const Registration none(ports.committer, ports.executor, ports.random, spec);
  ASSERT_TRUE(CommitIngest(ports.committer, spec, outcome, none, CallContext()).ok());
  EXPECT_THAT(table.FilesPerPartition(), ElementsAre(1, 1));
  EXPECT_THAT(table.Rows(), ElementsAre("(1, a)", "(12, b)", "(13, c)"));
}

}  // namespace
}  // namespace sleeper::ingest
