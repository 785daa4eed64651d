#include "sleeper/columnar/row_hasher.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::columnar {
namespace {

using model::RowHash;

RowHash HashOf(const Batch& batch) {
  RowHasher hasher(batch.shared_layout());
  hasher.Add(batch);
  return hasher.sum();
}

std::shared_ptr<const Layout> ValueLayout() {
  static const auto layout = LayoutOf(R"({
    "rowKeyFields": [{"name": "int", "type": "IntType"}],
    "valueFields": [
      {"name": "bytes", "type": "ByteArrayType", "nullable": true},
      {"name": "date", "type": "DateType", "nullable": true},
      {"name": "time", "type": "TimestampType", "nullable": true},
      {"name": "bool", "type": "BooleanType", "nullable": true},
      {"name": "float", "type": "FloatType", "nullable": true},
      {"name": "double", "type": "DoubleType", "nullable": true},
      {"name": "list", "type": {"ListType": {"elementType": "StringType"}}, "nullable": true},
      {"name": "map", "type": {"MapType": {"keyType": "StringType", "valueType": "LongType"}}, "nullable": true}]})");
  return layout;
}

/// The layout of one field of ValueLayout.
std::shared_ptr<const Layout> Only(const std::string& field) {
  const std::vector<std::string> names = {field};
  return model::ValueOf(ValueLayout()->Select(names));
}

Batch BatchOfArray(const std::string& field, arrow::ArrayBuilder& builder) {
  const auto array = model::ValueOf(builder.Finish());
  return Batch::Trusted(Only(field), arrow::RecordBatch::Make(Only(field)->arrow_schema(), array->length(), {array}));
}

/// The hash of one value of a field.
RowHash Of(const std::string& field, const std::string& json) {
  return HashOf(BatchOf(Only(field), {"[" + json + "]"}));
}

// The golden values come from tools/row_hash.py.

TEST(RowHash, OfReferenceRowsIsThatOfTheDefinition) {
  const Batch one = BatchOf(ReferenceLayout(), {R"(["abcdefghij"])", "[-1]", R"(["klmnopqrst"])", "[null]"});
  EXPECT_EQ(HashOf(one), (RowHash{0x82e5656208526004, 0x7519faf635d5aa0b}));

  const Batch three =
      BatchOf(ReferenceLayout(),
              {R"(["abcdefghij", "", "é"])", "[-1, 9223372036854775807, 0]",
               R"(["klmnopqrst", "seventeen letters", ")" + std::string(40, 'x') + "\"]", R"([null, "", "\u0000"])"});
  EXPECT_EQ(HashOf(three), (RowHash{0xf15392fa44fb89a7, 0x1f83c4a21461b4a5}));
}

TEST(RowHash, OfEveryTypeIsThatOfTheDefinition) {
  const auto layout = ValueLayout();
  // JSON cannot write the byte 0xFF; the first row's bytes are made by hand.
  const Batch rows =
      BatchOf(layout, {"[-5, 0, 1]", R"([null, null, null])", "[11353, null, null]", "[980942400000000, null, null]",
                       "[true, null, false]", "[1.5, null, NaN]", "[-0.0, NaN, 0.1]", R"([["a", null, ""], [], null])",
                       R"([[["x", 1], ["y", null]], [], [["y", null], ["x", 1]]])"});
  arrow::BinaryBuilder bytes;
  ASSERT_TRUE(bytes.Append(std::string_view("\0\xff", 2)).ok());
  ASSERT_TRUE(bytes.AppendNulls(2).ok());
  auto columns = rows.arrow()->columns();
  columns[1] = model::ValueOf(bytes.Finish());
  const Batch all = Batch::Trusted(layout, arrow::RecordBatch::Make(layout->arrow_schema(), 3, columns));
  EXPECT_EQ(HashOf(all.Slice(0, 1)), (RowHash{0x71e7d4f470418d38, 0xbdc42f78968f4dfc}));
  EXPECT_EQ(HashOf(all.Slice(1, 1)), (RowHash{0x7530417dc3a395fb, 0xd62867fc3164e74c}));
  EXPECT_EQ(HashOf(all.Slice(2, 1)), (RowHash{0x04f7caccbf8501b8, 0x4c1c14c0c7b7c13f}));
  EXPECT_EQ(HashOf(all), (RowHash{0xec0fe13ef36a24eb, 0xe008ac358fabf687}));
}

TEST(RowHash, OfNoRowsIsZero) { EXPECT_EQ(HashOf(ReferenceRows(0, 1)), RowHash()); }

TEST(RowHash, DoesNotDependOnOrderCutsOrOffsets) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    // More rows than are hashed at a time.
    const Batch batch = RandomBatch(LayoutOfAllTypes(), seed == 0 ? 2500 : 60, random);
    const RowHash expected = HashOf(batch);
    RowHash sum;
    for (const Batch& piece : CutIntoPieces(batch, 17)) sum += HashOf(piece);
    EXPECT_EQ(sum, expected);
    EXPECT_EQ(HashOf(WithOffsets(batch)), expected);
    if (seed > 0) {
      EXPECT_EQ(HashOf(SortedCopy({&batch, 1})), expected);
    }
  }
}

