#include "sleeper/columnar/key_column.h"

#include <algorithm>
#include <string>
#include <vector>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/sort_order.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::columnar {
namespace {

using model::ValueOf;

KeyColumn KeysOf(const Batch& batch) {
  KeyColumn keys;
  const Status status = keys.Encode(batch);
  SLEEPER_CHECK(status.ok(), status.ToString());
  return keys;
}

std::shared_ptr<const Layout> TwoKeys() {
  return LayoutOf(R"({"rowKeyFields": [{"name": "a", "type": "StringType"}, {"name": "b", "type": "IntType"}],
                      "sortKeyFields": [{"name": "c", "type": "StringType"}]})");
}

TEST(KeyColumn, HoldsTheNormalisedKeyOfEachRow) {
  const KeyColumn keys = KeysOf(BatchOf(TwoKeys(), {R"(["x", "x\u0000", ""])", "[1, -1, 0]", R"(["s", "", "long"])"}));
  EXPECT_EQ(keys.key(0), model::EncodeKey(model::KeyTuple{std::string("x"), 1, std::string("s")}));
  EXPECT_EQ(keys.key(1), model::EncodeKey(model::KeyTuple{std::string("x\0", 2), -1, std::string()}));
  EXPECT_EQ(keys.key(2), model::EncodeKey(model::KeyTuple{std::string(), 0, std::string("long")}));
  EXPECT_EQ(keys.row_key(0), model::EncodeKey(model::KeyTuple{std::string("x"), 1}));
  EXPECT_EQ(keys.row_key(1), model::EncodeKey(model::KeyTuple{std::string("x\0", 2), -1}));
  EXPECT_EQ(keys.row_key(2), model::EncodeKey(model::KeyTuple{std::string(), 0}));
}

TEST(KeyColumn, FindsZerosInValuesOfPagesHoweverTheyLie) {
  // 16 bytes behind the last value may be read.
  const std::string text = std::string("ab\0c\0ddd", 8) + std::string(16, '.');
  using Views = std::vector<ByteView>;
  // One behind the other, with a gap that holds a zero, with values twice and in another order.
  for (const Views& views : {Views{{0, 2}, {2, 3}, {5, 3}}, Views{{0, 2}, {3, 1}, {5, 3}},
                             Views{{2, 3}, {0, 2}, {2, 3}}, Views{{0, 2}, {0, 0}, {2, 1}}, Views{{5, 3}}, Views{}}) {
    const KeyValues field{.type = model::TypeKind::kString,
                          .values = {.count = static_cast<int64_t>(views.size()),
                                     .views = views.data(),
                                     .bytes = reinterpret_cast<const uint8_t*>(text.data())}};
    KeyColumn keys;
    ASSERT_TRUE(keys.Encode({&field, 1}, 1, static_cast<int64_t>(views.size())).ok());
    for (size_t row = 0; row < views.size(); ++row) {
      const std::string value = text.substr(views[row].begin, views[row].size);
      EXPECT_EQ(keys.key(static_cast<int64_t>(row)), model::EncodeKey(model::KeyTuple{value}));
    }
  }
}

TEST(KeyColumn, AgreesWithTheCodecForRandomSchemas) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const model::Schema schema = model::RandomKeySchema(random);
    const Batch batch = RandomBatch(Layout::Of(schema), 20, random);
    KeyColumn keys = KeysOf(seed % 2 == 0 ? batch : WithOffsets(batch));
    KeyColumn row_keys;
    ASSERT_TRUE(row_keys.EncodeRowKeys(batch).ok());
    for (int64_t row = 0; row < batch.rows(); ++row) {
      // What decodes to values that encode to the same bytes is the key of those values.
      const model::KeyTuple values = ValueOf(model::DecodeKey(schema.key_fields(), keys.key(row)));
      EXPECT_EQ(model::EncodeKey(values), keys.key(row));
      const auto row_key_values = std::span(values).first(static_cast<size_t>(schema.row_key_count()));
      EXPECT_EQ(model::EncodeKey(row_key_values), keys.row_key(row));
      EXPECT_EQ(row_keys.key(row), keys.row_key(row));
      EXPECT_EQ(row_keys.row_key(row), keys.row_key(row));
    }
    // Memory of a longer batch is used again.
    ASSERT_TRUE(keys.Encode(batch.Slice(3, 1)).ok());
    EXPECT_EQ(keys.rows(), 1);
    EXPECT_EQ(keys.key(0), KeysOf(batch).key(3));
  }
}

