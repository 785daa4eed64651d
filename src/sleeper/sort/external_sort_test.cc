#include "sleeper/sort/external_sort.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/store/memory_scratch.h"

namespace sleeper::sort {
namespace {

using columnar::Batch;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::HasSubstr;

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
    const auto stream = ValueOf(sort->Finish());
    Sorted sorted{.rows = TextOf(ValueOf(rows::Collect(*stream)))};
    sorted.statistics = sort->statistics();
    return sorted;
  }

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
  store::MemoryScratch scratch_{int64_t{1} << 30};
};

TEST_F(ExternalSortTest, AgreesWithAStableSortInMemoryAndThroughRuns) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto layout =
        seed % 3 == 0 ? columnar::LayoutOfAllTypes() : columnar::Layout::Of(model::RandomKeySchema(random));
    const Batch all = columnar::RandomBatch(layout, 400, random);
    const std::vector<std::string> expected = TextOf(columnar::SortedCopy({&all, 1}));
    const std::vector<Batch> pieces = columnar::CutIntoPieces(all, 13);

    const Sorted in_memory = Sort(pieces, 100 << 20);
    EXPECT_EQ(in_memory.rows, expected);
    EXPECT_EQ(in_memory.statistics.runs_spilled, 0);

    const Sorted through_runs = Sort(pieces, 4 << 10);
    EXPECT_EQ(through_runs.rows, expected);
    EXPECT_GT(through_runs.statistics.runs_spilled, 1);
    EXPECT_EQ(through_runs.statistics.rows, 400);
    EXPECT_FALSE(through_runs.statistics.was_sorted);
    EXPECT_EQ(scratch_.bytes_used(), 0);
  }
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

TEST_F(ExternalSortTest, RunsStayInMemoryAndAreSpilledTogetherWhenTheyDoNotFit) {
  const Batch all = columnar::ReferenceRows(4000, 3);
  const std::vector<Batch> pieces = columnar::CutIntoPieces(all, 20);
  // The rows take some 100 bytes each while they are being sorted, and some 50 afterwards.
  const Sorted kept = Sort(pieces, 512 << 10);
  EXPECT_EQ(kept.statistics.runs_spilled, 0);
  const Sorted spilled = Sort(pieces, 64 << 10);
  EXPECT_GT(spilled.statistics.runs_spilled, 0);
  // Far fewer than the runs of an eighth of the memory.
  EXPECT_LT(spilled.statistics.runs_spilled, 12);
  EXPECT_EQ(kept.rows, TextOf(columnar::SortedCopy({&all, 1})));
  EXPECT_EQ(spilled.rows, kept.rows);
}

TEST_F(ExternalSortTest, RowsThatComeInOrderAreNotMoved) {
  const Batch unsorted = columnar::ReferenceRows(1000, 5);
  const Batch all = columnar::SortedCopy({&unsorted, 1});
  const Sorted in_memory = Sort(columnar::CutIntoPieces(all, 100), 100 << 20);
  EXPECT_TRUE(in_memory.statistics.was_sorted);
  EXPECT_EQ(in_memory.rows, TextOf(all));

  const Sorted through_runs = Sort(columnar::CutIntoPieces(all, 100), 20 << 10);
  EXPECT_TRUE(through_runs.statistics.was_sorted);
  EXPECT_GT(through_runs.statistics.runs_spilled, 1);
  EXPECT_EQ(through_runs.rows, TextOf(all));
}

TEST_F(ExternalSortTest, SortedBatchesAreHandedOutWithinTheBounds) {
  const Batch unsorted = columnar::ReferenceRows(1000, 5);
  SortBuffer buffer(unsorted.shared_layout());
  ASSERT_TRUE(buffer.Add(columnar::SortedCopy({&unsorted, 1})).ok());
  ASSERT_TRUE(buffer.is_sorted());
  const auto stream = buffer.Sort({.rows_max = 300, .bytes_max = 5000});
  int64_t rows = 0;
  while (const auto batch = ValueOf(stream->Next())) {
    EXPECT_LE(batch->bytes(), 6000);
    rows += batch->rows();
  }
  EXPECT_EQ(rows, 1000);
  EXPECT_EQ(buffer.rows(), 0);
}

TEST_F(ExternalSortTest, OrderWithinTheRunsAloneIsNotOrder) {
  const Batch unsorted = columnar::ReferenceRows(200, 5);
  const Batch all = columnar::SortedCopy({&unsorted, 1});
  const Sorted sorted = Sort({all.Slice(100, 100), all.Slice(0, 100)}, 2);
  EXPECT_FALSE(sorted.statistics.was_sorted);
  EXPECT_EQ(sorted.rows, TextOf(all));
}

TEST_F(ExternalSortTest, NoRowsAreSortedToNoRows) {
  const Sorted sorted = Sort({columnar::ReferenceRows(0, 1)}, 1 << 20);
  EXPECT_TRUE(sorted.rows.empty());
  EXPECT_EQ(sorted.statistics.rows, 0);
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
