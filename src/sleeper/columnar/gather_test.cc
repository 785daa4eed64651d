#include "sleeper/columnar/gather.h"

#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::columnar {
namespace {

using model::ValueOf;
using testing::ElementsAre;

TEST(Gather, MixesInterleavedRowsRunsAndAddressedRows) {
  const auto layout = LayoutOf(R"({"rowKeyFields": [{"name": "k", "type": "IntType"}],
                                   "valueFields": [{"name": "v", "type": "StringType", "nullable": true}]})");
  const std::vector<Batch> batches = {BatchOf(layout, {"[1,2,3]", R"(["one",null,"three"])"}),
                                      BatchOf(layout, {"[4,5]", R"(["four","five"])"})};
  Gather gather(layout);
  std::vector<Gather::Cursor> cursors = {{&batches[0], 1}, {&batches[1], 0}};
  ASSERT_TRUE(gather.AppendInterleaved(cursors, std::vector<uint8_t>{1, 0, 0}).ok());
  EXPECT_EQ(cursors[0].next, 3);
  EXPECT_EQ(cursors[1].next, 1);
  ASSERT_TRUE(gather.AppendRun(batches[0], 0, 2).ok());
  ASSERT_TRUE(gather.AppendRows(batches, std::vector<RowAddress>{{1, 1}, {0, 1}}).ok());
  EXPECT_EQ(gather.rows(), 7);
  EXPECT_THAT(TextOf(ValueOf(gather.Finish())),
              ElementsAre("(4, four)", "(2, null)", "(3, three)", "(1, one)", "(2, null)", "(5, five)", "(2, null)"));
  EXPECT_EQ(gather.rows(), 0);
}

TEST(Gather, TakesEveryTypeInEveryForm) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto layout = LayoutOfAllTypes();
    std::vector<Batch> batches;
    std::vector<Gather::Cursor> cursors;
    for (int i = 0; i < 3; ++i) {
      const Batch batch = RandomBatch(layout, 40, random);
      batches.push_back(i == 1 ? WithOffsets(batch) : batch);
    }
    for (const Batch& batch : batches) cursors.push_back({&batch, 0});
    std::vector<std::vector<std::string>> texts;
    for (const Batch& batch : batches) texts.push_back(TextOf(batch));

    Gather gather(layout);
    std::vector<std::string> expected;
    for (int step = 0; step < 12; ++step) {
      if (step % 3 == 0) {
        std::vector<uint8_t> sources;
        for (int i = 0; i < 9; ++i) {
          const auto source = static_cast<uint8_t>(random.Below(3));
          const int64_t taken = cursors[source].next + std::count(sources.begin(), sources.end(), source);
          if (taken == 40) continue;
          sources.push_back(source);
          expected.push_back(texts[source][static_cast<size_t>(taken)]);
        }
        ASSERT_TRUE(gather.AppendInterleaved(cursors, sources).ok());
      } else if (step % 3 == 1) {
        const auto begin = random.Below(40);
        const auto rows = random.Below(41 - begin);
        ASSERT_TRUE(gather.AppendRun(batches[1], static_cast<int64_t>(begin), static_cast<int64_t>(rows)).ok());
        for (size_t row = begin; row < begin + rows; ++row) expected.push_back(texts[1][row]);
      } else {
        std::vector<RowAddress> rows;
        for (int i = 0; i < 7; ++i) {
          rows.push_back({static_cast<uint32_t>(random.Below(3)), static_cast<uint32_t>(random.Below(40))});
          expected.push_back(texts[rows.back().batch][rows.back().row]);
        }
        ASSERT_TRUE(gather.AppendRows(batches, rows).ok());
      }
      if (random.Below(3) != 0) continue;
      const Batch batch = ValueOf(gather.Finish());
      ASSERT_TRUE(batch.arrow()->ValidateFull().ok()) << batch.arrow()->ValidateFull().ToString();
      EXPECT_EQ(TextOf(batch), expected);
      expected.clear();
    }
    const Batch batch = ValueOf(gather.Finish());
    ASSERT_TRUE(batch.arrow()->ValidateFull().ok());
    EXPECT_EQ(TextOf(batch), expected);
  }
}

TEST(Gather, ABatchThatIsHeldIsNotTouchedByTheNext) {
  const Batch source = ReferenceRows(50, 1);
  Gather gather(source.shared_layout());
  ASSERT_TRUE(gather.AppendRun(source, 0, 20).ok());
  const Batch held = ValueOf(gather.Finish());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(gather.AppendRun(source, 20, 30).ok());
    EXPECT_EQ(TextOf(ValueOf(gather.Finish())), TextOf(source.Slice(20, 30)));
  }
  EXPECT_EQ(TextOf(held), TextOf(source.Slice(0, 20)));
}

TEST(Gather, MemoryOfADroppedBatchIsUsedAgain) {
  const Batch source = ReferenceRows(1000, 1);
  Gather gather(source.shared_layout());
  const auto data_of = [&] {
    SLEEPER_CHECK(gather.AppendRun(source, 0, 1000).ok(), "no memory");
    return ValueOf(gather.Finish()).column(0)->data()->buffers[2]->data();
  };
  const uint8_t* first = data_of();
  EXPECT_EQ(data_of(), first);
}

TEST(Gather, ABatchMayOutliveIt) {
  const Batch source = ReferenceRows(10, 1);
  auto gather = std::make_unique<Gather>(source.shared_layout());
  ASSERT_TRUE(gather->AppendRun(source, 0, 10).ok());
  const Batch batch = ValueOf(gather->Finish());
  gather.reset();
  EXPECT_EQ(TextOf(batch), TextOf(source));
}

TEST(Gather, NoRowsMakeAnEmptyBatchOfTheRightTypes) {
  Gather gather(LayoutOfAllTypes());
  const Batch batch = ValueOf(gather.Finish());
  EXPECT_EQ(batch.rows(), 0);
  EXPECT_TRUE(batch.arrow()->ValidateFull().ok());
}

}  // namespace
}  // namespace sleeper::columnar
