#include "sleeper/ingest/run_ingest.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/ingest/commit_ingest.h"
#include "sleeper/ingest/testing/test_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
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
    const IngestPorts ports = PortsOf(table_, table_.State());
    const FileSetWriter::Ports writer_ports{ports.store, ports.table, ports.random, ports.fresh_state};
    const CallContext call;
    FileSetWriter writer(writer_ports, spec_, call);
    for (const std::string& keys : batches) {
      const Status written = writer.Write(BatchOf(table_.layout(), {keys}));
      SLEEPER_CHECK(written.ok(), written.ToString());
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

TEST(RunIngest, FailsPlainlyIfTheAnswerToAWriteIsLost) {
  TestTable table(NumbersLayout());
  table.faults().AddRule({.kind = store::FaultKind::kErrorAfter,
                          .error = ErrorKind::kOutcomeUnknown,
                          .function = store::StoreFunction::kFinish});
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

TEST(RunIngest, EndsAllReadersWhenOneFails) {
  TestTable table(NumbersLayout());
  std::vector<InputOpener> inputs;
  for (int i = 0; i < 20; ++i) inputs.push_back(TestTable::OpenerOf(Line(i, "v"), "good"));
  inputs.insert(inputs.begin() + 3, TestTable::OpenerOf("{\n", "bad"));
  EXPECT_THAT(
      RunIngest(PortsOf(table, table.State()), SpecFor(*table.State()), std::move(inputs), CallContext()).status(),
      Fails(ErrorKind::kInvalid, HasSubstr("bad")));
}

TEST(RunIngest, RefusesRowsThatTheSortChanged) {
  // The run is damaged on its way through scratch space: a byte of a value.
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
              Fails(ErrorKind::kCorrupt, HasSubstr("other rows")));
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