TEST(KeyColumn, PrefixesCompareLikeTheBytesThatTheyStandFor) {
  SeededRandom random(7);
  const KeyColumn keys = KeysOf(RandomBatch(TwoKeys(), 60, random));
  for (int64_t a = 0; a < keys.rows(); ++a) {
    for (int64_t b = 0; b < keys.rows(); ++b) {
      const size_t skip = std::min({keys.key(a).size(), keys.key(b).size(), size_t{3}});
      if (keys.Prefix(a, skip) < keys.Prefix(b, skip)) {
        EXPECT_LT(keys.key(a).substr(skip), keys.key(b).substr(skip));
      }
      if (keys.key(a).substr(skip) == keys.key(b).substr(skip)) {
        EXPECT_EQ(keys.Prefix(a, skip), keys.Prefix(b, skip));
      }
    }
  }
}

TEST(KeyColumn, FindsTheFirstRowThatIsNotBelowAKey) {
  const KeyColumn keys = KeysOf(BatchOf(TwoKeys(), {R"(["a","b","b","d"])", "[1,1,2,1]", R"(["","","",""])"}));
  const auto bound = [&](model::KeyTuple tuple) { return keys.LowerBound(model::EncodeKey(tuple)); };
  EXPECT_EQ(keys.LowerBound(""), 0);
  EXPECT_EQ(bound({std::string("a")}), 0);
  EXPECT_EQ(bound({std::string("a"), 1}), 0);
  EXPECT_EQ(bound({std::string("a"), 2}), 1);
  EXPECT_EQ(bound({std::string("b"), 2}), 2);
  EXPECT_EQ(bound({std::string("c")}), 3);
  EXPECT_EQ(bound({std::string("e")}), 4);
}

TEST(KeyColumn, BoundsAreTheRowKeysOfTheFirstAndTheLastRow) {
  const KeyColumn keys = KeysOf(BatchOf(TwoKeys(), {R"(["a","b"])", "[1,1]", R"(["p","q"])"}));
  EXPECT_EQ(keys.Bounds().min, model::EncodeKey(model::KeyTuple{std::string("a"), 1}));
  EXPECT_EQ(keys.Bounds().max, model::EncodeKey(model::KeyTuple{std::string("b"), 1}));
}

TEST(KeyColumn, TheCommonPrefixIsWhatAllKeysShare) {
  EXPECT_EQ(KeysOf(BatchOf(TwoKeys(), {R"(["abc","abd"])", "[1,1]", R"(["",""])"})).CommonPrefix(), 2);
  EXPECT_EQ(KeysOf(BatchOf(TwoKeys(), {R"(["abc","x","abd"])", "[1,1,1]", R"(["","",""])"})).CommonPrefix(), 0);
  EXPECT_EQ(KeysOf(BatchOf(TwoKeys(), {"[]", "[]", "[]"})).CommonPrefix(), 0);
}

TEST(SortOrder, IsThatOfAStableSort) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto layout = Layout::Of(model::RandomKeySchema(random));
    std::vector<Batch> batches;
    std::vector<KeyColumn> keys;
    for (int64_t rows : {0, 30, 1, 45}) {
      batches.push_back(RandomBatch(layout, rows, random));
      keys.push_back(KeysOf(batches.back()));
    }
    Gather gather(layout);
    ASSERT_TRUE(gather.AppendRows(batches, SortOrder(keys)).ok());
    EXPECT_EQ(TextOf(ValueOf(gather.Finish())), TextOf(SortedCopy(batches)));
  }
}

