#include "sleeper/file/row_proof.h"

#include <string>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using model::Fails;
using testing::HasSubstr;

Batch SortedRows(int64_t rows, Random& random) {
  const Batch unsorted = columnar::RandomBatch(columnar::LayoutOfAllTypes(), rows, random);
  return columnar::SortedCopy({&unsorted, 1});
}

void AppendRows(const arrow::ArrayData& column, size_t which, int64_t begin, int64_t count, PageRows& page) {
  if (!page.shape.repeated) return page.Append(column, begin, count);
  const arrow::ArrayData& child = *column.child_data[0];
  const bool is_map = !child.child_data.empty();
  page.AppendLists(column, is_map ? *child.child_data[which] : child, begin, count);
}

/// Shows columns of a batch to a proof as a writer does.
Status Prove(RowProof& proof, const Batch& batch) {
  const std::vector<Leaf> leaves = LeavesOf(batch.layout().schema());
  proof.Begin(batch.rows());
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    const size_t which = leaf > 0 && leaves[leaf - 1].field == leaves[leaf].field ? 1 : 0;
    PageRows page(leaves[leaf].shape);
    // In two parts, the second of them on a page that has rows already.
    for (const auto& [begin, count] :
         {std::pair<int64_t, int64_t>{0, batch.rows() / 3},
          std::pair<int64_t, int64_t>{batch.rows() / 3, batch.rows() - batch.rows() / 3}}) {
      const PageMark mark = PageMark::Of(page);
      AppendRows(*batch.arrow()->column_data(leaves[leaf].field), which, begin, count, page);
      proof.Add(leaf, page, mark, begin);
    }
  }
  return proof.End();
}

TEST(RowProof, HashesAsBatchesAreHashed) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch rows = SortedRows(300, random);
    RowProof proof(rows.layout().schema());
    for (const Batch& piece : columnar::CutIntoPieces(rows, 37)) ASSERT_TRUE(Prove(proof, piece).ok());
    columnar::RowHasher hasher(rows.shared_layout());
    hasher.Add(rows);
    EXPECT_EQ(proof.sum(), hasher.sum());
  }
}

TEST(RowProof, FindsTheFirstRowThatIsOutOfOrderByAnyKeyField) {
  SeededRandom random(3);
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom rows_random(seed);
    const Batch rows = SortedRows(30, rows_random);
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(rows).ok());
    // The row before which the last one is put, if that one is greater.
    const auto at = static_cast<int64_t>(random.Below(29));
    RowProof proof(rows.layout().schema());
    ASSERT_TRUE(Prove(proof, rows.Slice(0, at)).ok());
    ASSERT_TRUE(Prove(proof, rows.Slice(29, 1)).ok());
    const Status status = Prove(proof, rows.Slice(at, 29 - at));
    if (keys.key(at) == keys.key(29)) {
      EXPECT_TRUE(status.ok());
    } else {
      EXPECT_THAT(status, Fails(ErrorKind::kInternal, HasSubstr("row " + std::to_string(at + 1))));
    }
  }
}

TEST(RowProof, RefusesAMapWithOtherValuesThanKeys) {
  const auto layout = columnar::LayoutOf(R"({
      "rowKeyFields": [{"name": "key", "type": "LongType"}],
      "valueFields": [{"name": "counts", "type": {"MapType": {"keyType": "IntType", "valueType": "IntType"}},
                       "nullable": true}]})");
  const std::vector<Leaf> leaves = LeavesOf(layout->schema());
  const auto prove = [&](const std::string& keys_of, const std::string& values_of) {
    const std::vector batches = {BatchOf(layout, {"[1,2,3]", keys_of}), BatchOf(layout, {"[1,2,3]", values_of})};
    RowProof proof(layout->schema());
    proof.Begin(3);
    for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
      PageRows page(leaves[leaf].shape);
      const Batch& batch = batches[leaf / 2];
      AppendRows(*batch.arrow()->column_data(leaves[leaf].field), leaf / 2, 0, 3, page);
      proof.Add(leaf, page, {}, 0);
    }
    return proof.End();
  };
  const std::string maps = "[[[1,10]],null,[[2,20],[3,30]]]";
  EXPECT_TRUE(prove(maps, maps).ok());
  for (const std::string other :
       {"[[[1,10],[2,20]],null,[[3,30]]]", "[[[1,10]],[],[[2,20],[3,30]]]", "[[[1,10]],null,[[2,20]]]"}) {
    SCOPED_TRACE(other);
    EXPECT_THAT(prove(maps, other), Fails(ErrorKind::kInternal, HasSubstr("other values than keys")));
  }
}

}  // namespace
}  // namespace sleeper::file
