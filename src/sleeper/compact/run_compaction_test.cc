#include "sleeper/compact/run_compaction.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/open_inputs.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/compact/testing/test_table.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using model::Fails;
using model::ValueOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

std::shared_ptr<const columnar::Layout> NumbersLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}],
                                "valueFields":[{"name":"v","type":"StringType"}]})");
}

// The job that merges all that the table has in its first partition.
CompactionSpec PlanAll(TestTable& table, int64_t file_bytes_target = int64_t{1} << 30) {
  PlanRequest request;
  request.policy.mode = CompactionMode::kAll;
  request.policy.files_batch_size = 100;
  request.policy.file_bytes_target = file_bytes_target;
  CompactionPlan plan = PlanCompactions(*table.State(), request);
  SLEEPER_CHECK(!plan.jobs.empty(), "there is nothing to merge");
  return std::move(plan.jobs.front());
}

CompactionPorts PortsOf(TestTable& table) {
  return {table.faults(), table.id(), table.executor(), table.ports().random};
}

TEST(RunCompaction, MergesItsInputsIntoOneSortedFile) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  const model::FileId a = table.AddFile(BatchOf(layout, {"[1,3,5]", R"(["a","b","c"])"}));
  table.AddFile(BatchOf(layout, {"[2,3,4,9]", R"(["d","e","f","g"])"}));
  const CompactionSpec spec = PlanAll(table);
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  EXPECT_EQ(outcome.rows_read(), 7);
  EXPECT_EQ(outcome.rows_written(), 7);
  ASSERT_THAT(outcome.consumed, SizeIs(2));
  EXPECT_EQ(outcome.consumed[0].file, a);
  EXPECT_EQ(outcome.consumed[0].rows, 3);
  ASSERT_THAT(outcome.outputs, SizeIs(1));
  EXPECT_EQ(outcome.outputs[0].record.bounds, (model::KeyBounds{Key(1), Key(9)}));
  EXPECT_THAT(outcome.outputs[0].slices, ElementsAre(state::IntervalRows{model::KeyInterval::All(), 7}));
  EXPECT_EQ(outcome.outputs[0].record.birth, spec.birth);
}

TEST(RunCompaction, ReadsOnlyTheRowsOfItsPartition) {
  const auto layout = NumbersLayout();
  TestTable table(layout, {Key(4)});
  table.AddFile(BatchOf(layout, {"[1,3,4,5]", R"(["a","b","c","d"])"}));
  table.AddFile(BatchOf(layout, {"[2,3,8]", R"(["e","f","g"])"}));
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), PlanAll(table), CallContext()));
  ASSERT_THAT(outcome.outputs, SizeIs(1));
  EXPECT_EQ(outcome.outputs[0].record.bounds, (model::KeyBounds{Key(1), Key(3)}));
  EXPECT_THAT(outcome.outputs[0].slices, ElementsAre(state::IntervalRows{{"", Key(4)}, 4}));
}