TEST(RowHash, DoesNotDependOnTheOrderOfColumns) {
  const Batch batch = ReferenceRows(100, 3);
  const std::vector<std::string> names = {"nullable", "value", "sort", "key"};
  EXPECT_EQ(HashOf(batch.Project(model::ValueOf(batch.layout().Select(names)))), HashOf(batch));
}

TEST(RowHash, SeesWhatIsLostDoubledChangedOrSwapped) {
  const auto hash = [](const std::string& keys, const std::string& sorts, const std::string& values) {
    return HashOf(BatchOf(ReferenceLayout(), {keys, sorts, values, values}));
  };
  const RowHash rows = hash(R"(["a","b"])", "[1,2]", R"(["x","y"])");
  EXPECT_NE(hash(R"(["a"])", "[1]", R"(["x"])"), rows);
  EXPECT_NE(hash(R"(["a","b","b"])", "[1,2,2]", R"(["x","y","y"])"), rows);
  EXPECT_NE(hash(R"(["a","b"])", "[1,3]", R"(["x","y"])"), rows);
  // Values that change rows, within a column and all of a column's.
  EXPECT_NE(hash(R"(["a","b"])", "[2,1]", R"(["x","y"])"), rows);
  EXPECT_NE(hash(R"(["a","b"])", "[1,2]", R"(["y","x"])"), rows);
  // Values that change columns.
  const auto swapped = [](const std::string& value, const std::string& nullable) {
    return HashOf(BatchOf(ReferenceLayout(), {R"(["a"])", "[1]", value, nullable}));
  };
  EXPECT_NE(swapped(R"(["x"])", R"(["y"])"), swapped(R"(["y"])", R"(["x"])"));
}

TEST(RowHash, TellsNullFromEmpty) {
  for (const char* field : {"list", "map"}) EXPECT_NE(Of(field, "null"), Of(field, "[]")) << field;
  EXPECT_NE(Of("bytes", "null"), Of("bytes", "\"\""));
  EXPECT_NE(Of("list", "[null]"), Of("list", "[]"));
  EXPECT_NE(Of("list", "[null]"), Of("list", "[\"\"]"));
  EXPECT_NE(Of("map", R"([["x", null]])"), Of("map", R"([["x", 0]])"));
  EXPECT_NE(Of("bool", "null"), Of("bool", "false"));
}

TEST(RowHash, AFieldThatIsNotThereIsAsGoodAsNull) {
  const std::vector<std::string> names = {"key", "sort", "value"};
  const Batch with = BatchOf(ReferenceLayout(), {R"(["a"])", "[1]", R"(["x"])", "[null]"});
  EXPECT_EQ(HashOf(with.Project(model::ValueOf(with.layout().Select(names)))), HashOf(with));
}

TEST(RowHash, KeepsTheOrderOfListsAndNotThatOfMaps) {
  EXPECT_NE(Of("list", R"(["a","b"])"), Of("list", R"(["b","a"])"));
  EXPECT_NE(Of("list", R"(["ab"])"), Of("list", R"(["a","b"])"));
  EXPECT_EQ(Of("map", R"([["a",1],["b",2]])"), Of("map", R"([["b",2],["a",1]])"));
  EXPECT_NE(Of("map", R"([["a",1],["b",2]])"), Of("map", R"([["a",2],["b",1]])"));
}

TEST(RowHash, BothZerosAndAllNansAreOneEach) {
  EXPECT_EQ(Of("double", "0.0"), Of("double", "-0.0"));
  EXPECT_EQ(Of("float", "0.0"), Of("float", "-0.0"));
  const auto nan = [](uint64_t bits) {
    arrow::DoubleBuilder builder;
    SLEEPER_CHECK(builder.Append(std::bit_cast<double>(bits)).ok(), "no memory");
    return HashOf(BatchOfArray("double", builder));
  };
  EXPECT_EQ(nan(0x7FF8000000000000), nan(0xFFF0000000000001));
  EXPECT_NE(nan(0x7FF8000000000000), nan(0x7FF0000000000000));
}

TEST(RowHash, StringsOfNearbyLengthsAndTrailingZerosDiffer) {
  std::vector<uint64_t> seen;
  for (size_t length = 0; length < 70; ++length) {
    for (const char fill : {'a', '\0'}) {
      if (length == 0 && fill == '\0') continue;
      arrow::BinaryBuilder builder;
      SLEEPER_CHECK(builder.Append(std::string(length, fill)).ok(), "no memory");
      seen.push_back(HashOf(BatchOfArray("bytes", builder)).low);
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

}  // namespace
}  // namespace sleeper::columnar