TEST(SortOrder, OfManyRowsIsThatOfAStableSort) {
  // More rows than are sorted by comparing, with many equal keys and equal prefixes.
  const auto layout = LayoutOf(R"({"rowKeyFields": [{"name": "k", "type": "StringType"}],
                                   "valueFields": [{"name": "v", "type": "IntType"}]})");
  SeededRandom random(4);
  std::string k = "[", v = "[";
  for (int i = 0; i < 5000; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    k += comma + "\"table/" + std::string(random.Below(3) == 0 ? "a long beginning " : "") +
         std::to_string(random.Below(900)) + "\"";
    v += comma + std::to_string(i);
  }
  const Batch all = BatchOf(layout, {k + "]", v + "]"});
  const std::vector<Batch> batches = {all.Slice(0, 3000), all.Slice(3000, 2000)};
  const std::vector<KeyColumn> keys = {KeysOf(batches[0]), KeysOf(batches[1])};
  Gather gather(layout);
  ASSERT_TRUE(gather.AppendRows(batches, SortOrder(keys)).ok());
  const Batch sorted = ValueOf(gather.Finish());
  EXPECT_EQ(FirstOutOfOrder(sorted), -1);
  const KeyColumn sorted_keys = KeysOf(sorted);
  const auto* order = sorted.arrow()->column_data(1)->GetValues<int32_t>(1);
  std::vector<int32_t> seen(5000);
  for (int64_t row = 0; row < 5000; ++row) {
    if (row > 0 && sorted_keys.key(row) == sorted_keys.key(row - 1)) {
      EXPECT_LT(order[row - 1], order[row]);
    }
    ++seen[static_cast<size_t>(order[row])];
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), 5000);
}

TEST(FirstOutOfOrder, IsTheFirstRowBelowTheOneBeforeIt) {
  const auto first = [](const std::string& a) {
    const Batch batch = BatchOf(LayoutOf(R"({"rowKeyFields": [{"name": "a", "type": "StringType"}]})"), {a});
    EXPECT_EQ(FirstOutOfOrder(batch), FirstOutOfOrder(KeysOf(batch)));
    return FirstOutOfOrder(batch);
  };
  EXPECT_EQ(first("[]"), -1);
  EXPECT_EQ(first(R"(["b"])"), -1);
  EXPECT_EQ(first(R"(["a","a","b"])"), -1);
  EXPECT_EQ(first(R"(["a","b","a"])"), 2);
  EXPECT_EQ(first(R"(["","\u0000","\u0000\u0000"])"), -1);
  EXPECT_EQ(first(R"(["","\u0000\u0000","\u0000"])"), 2);
  EXPECT_EQ(first(R"(["longer than eight bytes b","longer than eight bytes b","longer than eight bytes a"])"), 2);
}

TEST(FirstOutOfOrder, OfABatchIsThatOfItsKeys) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch unsorted = RandomBatch(Layout::Of(model::RandomKeySchema(random)), 30, random);
    const Batch sorted = SortedCopy({&unsorted, 1});
    EXPECT_EQ(FirstOutOfOrder(sorted), -1);
    EXPECT_EQ(FirstOutOfOrder(WithOffsets(sorted)), -1);
    // One row moved to a random place.
    Gather gather(sorted.shared_layout());
    const auto moved = static_cast<int64_t>(random.Below(30));
    const auto to = static_cast<int64_t>(random.Below(30));
    ASSERT_TRUE(gather.AppendRun(sorted, 0, to).ok());
    ASSERT_TRUE(gather.AppendRun(sorted, moved, 1).ok());
    ASSERT_TRUE(gather.AppendRun(sorted, to, 30 - to).ok());
    const Batch batch = ValueOf(gather.Finish());
    EXPECT_EQ(FirstOutOfOrder(batch), FirstOutOfOrder(KeysOf(batch)));
  }
}

}  // namespace
}  // namespace sleeper::columnar