TEST(RunCompaction, WritesSeveralFilesThatDoNotOverlapWhereThereIsMuch) {
  const auto layout = columnar::ReferenceLayout();
  TestTable table(layout);
  for (uint64_t seed : {1, 2, 3}) table.AddFile(columnar::ReferenceRows(2'000, seed));
  const CompactionSpec whole = PlanAll(table);
  const CompactionSpec spec = PlanAll(table, whole.bytes() / 4);
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  ASSERT_THAT(outcome.outputs, SizeIs(4));
  for (const state::NewFile& output : outcome.outputs)
    EXPECT_THAT(output.record.rows, AllOf(testing::Ge(1'450), testing::Le(1'550)));
  for (size_t i = 1; i < outcome.outputs.size(); ++i) {
    EXPECT_LT(outcome.outputs[i - 1].record.bounds.max, outcome.outputs[i].record.bounds.min);
  }
}

TEST(RunCompaction, MergesPiecesAtTheSameTimeIntoFilesOfTheirOwn) {
  const auto layout = columnar::ReferenceLayout();
  // A boundary between the inputs' two partitions, so that one of the files is read in part only.
  TestTable table(layout, {model::EncodeKey(model::KeyTuple{std::string("x")})});
  table.settings.page_rows_max = 16;
  for (uint64_t seed : {1, 2, 3}) table.AddFile(columnar::ReferenceRows(2'000, seed));
  const CompactionSpec spec = PlanAll(table, PlanAll(table).bytes() / 4);
  CompactionPorts ports = PortsOf(table);
  const CompactionOutcome one = ValueOf(RunCompaction(ports, spec, CallContext()));
  ports.pieces_at_a_time = 4;
  const CompactionOutcome four = ValueOf(RunCompaction(ports, spec, CallContext()));
  ASSERT_THAT(one.outputs, SizeIs(4));
  ASSERT_THAT(four.outputs, SizeIs(4));
  EXPECT_EQ(four.consumed, one.consumed);
  EXPECT_EQ(four.rows_written(), one.rows_written());
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_THAT(four.outputs[i].record.rows,
                AllOf(testing::Ge(spec.rows() / 4 - 100), testing::Le(spec.rows() / 4 + 100)));
    if (i > 0) {
      EXPECT_LT(four.outputs[i - 1].record.bounds.max, four.outputs[i].record.bounds.min);
    }
  }
  ports.pieces_at_a_time = 3;
  EXPECT_THAT(ValueOf(RunCompaction(ports, spec, CallContext())).outputs, SizeIs(testing::Ge(3)));
}

/// The rows of the outputs, file after file, as text.
std::vector<std::string> RowsOf(TestTable& table, const CompactionSpec& spec, const CompactionOutcome& outcome) {
  std::vector<std::string> rows;
  for (const state::NewFile& output : outcome.outputs) {
    const model::FileRecord& record = output.record;
    const auto file = ValueOf(file::DataFileReader::Open(table.faults(), state::DataFilePath(table.id(), record.id),
                                                         record.size_bytes, record.tail_bytes,
                                                         columnar::Layout::Of(spec.schema), {}));
    std::ranges::move(columnar::TextOf(ValueOf(rows::Collect(*file->Scan({}, {})))), std::back_inserter(rows));
  }
  return rows;
}

/// Rows of the keys [begin, end), each divided by `rows_per_key`.
Batch Numbers(int64_t begin, int64_t end, int64_t rows_per_key = 1) {
  std::string keys;
  std::string values;
  for (int64_t i = begin; i < end; ++i) {
    keys += (keys.empty() ? "" : ",") + std::to_string(i / rows_per_key);
    values += (values.empty() ? "\"v" : ",\"v") + std::to_string(i) + "\"";
  }
  return BatchOf(NumbersLayout(), {"[" + keys + "]", "[" + values + "]"});
}

TEST(RunCompaction, CopiesRowGroupsAmongWhoseKeysNoOtherInputHasAny) {
  TestTable table(NumbersLayout());
  table.settings.row_group_rows_max = 100;
  table.AddFile(Numbers(0, 1'000));
  table.AddFile(Numbers(950, 1'400));
  table.AddFile(Numbers(1'400, 1'700));
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  // All but the row groups that two files share, and those that were begun before it was known.
  EXPECT_GE(outcome.rows_copied, 1'000);
  EXPECT_LE(outcome.rows_copied, 1'650);
  EXPECT_EQ(outcome.rows_written(), 1'750);
  std::vector<std::string> expected = columnar::TextOf(std::vector{Numbers(0, 950)});
  for (int64_t i = 950; i < 1'000; ++i) {
    expected.insert(expected.end(), 2, "(" + std::to_string(i) + ", v" + std::to_string(i) + ")");
  }
  std::ranges::move(columnar::TextOf(std::vector{Numbers(1'000, 1'700)}), std::back_inserter(expected));
  EXPECT_EQ(RowsOf(table, spec, outcome), expected);
}

TEST(RunCompaction, ReadingAheadChangesNothingOfWhatItDoes) {
  // Overlapping files, one behind them, and row groups that are copied.
  TestTable table(NumbersLayout(), {Key(1'600)});
  table.settings.row_group_rows_max = 100;
  for (const auto& [begin, end] : {std::pair{0, 1'000}, {950, 1'400}, {1'400, 1'700}, {3, 700}}) {
    table.AddFile(Numbers(begin, end));
  }
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  CompactionPorts ports = PortsOf(table);
  const CompactionOutcome at_need = ValueOf(RunCompaction(ports, spec, CallContext()));
  for (const int64_t in_flight_max : {1, 3, 100}) {
    for (const int64_t bytes_max : {1, 5'000, 1'000'000'000}) {
      ports.reads = {.ahead = ReadAhead::kYes, .in_flight_max = in_flight_max, .bytes_max = bytes_max};
      const CompactionOutcome ahead = ValueOf(RunCompaction(ports, spec, CallContext()));
      EXPECT_EQ(ahead.consumed, at_need.consumed);
      EXPECT_EQ(ahead.rows_copied, at_need.rows_copied);
      EXPECT_EQ(RowsOf(table, spec, ahead), RowsOf(table, spec, at_need));
    }
  }
}

TEST(RunCompaction, CopiesNothingBetweenFilesOfDifferentSettings) {
  TestTable table(NumbersLayout());
  table.settings.row_group_rows_max = 100;
  table.AddFile(Numbers(0, 500));
  table.AddFile(Numbers(500, 900));
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  spec.file_settings.codec_level = 2;
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  EXPECT_EQ(outcome.rows_copied, 0);
  EXPECT_EQ(RowsOf(table, spec, outcome), columnar::TextOf(std::vector{Numbers(0, 900)}));
}

TEST(RunCompaction, CopiesWhatLiesInItsPartitionOnly) {
  TestTable table(NumbersLayout(), {Key(350)});
  table.settings.row_group_rows_max = 100;
  table.AddFile(Numbers(0, 500));
  table.AddFile(Numbers(500, 900));
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  EXPECT_EQ(outcome.rows_copied, 300);
  EXPECT_EQ(RowsOf(table, spec, outcome), columnar::TextOf(std::vector{Numbers(0, 350)}));
}

TEST(RunCompaction, FindsTheDamageOfARowGroupThatItCopies) {
  TestTable table(NumbersLayout());
  table.settings.row_group_rows_max = 100;
  const model::FileId file = table.AddFile(Numbers(0, 500));
  table.AddFile(Numbers(500, 900));
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  const store::ObjectPath path = state::DataFilePath(table.id(), file);
  std::string bytes(ValueOf(table.faults().Get(path, {})).bytes.view());
  bytes[bytes.size() / 3] ^= 4;
  ASSERT_TRUE(table.faults().Delete(std::vector{path}, {}).ok());
  ASSERT_TRUE(table.faults().Put(path, Buffer::FromString(bytes), store::PutMode::kIfAbsent, {}).ok());
  EXPECT_THAT(RunCompaction(PortsOf(table), spec, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr(file.value()), HasSubstr("row group"))));
}

/// Reads one key of an output.
std::vector<std::string> Find(TestTable& table, const CompactionOutcome& outcome, int64_t number) {
  const model::FileRecord& output = outcome.outputs[0].record;
  const auto reader = ValueOf(file::DataFileReader::Open(table.faults(), state::DataFilePath(table.id(), output.id),
                                                         output.size_bytes, output.tail_bytes, NumbersLayout(), {}));
  return columnar::TextOf(
      ValueOf(rows::Collect(*reader->Scan({.intervals = {model::IntervalOfPrefix(model::KeyTuple{number})}}, {}))));
}

TEST(RunCompaction, CopiesBloomFiltersAlongWithRowGroupsAndFindsTheirDamage) {
  TestTable table(NumbersLayout());
  table.settings.row_group_rows_max = 100;
  table.settings.bloom_filter_fields = {"k"};
  table.AddFile(Numbers(0, 500));
  const model::FileId file = table.AddFile(Numbers(500, 900));
  CompactionSpec spec = PlanAll(table);
  spec.file_settings = table.settings;
  const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
  EXPECT_EQ(outcome.rows_copied, 900);
  for (int64_t number = 0; number < 900; number += 37) {
    EXPECT_THAT(Find(table, outcome, number), SizeIs(1)) << number;
  }
  const store::ObjectPath path = state::DataFilePath(table.id(), file);
  const std::string bytes(ValueOf(table.faults().Get(path, {})).bytes.view());
  for (const size_t behind_pages : {0, 3, 20, 60}) {
    // A filter begins with its size, 128, and its kind.
    const size_t filter = bytes.find("\x15\x80\x02\x1C\x1C");
    ASSERT_NE(filter, std::string::npos);
    std::string damaged = bytes;
    damaged[filter + behind_pages] ^= 4;
    ASSERT_TRUE(table.faults().Delete(std::vector{path}, {}).ok());
    ASSERT_TRUE(table.faults().Put(path, Buffer::FromString(damaged), store::PutMode::kIfAbsent, {}).ok());
    EXPECT_THAT(RunCompaction(PortsOf(table), spec, CallContext()).status(),
                Fails(ErrorKind::kCorrupt,
                      AllOf(HasSubstr(file.value()), HasSubstr("row group 0"), HasSubstr("Bloom filter"))));
  }
}

TEST(RunCompaction, CopiedOrNotTheRowsAreTheSame) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    TestTable table(NumbersLayout());
    table.settings.row_group_rows_max = 1 + static_cast<int64_t>(random.Below(60));
    table.settings.page_rows_max = 1 + static_cast<int64_t>(random.Below(40));
    for (uint64_t i = 2 + random.Below(5); i > 0; --i) {
      const auto begin = static_cast<int64_t>(random.Below(600));
      const auto rows_per_key = static_cast<int64_t>(1 + random.Below(2) * random.Below(9));
      table.AddFile(Numbers(begin, begin + 1 + static_cast<int64_t>(random.Below(300)), rows_per_key));
    }
    CompactionSpec spec = PlanAll(table);
    spec.file_settings = table.settings;
    spec.file_settings.codec_level = 2;
    const CompactionOutcome written = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
    spec.file_settings.codec_level = 1;
    const CompactionOutcome copied = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
    EXPECT_EQ(written.rows_copied, 0);
    EXPECT_EQ(RowsOf(table, spec, copied), RowsOf(table, spec, written));
    EXPECT_EQ(copied.consumed, written.consumed);
    EXPECT_EQ(copied.outputs[0].record.bounds, written.outputs[0].record.bounds);
  }
}

TEST(OpenInputs, PiecesAreAllKeysAndFewWhereThereIsLittleToGoBy) {
  const auto layout = columnar::ReferenceLayout();
  TestTable table(layout);
  table.settings.page_rows_max = 16;
  table.AddFile(columnar::ReferenceRows(1'600, 1));
  table.AddFile(columnar::ReferenceRows(1'600, 2));
  const CompactionSpec spec = PlanAll(table);
  const CompactionPorts ports = PortsOf(table);
  const OpenInputs inputs = ValueOf(OpenInputs::Open(ports, spec, CallContext()));
  EXPECT_THAT(inputs.CutIntoPieces(1), ElementsAre(model::KeyInterval::All()));
  for (const int64_t pieces_max : {2, 3, 6, 100}) {
    const std::vector<model::KeyInterval> pieces = inputs.CutIntoPieces(pieces_max);
    // Two hundred pages, and no piece of fewer than 32.
    EXPECT_THAT(pieces, SizeIs(std::min<int64_t>(pieces_max, 6)));
    EXPECT_EQ(pieces.front().lower, "");
    EXPECT_EQ(pieces.back().upper, std::nullopt);
    for (size_t i = 1; i < pieces.size(); ++i) EXPECT_EQ(pieces[i - 1].upper, pieces[i].lower);
  }
}

TEST(RunCompaction, NeverPartsRowsOfOneKey) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  // Ten rows of key 5 among single ones: wherever the middle is, 5 must not lie on both sides.
  table.AddFile(BatchOf(layout, {"[1,2,5,5,5,5,5]", R"(["a","b","c","d","e","f","g"])"}));
  table.AddFile(BatchOf(layout, {"[3,5,5,5,5,5,8]", R"(["h","i","j","k","l","m","n"])"}));
  const CompactionSpec whole = PlanAll(table);
  for (int64_t files : {2, 3, 5, 14}) {
    const CompactionSpec spec = PlanAll(table, whole.bytes() / files);
    const CompactionOutcome outcome = ValueOf(RunCompaction(PortsOf(table), spec, CallContext()));
    EXPECT_EQ(outcome.rows_written(), 14);
    EXPECT_GE(outcome.outputs.size(), 2U);
    for (size_t i = 1; i < outcome.outputs.size(); ++i) {
      EXPECT_LT(outcome.outputs[i - 1].record.bounds.max, outcome.outputs[i].record.bounds.min);
    }
  }
}

TEST(RunCompaction, NamesAMissingInput) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  const model::FileId file = table.AddFile(BatchOf(layout, {"[1]", R"(["a"])"}));
  table.AddFile(BatchOf(layout, {"[2]", R"(["b"])"}));
  const CompactionSpec spec = PlanAll(table);
  const store::ObjectPath path = state::DataFilePath(table.id(), file);
  ASSERT_TRUE(table.faults().Delete({&path, 1}, CallContext()).ok());
  EXPECT_THAT(RunCompaction(PortsOf(table), spec, CallContext()).status(),
              Fails(ErrorKind::kNotFound, HasSubstr(file.value())));
}

TEST(RunCompaction, FailsPlainlyIfAWriteIsLost) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  table.AddFile(BatchOf(layout, {"[1]", R"(["a"])"}));
  table.AddFile(BatchOf(layout, {"[2]", R"(["b"])"}));
  table.faults().AddRule({.error = ErrorKind::kOutcomeUnknown, .function = store::StoreFunction::kFinish});
  EXPECT_EQ(KindOf(RunCompaction(PortsOf(table), PlanAll(table), CallContext()).status()), ErrorKind::kUnavailable);
}

TEST(RunCompaction, RefusesAnInputThatHasOtherRowsThanTheStateSays) {
  const auto layout = NumbersLayout();
  TestTable table(layout);
  const model::FileId file = table.AddFile(BatchOf(layout, {"[1,2]", R"(["a","b"])"}));
  table.AddFile(BatchOf(layout, {"[2]", R"(["b"])"}));
  CompactionSpec fewer = PlanAll(table);
  for (CompactionInput& input : fewer.inputs) {
    if (input.file.id == file) input.file.rows = 3;
  }
  EXPECT_THAT(RunCompaction(PortsOf(table), fewer, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr(file.value()), HasSubstr("2 rows instead of 3"))));
  CompactionSpec other = PlanAll(table);
  for (CompactionInput& input : other.inputs) {
    if (input.file.id == file) input.file.row_hash.low ^= 1;
  }
  EXPECT_THAT(RunCompaction(PortsOf(table), other, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr(file.value())));
}

TEST(RunCompaction, RefusesASliceThatHasOtherRowsThanItsReferenceSays) {
  const auto layout = NumbersLayout();
  TestTable table(layout, {Key(4)});
  const model::FileId file = table.AddFile(BatchOf(layout, {"[1,3,4,5]", R"(["a","b","c","d"])"}));
  CompactionSpec spec = PlanAll(table);
  spec.inputs[0].rows = 3;
  EXPECT_THAT(RunCompaction(PortsOf(table), spec, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr(file.value())));
}

}  // namespace
}  // namespace sleeper::compact
