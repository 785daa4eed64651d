#include "sleeper/sort/external_sort.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/check.h"
#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::sort {
namespace {

using columnar::Batch;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const columnar::Layout> FlatLayout() {
  return columnar::LayoutOf(R"({
    "rowKeyFields":[{"name":"text","type":"StringType"},{"name":"day","type":"DateType"}],
    "sortKeyFields":[{"name":"bytes","type":"ByteArrayType"},{"name":"long","type":"LongType"}],
    "valueFields":[{"name":"int","type":"IntType","nullable":true},
                   {"name":"string","type":"StringType","nullable":true},
                   {"name":"boolean","type":"BooleanType","nullable":true},{"name":"float","type":"FloatType"},
                   {"name":"double","type":"DoubleType","nullable":true},{"name":"time","type":"TimestampType"},
                   {"name":"blob","type":"ByteArrayType"}]})");
}

// A key out of few: empty ones, zero bytes, long ones that part late, and many that are equal.
std::string AwkwardKey(Random& random) {
  const std::string shared(40, 's');
  switch (random.Below(5)) {
    case 0:
      return "";
    case 1:
      return std::string(random.Below(20), '\0');
    case 2: {
      std::string key = shared;
      for (uint64_t i = random.Below(4); i > 0; --i) key += std::string_view("\0\1a", 3)[random.Below(3)];
      return key;
    }
    case 3:
      return shared + std::string(random.Below(300), 'e') + (random.Below(2) == 0 ? "x" : "");
    default: {
      std::string key;
      for (int i = 0; i < 10; ++i) key += static_cast<char>('a' + random.Below(26));
      return key;
    }
  }
}

// Rows of a string key and a number.
Batch BatchOfKeys(const std::vector<std::pair<std::string, int64_t>>& rows) {
  const auto layout = columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"StringType"}],
                                             "valueFields":[{"name":"n","type":"LongType"}]})");
  std::string keys;
  std::string numbers;
  for (const auto& [key, number] : rows) {
    keys += keys.empty() ? "[\"" : ",\"";
    for (const char byte : key) {
      if (byte >= ' ') {
        keys += byte;
      } else {
        keys += byte == 0 ? "\\u0000" : "\\u0001";
      }
    }
    keys += '"';
    numbers += (numbers.empty() ? "[" : ",") + std::to_string(number);
  }
  return columnar::BatchOf(layout, {keys + "]", numbers + "]"});
}

class ExternalSortTest : public testing::Test {
 protected:
  struct Sorted {
    std::vector<std::string> rows;
    SortStatistics statistics;
  };

  Sorted Sort(const std::vector<Batch>& batches, int64_t memory_bytes_max) {
    const auto sort = ValueOf(ExternalSort::Make(batches.front().shared_layout(),
                                                 {.memory_bytes_max = memory_bytes_max}, scratch_, executor_, {}));
    for (const Batch& batch : batches) {
      const Status added = sort->Add(batch);
      SLEEPER_CHECK(added.ok(), added.ToString());
    }
    const auto rows = ValueOf(sort->Finish());
    return {.rows = Write(*rows, batches.front().shared_layout()), .statistics = sort->statistics()};
  }

  // What a data file holds after all rows were written to it.
  std::vector<std::string> Write(SortedRows& rows, const std::shared_ptr<const columnar::Layout>& layout) {
    const store::ObjectPath path("file-" + std::to_string(files_++));
    const auto writer = ValueOf(file::DataFileWriter::Open(store_, path, layout, {.page_rows_max = 64}, {}));
    while (ValueOf(rows.NextRowKey())) {
      const Result<int64_t> written = rows.WriteTo(*writer, std::nullopt);
      SLEEPER_CHECK(written.ok() && *written > 0, written.status().ToString());
    }
    EXPECT_EQ(ValueOf(rows.WriteTo(*writer, std::nullopt)), 0);
    if (writer->rows() == 0) return {};
    const file::DataFileSummary summary = ValueOf(writer->Finish());
    const auto reader =
        ValueOf(file::DataFileReader::Open(store_, path, summary.size_bytes, summary.tail_bytes, layout, {}));
    const auto stream = reader->Scan({}, {});
    return TextOf(ValueOf(rows::Collect(*stream)));
  }

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
  store::MemoryScratch scratch_{int64_t{1} << 30};
  store::MemoryStore store_{clock_};
  int files_ = 0;
};

