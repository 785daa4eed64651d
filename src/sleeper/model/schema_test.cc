#include "sleeper/model/schema.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> NamesOf(std::span<const Field> fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

TEST(Schema, ListsFieldsInColumnOrder) {
  const Schema schema =
      ValueOf(Schema::Make({.row_keys = {{"origin", TypeKind::kString}, {"date", TypeKind::kTimestamp}},
                            .sort_keys = {{"destination", TypeKind::kString}},
                            .values = {{"delay", TypeKind::kLong, true}}}));
  EXPECT_THAT(NamesOf(schema.fields()), testing::ElementsAre("origin", "date", "destination", "delay"));
  EXPECT_THAT(NamesOf(schema.row_key_fields()), testing::ElementsAre("origin", "date"));
  EXPECT_THAT(NamesOf(schema.sort_key_fields()), testing::ElementsAre("destination"));
  EXPECT_THAT(NamesOf(schema.key_fields()), testing::ElementsAre("origin", "date", "destination"));
  EXPECT_THAT(NamesOf(schema.value_fields()), testing::ElementsAre("delay"));
  EXPECT_EQ(schema.key_count(), 3);
  EXPECT_TRUE(schema.IsRowKey(1));
  EXPECT_FALSE(schema.IsRowKey(2));
  EXPECT_TRUE(schema.IsKey(2));
  EXPECT_FALSE(schema.IsKey(3));
}

TEST(Schema, FindsFieldsByName) {
  const Schema schema = ValueOf(Schema::Make({.row_keys = {{"zebra", TypeKind::kInt}},
                                              .sort_keys = {{"ant", TypeKind::kInt}},
                                              .values = {{"bee", TypeKind::kInt}}}));
  EXPECT_EQ(schema.Find("zebra"), 0);
  EXPECT_EQ(schema.Find("ant"), 1);
  EXPECT_EQ(schema.Find("bee"), 2);
  EXPECT_EQ(schema.Find("Bee"), std::nullopt);
  EXPECT_EQ(schema.Find(""), std::nullopt);
  EXPECT_EQ(schema.Find("zebras"), std::nullopt);
}

TEST(Schema, EqualsOnlyTheSameFieldsInTheSameRoles) {
  const Field key{"k", TypeKind::kInt};
  const Field other{"o", TypeKind::kInt};
  const Schema schema = ValueOf(Schema::Make({.row_keys = {key}, .sort_keys = {other}}));
  EXPECT_EQ(schema, ValueOf(Schema::Make({.row_keys = {key}, .sort_keys = {other}})));
  EXPECT_NE(schema, ValueOf(Schema::Make({.row_keys = {key}, .values = {other}})));
  EXPECT_NE(schema, ValueOf(Schema::Make({.row_keys = {key, other}})));
  EXPECT_NE(schema, ValueOf(Schema::Make({.row_keys = {other}, .sort_keys = {key}})));
}

TEST(Schema, IsRefusedWithoutRowKey) {
  EXPECT_THAT(Schema::Make({.values = {{"v", TypeKind::kInt}}}).status(),
              Fails(ErrorKind::kInvalid, "schema: there is no row key field"));
}

TEST(Schema, RefusesNullableKeysButTakesNullableValues) {
  EXPECT_THAT(Schema::Make({.row_keys = {{"k", TypeKind::kInt, true}}}).status(),
              Fails(ErrorKind::kInvalid, "schema: row key 'k' cannot be nullable"));
  EXPECT_THAT(
      Schema::Make({.row_keys = {{"k", TypeKind::kInt}}, .sort_keys = {{"s", TypeKind::kString, true}}}).status(),
      Fails(ErrorKind::kInvalid, "schema: sort key 's' cannot be nullable"));
  EXPECT_TRUE(
      Schema::Make({.row_keys = {{"k", TypeKind::kInt}}, .values = {{"v", Type::List(TypeKind::kInt), true}}}).ok());
}

TEST(Schema, RefusesKeysThatHaveNoOrder) {
  for (const Type& type : {Type(TypeKind::kBoolean), Type(TypeKind::kFloat), Type(TypeKind::kDouble),
                           Type::List(TypeKind::kInt), Type::Map(TypeKind::kString, TypeKind::kInt)}) {
    EXPECT_THAT(Schema::Make({.row_keys = {{"k", type}}}).status(),
                Fails(ErrorKind::kInvalid, HasSubstr("row key 'k' cannot be of type " + type.ToString())));
    EXPECT_THAT(Schema::Make({.row_keys = {{"k", TypeKind::kInt}}, .sort_keys = {{"s", type}}}).status(),
                Fails(ErrorKind::kInvalid, HasSubstr("sort key 's' cannot be of type " + type.ToString())));
  }
}

TEST(Schema, NamesEachDuplicateOnce) {
  const Field a{"a", TypeKind::kInt};
  const Field b{"b", TypeKind::kInt};
  const Field c{"c", TypeKind::kInt};
  EXPECT_THAT(Schema::Make({.row_keys = {b, a}, .sort_keys = {a}, .values = {a, c, b}}).status(),
              Fails(ErrorKind::kInvalid, "schema: field names are used more than once: 'a', 'b'"));
}

TEST(Schema, ReportsAllFaultsAtOnce) {
  const Status status = Schema::Make({.row_keys = {{"", TypeKind::kInt}, {"k", TypeKind::kFloat, true}},
                                      .sort_keys = {{"\xFF", TypeKind::kInt}},
                                      .values = {{"k", TypeKind::kInt}}})
                            .status();
  EXPECT_THAT(status, Fails(ErrorKind::kInvalid,
                            AllOf(HasSubstr("5 faults: "), HasSubstr("empty name"), HasSubstr("'k' cannot be of type"),
                                  HasSubstr("'k' cannot be nullable"), HasSubstr("not UTF-8: '\\xff'"),
                                  HasSubstr("more than once: 'k'"), Not(HasSubstr("\n")))));
}

TEST(Schema, RefusesTooManyFieldsAndTooLongNames) {
  std::vector<Field> values;
  for (int i = 0; i < kFieldsMax; ++i) values.push_back({"v" + std::to_string(i), TypeKind::kInt});
  EXPECT_THAT(Schema::Make({.row_keys = {{"k", TypeKind::kInt}}, .values = values}).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("more than 10000 fields")));
  values.pop_back();
  EXPECT_TRUE(Schema::Make({.row_keys = {{"k", TypeKind::kInt}}, .values = values}).ok());
  EXPECT_THAT(Schema::Make({.row_keys = {{std::string(kFieldNameBytesMax + 1, 'x'), TypeKind::kInt}}}).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("more than 1024 bytes")));
  EXPECT_TRUE(Schema::Make({.row_keys = {{std::string(kFieldNameBytesMax, 'x'), TypeKind::kInt}}}).ok());
}

}  // namespace
}  // namespace sleeper::model
