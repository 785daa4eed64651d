#include "sleeper/ingest/leaf_cutter.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::ingest {
namespace {

using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Key(int64_t value) { return model::EncodeKey(model::KeyTuple{value}); }

std::shared_ptr<const columnar::Layout> KeysLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}]})");
}

columnar::Batch Keys(const std::string& keys) { return columnar::BatchOf(KeysLayout(), {keys}); }

LeafCutter CutterAt(const std::vector<int64_t>& bounds) {
  std::vector<model::NormalisedKey> boundaries;
  for (int64_t bound : bounds) boundaries.push_back(Key(bound));
  return LeafCutter(ValueOf(model::PartitionMap::Cut(boundaries)));
}

// "p0: (1) (2)" for each piece.
std::vector<std::string> Cut(LeafCutter& cutter, const columnar::Batch& batch) {
  std::vector<std::string> pieces;
  for (const LeafCutter::Piece& piece : ValueOf(cutter.Cut(batch))) {
    pieces.push_back(piece.leaf.id.value() + ":");
    for (const std::string& row : columnar::TextOf(piece.rows)) pieces.back() += " " + row;
  }
  return pieces;
}

TEST(LeafCutter, GivesAWholeBatchToTheOnlyPartition) {
  LeafCutter cutter = CutterAt({});
  EXPECT_THAT(Cut(cutter, Keys("[1,2]")), ElementsAre("p0: (1) (2)"));
  EXPECT_THAT(Cut(cutter, Keys("[3]")), ElementsAre("p0: (3)"));
  EXPECT_THAT(Cut(cutter, Keys("[]")), IsEmpty());
}

TEST(LeafCutter, CutsAtTheBoundsAndPassesOverPartitionsWithoutRows) {
  LeafCutter cutter = CutterAt({10, 20, 30});
  EXPECT_THAT(Cut(cutter, Keys("[1,9,10,11,30]")), ElementsAre("p0: (1) (9)", "p1: (10) (11)", "p3: (30)"));
}

TEST(LeafCutter, RemembersThePartitionFromBatchToBatch) {
  LeafCutter cutter = CutterAt({10, 20, 30});
  EXPECT_THAT(Cut(cutter, Keys("[11]")), ElementsAre("p1: (11)"));
  EXPECT_THAT(Cut(cutter, Keys("[12,19]")), ElementsAre("p1: (12) (19)"));
  EXPECT_THAT(Cut(cutter, Keys("[20,21]")), ElementsAre("p2: (20) (21)"));
  EXPECT_THAT(Cut(cutter, Keys("[29,99]")), ElementsAre("p2: (29)", "p3: (99)"));
}

TEST(LeafCutter, AgreesWithLookingUpEachRow) {
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
    const model::PartitionMap map =
        ValueOf(model::PartitionMap::Cut(std::vector<std::string>(bounds.begin(), bounds.end())));
    const std::vector<columnar::Batch> all = {columnar::RandomBatch(layout, 60, random)};
    const columnar::Batch sorted = columnar::SortedCopy(all);
    LeafCutter cutter(map);
    int64_t rows = 0;
    for (const columnar::Batch& batch : columnar::CutIntoPieces(sorted, 7)) {
      for (const LeafCutter::Piece& piece : ValueOf(cutter.Cut(batch))) {
        columnar::KeyColumn keys;
        ASSERT_TRUE(keys.Encode(piece.rows).ok());
        for (int64_t row = 0; row < keys.rows(); ++row) EXPECT_EQ(map.Find(keys.row_key(row)), piece.leaf);
        EXPECT_EQ(columnar::TextOf(piece.rows), columnar::TextOf(sorted.Slice(rows, piece.rows.rows())));
        rows += piece.rows.rows();
      }
    }
    EXPECT_EQ(rows, sorted.rows());
  }
}

}  // namespace
}  // namespace sleeper::ingest