TEST_F(ExternalSortTest, AgreesWithAStableSortInMemoryAndThroughRuns) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    // Every third has lists and maps, every third all flat types, the others keys of random types.
    const auto layout = seed % 3 == 0   ? columnar::LayoutOfAllTypes()
                        : seed % 3 == 1 ? FlatLayout()
                                        : columnar::Layout::Of(model::RandomKeySchema(random));
    const Batch all = columnar::RandomBatch(layout, 400, random);
    const std::vector<std::string> expected = TextOf(columnar::SortedCopy({&all, 1}));
    const std::vector<Batch> pieces = columnar::CutIntoPieces(all, 13);

    const Sorted in_memory = Sort(pieces, 100 << 20);
    EXPECT_EQ(in_memory.rows, expected);
    EXPECT_EQ(in_memory.statistics.runs_spilled, 0);

    const Sorted through_runs = Sort(pieces, 16 << 10);
    EXPECT_EQ(through_runs.rows, expected);
    EXPECT_GT(through_runs.statistics.runs_spilled, 1);
    EXPECT_EQ(through_runs.statistics.rows, 400);
    EXPECT_EQ(scratch_.bytes_used(), 0);
  }
}

TEST_F(ExternalSortTest, AgreesWithAStableSortOnAwkwardKeys) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<std::pair<std::string, int64_t>> rows;
    for (int64_t i = 0; i < 6000; ++i) {
      // With every second seed, the first keys share what later ones do not.
      const bool shares = seed % 2 == 1 && i < 3000;
      rows.emplace_back((shares ? "n" + std::string(12, 'n') : "") + AwkwardKey(random), i);
    }
    const std::vector<Batch> pieces = columnar::CutIntoPieces(BatchOfKeys(rows), 700);
    std::ranges::stable_sort(rows, {}, &std::pair<std::string, int64_t>::first);
    const std::vector<std::string> expected = TextOf(BatchOfKeys(rows));
    EXPECT_EQ(Sort(pieces, 1 << 30).rows, expected);
    EXPECT_EQ(Sort(pieces, 200 << 10).rows, expected);
  }
}

TEST_F(ExternalSortTest, KeepsKeysThatComeBeforeAndAfterAllOfTheFirstRows) {
  // So many rows share what their keys begin with that those which follow were not expected.
  std::vector<std::pair<std::string, int64_t>> rows;
  for (int64_t i = 0; i < 33'000; ++i) rows.emplace_back("n" + std::to_string(i * 7919 % 33'000), i);
  for (int64_t i = 0; i < 300; ++i) rows.emplace_back((i % 2 == 0 ? "a" : "z") + std::to_string(i), i);
  const std::vector<Batch> pieces = columnar::CutIntoPieces(BatchOfKeys(rows), 700);
  std::ranges::stable_sort(rows, {}, &std::pair<std::string, int64_t>::first);
  EXPECT_EQ(Sort(pieces, 1 << 30).rows, TextOf(BatchOfKeys(rows)));
}

TEST_F(ExternalSortTest, ANullThatHasBytesInItsArrayHasNoneInItsRow) {
  const auto layout = columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"IntType"}],
                                             "valueFields":[{"name":"v","type":"StringType","nullable":true},
                                                            {"name":"w","type":"StringType"}]})");
  const Batch plain =
      columnar::BatchOf(layout, {"[3,1,2]", R"(["long enough to be copied in parts","","x"])", R"(["c","a","b"])"});
  // The first row's string becomes null, and stays where it is.
  const std::shared_ptr<arrow::ArrayData> values = plain.column(1)->data()->Copy();
  values->buffers[0] = arrow::Buffer::FromString(std::string(1, '\x06'));
  values->null_count = 1;
  const auto rows =
      arrow::RecordBatch::Make(layout->arrow_schema(), 3, {plain.column(0), arrow::MakeArray(values), plain.column(2)});
  const Batch batch = ValueOf(Batch::Make(layout, rows));
  const std::vector<std::string> expected = TextOf(columnar::SortedCopy({&batch, 1}));
  // Rows of one section lie side by side, and those that were added again behind them.
  EXPECT_EQ(Sort({batch}, 1 << 20).rows, expected);
  EXPECT_EQ(Sort({batch, batch.Slice(0, 1), batch.Slice(2, 1)}, 1 << 20).rows.size(), 5U);
  EXPECT_THAT(Sort({batch.Slice(0, 1), batch.Slice(2, 1)}, 1 << 20).rows, ElementsAre(expected[1], expected[2]));
}

