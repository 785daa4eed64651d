#include "sleeper/columnar/batch.h"

#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/arrow_buffer.h"
#include "sleeper/columnar/arrow_types.h"
#include "sleeper/columnar/row_filter.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::columnar {
namespace {

using model::Fails;
using model::TypeKind;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<arrow::Array> Json(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return ValueOf(arrow::json::ArrayFromJSONString(type, json));
}

TEST(ArrowTypes, EveryTypeComesBack) {
  std::vector<model::Type> types;
  for (int kind = 0; kind <= static_cast<int>(TypeKind::kDouble); ++kind) {
    const auto primitive = static_cast<TypeKind>(kind);
    types.emplace_back(primitive);
    types.push_back(model::Type::List(primitive));
    types.push_back(model::Type::Map(primitive, TypeKind::kFloat));
    types.push_back(model::Type::Map(TypeKind::kString, primitive));
  }
  for (const model::Type& type : types) EXPECT_EQ(ValueOf(FromArrow(*ToArrow(type))), type);
}

TEST(ArrowTypes, OthersAreRefusedByName) {
  for (const auto& type :
       {arrow::int16(), arrow::uint64(), arrow::large_utf8(), arrow::timestamp(arrow::TimeUnit::MICRO),
        arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), arrow::list(arrow::list(arrow::int32())),
        arrow::map(arrow::utf8(), arrow::int8()), arrow::null()}) {
    EXPECT_THAT(FromArrow(*type).status(), Fails(ErrorKind::kInvalid, HasSubstr(type->ToString())));
  }
}

TEST(ArrowBuffer, SharesTheBytesBothWays) {
  const Buffer ours = Buffer::FromString("some bytes");
  const auto arrows = ToArrow(ours);
  EXPECT_EQ(arrows->data(), ours.data());
  EXPECT_EQ(arrows->size(), ours.size());
  EXPECT_EQ(FromArrow(arrows).data(), ours.data());
  EXPECT_TRUE(FromArrow(nullptr).empty());
}

TEST(Batch, FromOutsideIsChecked) {
  const auto layout = LayoutOf(R"({"rowKeyFields": [{"name": "k", "type": "StringType"}],
                                   "valueFields": [{"name": "v", "type": "IntType", "nullable": true}]})");
  const auto make = [&](std::vector<std::shared_ptr<arrow::Array>> columns) {
    const int64_t rows = columns.front()->length();
    arrow::FieldVector fields;
    for (const auto& column : columns) fields.push_back(arrow::field("x", column->type()));
    return Batch::Make(layout, arrow::RecordBatch::Make(arrow::schema(fields), rows, std::move(columns))).status();
  };
  EXPECT_TRUE(make({Json(arrow::utf8(), R"(["a"])"), Json(arrow::int32(), "[null]")}).ok());
  EXPECT_THAT(make({Json(arrow::utf8(), R"(["a"])")}), Fails(ErrorKind::kInvalid, HasSubstr("number of columns")));
  EXPECT_THAT(make({Json(arrow::utf8(), R"(["a"])"), Json(arrow::int64(), "[1]")}),
              Fails(ErrorKind::kInvalid, HasSubstr("field v is IntType, the column int64")));
  EXPECT_THAT(make({Json(arrow::utf8(), R"(["a","b",null])"), Json(arrow::int32(), "[1,2,3]")}),
              Fails(ErrorKind::kInvalid, HasSubstr("field k, row 2")));

  arrow::StringBuilder broken;
  ASSERT_TRUE(broken.Append("\xC3").ok());
  EXPECT_THAT(make({ValueOf(broken.Finish()), Json(arrow::int32(), "[1]")}),
              Fails(ErrorKind::kInvalid, HasSubstr("field k")));
}

TEST(Batch, SlicesAndProjectsWithoutCopying) {
  const Batch batch =
      BatchOf(ReferenceLayout(), {R"(["a","b","c"])", "[1,2,3]", R"(["x","y","z"])", R"([null,"n","m"])"});
  EXPECT_THAT(TextOf(batch.Slice(1, 2)), ElementsAre("(b, 2, y, n)", "(c, 3, z, m)"));
  const std::vector<std::string> names = {"nullable", "key"};
  const auto layout = ValueOf(batch.layout().Select(names));
  EXPECT_THAT(TextOf(batch.Project(layout).Slice(0, 2)), ElementsAre("(null, a)", "(n, b)"));
  EXPECT_EQ(batch.Project(layout).column(1)->data()->buffers[2]->data(), batch.column(0)->data()->buffers[2]->data());
}

TEST(Batch, TheBytesOfASliceAreItsShare) {
  const Batch batch = ReferenceRows(1000, 1);
  EXPECT_GT(batch.bytes(), 1000 * 38);
  EXPECT_LT(batch.Slice(100, 10).bytes(), 1000);
}

TEST(Layout, SelectsFieldsInTheOrderAskedFor) {
  const auto whole = ReferenceLayout();
  EXPECT_TRUE(whole->is_whole());
  EXPECT_TRUE(whole->has_keys());
  EXPECT_THAT(whole->key_columns(), ElementsAre(0, 1));
  EXPECT_THAT(whole->row_key_columns(), ElementsAre(0));

  const std::vector<std::string> names = {"value", "key"};
  const auto some = ValueOf(whole->Select(names));
  EXPECT_EQ(some->columns(), 2);
  EXPECT_EQ(some->field(0).name, "value");
  EXPECT_EQ(some->Find("key"), 1);
  EXPECT_EQ(some->Find("sort"), std::nullopt);
  EXPECT_EQ(some->Find("nothing"), std::nullopt);
  EXPECT_FALSE(some->is_whole());
  EXPECT_FALSE(some->has_keys());
  EXPECT_THAT(some->row_key_columns(), ElementsAre(1));
  EXPECT_THAT(some->WithKeys()->key_columns(), ElementsAre(1, 2));
  EXPECT_EQ(*some->WithRowKeys(), *some);
  EXPECT_FALSE(*some == *whole);

  const auto select = [&](std::vector<std::string> wanted) { return whole->Select(wanted).status(); };
  EXPECT_THAT(select({}), Fails(ErrorKind::kInvalid, HasSubstr("no field")));
  EXPECT_THAT(select({"key", "kye"}), Fails(ErrorKind::kInvalid, HasSubstr("kye")));
  EXPECT_THAT(select({"key", "value", "key"}), Fails(ErrorKind::kInvalid, HasSubstr("twice: key")));
}

TEST(RowFilter, KeepsRowsOfAllBlocksOfTheMask) {
  const Batch batch = BatchOf(ReferenceLayout(),
                              {R"(["a","b","c","d"])", "[1,2,3,4]", R"(["w","x","y","z"])", R"([null,"n","m",null])"});
  const auto kept = [&](const RowMask& mask) { return TextOf(ValueOf(Keep(batch, mask))); };
  EXPECT_TRUE(kept({0, 0, 0, 0}).empty());
  EXPECT_EQ(kept({1, 1, 1, 1}), TextOf(batch));
  EXPECT_THAT(kept({0, 1, 1, 0}), ElementsAre("(b, 2, x, n)", "(c, 3, y, m)"));
  EXPECT_THAT(kept({1, 0, 0, 1}), ElementsAre("(a, 1, w, null)", "(d, 4, z, null)"));
}

}  // namespace
}  // namespace sleeper::columnar