TEST_F(ExternalSortTest, MoreRunsThanAreMergedAtOnceAreMergedInPasses) {
  SeededRandom random(1);
  const Batch all = columnar::RandomBatch(columnar::Layout::Of(model::RandomKeySchema(random)), 400, random);
  // Every batch of four rows is a run.
  const Sorted sorted = Sort(columnar::CutIntoPieces(all, 4), 2);
  EXPECT_EQ(sorted.rows, TextOf(columnar::SortedCopy({&all, 1})));
  // All but the last are spilled, and 64 of them are merged once.
  EXPECT_GT(sorted.statistics.runs_spilled, 64 + 1);
  EXPECT_LT(sorted.statistics.runs_spilled, 100 + 2);
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(ExternalSortTest, SpillsOnlyWhatDoesNotFit) {
  const Batch all = columnar::ReferenceRows(4000, 3);
  const std::vector<Batch> pieces = columnar::CutIntoPieces(all, 20);
  // The rows take some 90 bytes each, with what sorting them takes.
  const Sorted kept = Sort(pieces, 512 << 10);
  EXPECT_EQ(kept.statistics.runs_spilled, 0);
  const Sorted spilled = Sort(pieces, 128 << 10);
  EXPECT_GT(spilled.statistics.runs_spilled, 1);
  EXPECT_LT(spilled.statistics.runs_spilled, 6);
  EXPECT_EQ(kept.rows, TextOf(columnar::SortedCopy({&all, 1})));
  EXPECT_EQ(spilled.rows, kept.rows);
}

TEST_F(ExternalSortTest, NoRowsAreSortedToNoRows) {
  const Sorted sorted = Sort({columnar::ReferenceRows(0, 1)}, 1 << 20);
  EXPECT_TRUE(sorted.rows.empty());
  EXPECT_EQ(sorted.statistics.rows, 0);
}

TEST_F(ExternalSortTest, StopsBeforeABoundInMemoryAndInRuns) {
  const auto layout = columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}]})");
  for (const int64_t memory : {100 << 20, 2}) {
    SCOPED_TRACE(memory);
    const auto sort = ValueOf(ExternalSort::Make(layout, {.memory_bytes_max = memory}, scratch_, executor_, {}));
    ASSERT_TRUE(sort->Add(columnar::BatchOf(layout, {"[30,10,21]"})).ok());
    ASSERT_TRUE(sort->Add(columnar::BatchOf(layout, {"[20,31,11]"})).ok());
    const auto rows = ValueOf(sort->Finish());
    for (const int64_t bound : {20, 30}) {
      const auto writer = ValueOf(
          file::DataFileWriter::Open(store_, store::ObjectPath("cut-" + std::to_string(files_++)), layout, {}, {}));
      const model::NormalisedKey upper = model::EncodeKey(model::KeyTuple{bound});
      while (ValueOf(rows->WriteTo(*writer, upper)) > 0) {
      }
      EXPECT_EQ(writer->rows(), 2);
      EXPECT_EQ(writer->last_row_key(), model::EncodeKey(model::KeyTuple{bound - 9}));
      EXPECT_EQ(ValueOf(rows->NextRowKey()), model::EncodeKey(model::KeyTuple{bound}));
    }
    EXPECT_THAT(Write(*rows, layout), ElementsAre("(30)", "(31)"));
  }
}

TEST_F(ExternalSortTest, CancelledSpillsLeaveNothing) {
  Cancellation cancellation;
  const CallContext call{.cancellation = &cancellation};
  {
    const auto sort =
        ValueOf(ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = 2}, scratch_, executor_, call));
    ASSERT_TRUE(sort->Add(columnar::ReferenceRows(200, 1)).ok());
    ASSERT_TRUE(sort->Add(columnar::ReferenceRows(200, 2)).ok());
    // The second run waited for the first one.
    EXPECT_GT(scratch_.bytes_used(), 0);
    cancellation.Cancel();
    Status status = sort->Add(columnar::ReferenceRows(200, 3));
    if (status.ok()) status = sort->Finish().status();
    EXPECT_TRUE(IsKind(status, ErrorKind::kCancelled)) << status.ToString();
  }
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(ExternalSortTest, AFullScratchSpaceIsReportedAndLeftEmpty) {
  store::MemoryScratch small(40 << 10);
  {
    const auto sort =
        ValueOf(ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = 64 << 10}, small, executor_, {}));
    Status status;
    for (uint64_t i = 0; i < 20 && status.ok(); ++i) status = sort->Add(columnar::ReferenceRows(200, i));
    if (status.ok()) status = sort->Finish().status();
    EXPECT_TRUE(IsKind(status, ErrorKind::kExhausted)) << status.ToString();
  }
  EXPECT_EQ(small.bytes_used(), 0);
}

TEST_F(ExternalSortTest, WithoutMemoryThereIsNoSort) {
  EXPECT_THAT(
      ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = 0}, scratch_, executor_, {}).status(),
      Fails(ErrorKind::kInvalid, HasSubstr("memory")));
}

}  // namespace
}  // namespace sleeper::sort
