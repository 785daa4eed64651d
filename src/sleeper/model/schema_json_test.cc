#include "sleeper/model/schema_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Status FaultOf(std::string_view text) { return ParseSchemaJson(text).status(); }

TEST(SchemaJson, ReadsAndWritesEveryType) {
  const std::string text =
      R"({"rowKeyFields":[{"name":"i","type":"IntType"},{"name":"l","type":"LongType"},)"
      R"({"name":"s","type":"StringType"}],)"
      R"("sortKeyFields":[{"name":"b","type":"ByteArrayType"},{"name":"d","type":"DateType"},)"
      R"({"name":"t","type":"TimestampType"}],)"
      R"("valueFields":[{"name":"o","type":"BooleanType"},{"name":"f","type":"FloatType","nullable":true},)"
      R"({"name":"x","type":"DoubleType"},{"name":"a",)"
      R"("type":{"ListType":{"elementType":"StringType"}},"nullable":true},)"
      R"({"name":"m","type":{"MapType":{"keyType":"StringType","valueType":"ByteArrayType"}}}]})";
  const Schema schema = ValueOf(ParseSchemaJson(text));
  EXPECT_EQ(WriteSchemaJson(schema), text);
  EXPECT_EQ(schema, ValueOf(Schema::Make({
                        .row_keys = {{"i", TypeKind::kInt}, {"l", TypeKind::kLong}, {"s", TypeKind::kString}},
                        .sort_keys = {{"b", TypeKind::kBytes}, {"d", TypeKind::kDate}, {"t", TypeKind::kTimestamp}},
                        .values = {{"o", TypeKind::kBoolean},
                                   {"f", TypeKind::kFloat, true},
                                   {"x", TypeKind::kDouble},
                                   {"a", Type::List(TypeKind::kString), true},
                                   {"m", Type::Map(TypeKind::kString, TypeKind::kBytes)}},
                    })));
}

TEST(SchemaJson, TakesAbsentListsAsEmptyAndWritesThem) {
  const Schema schema =
      ValueOf(ParseSchemaJson(R"( { "rowKeyFields" : [ {"type":"IntType", "name":"k", "nullable":false} ] } )"));
  EXPECT_EQ(WriteSchemaJson(schema),
            R"({"rowKeyFields":[{"name":"k","type":"IntType"}],"sortKeyFields":[],"valueFields":[]})");
}

TEST(SchemaJson, KeepsNamesThatNeedEscapes) {
  const std::string text =
      "{\"rowKeyFields\":[{\"name\":\"a\\\"b\\\\c\\n\\u0001é😀\",\"type\":\"IntType\"}],\"sortKeyFields\":[],"
      "\"valueFields\":[]}";
  const Schema schema = ValueOf(ParseSchemaJson(text));
  EXPECT_EQ(schema.field(0).name, "a\"b\\c\n\x01é😀");
  EXPECT_EQ(WriteSchemaJson(schema), text);
}

TEST(SchemaJson, SaysWhereTheTextStopsBeingJson) {
  EXPECT_THAT(FaultOf("{\"rowKeyFields\":\n  [oops]}"),
              Fails(ErrorKind::kInvalid, HasSubstr("schema: not JSON at line 2, column ")));
  EXPECT_THAT(FaultOf(""), Fails(ErrorKind::kInvalid, HasSubstr("not JSON at line 1, column 1")));
  EXPECT_THAT(FaultOf("{} x"), Fails(ErrorKind::kInvalid, HasSubstr("not JSON at line 1, column 4")));
  EXPECT_THAT(FaultOf("{\"a\":\"\xFF\"}"), Fails(ErrorKind::kInvalid, HasSubstr("not JSON at line 1")));
  EXPECT_THAT(FaultOf("[1e999]"), Fails(ErrorKind::kInvalid, HasSubstr("not JSON at line 1")));
}

TEST(SchemaJson, RefusesMembersThatAreNamedTwice) {
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":[],"rowKeyFields":[]})"),
              Fails(ErrorKind::kInvalid, "schema: JSON: a member is named twice: 'rowKeyFields'"));
}

TEST(SchemaJson, RefusesWhatIsNestedTooDeep) {
  EXPECT_THAT(FaultOf(std::string(100'000, '[')),
              Fails(ErrorKind::kInvalid, HasSubstr("nested deeper than 32 levels")));
}

TEST(SchemaJson, RefusesOtherDocuments) {
  EXPECT_THAT(FaultOf("[]"), Fails(ErrorKind::kInvalid, "schema: not a JSON object but array"));
  EXPECT_THAT(FaultOf("{}"), Fails(ErrorKind::kInvalid, "schema: there is no row key field"));
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":{}})"),
              Fails(ErrorKind::kInvalid, HasSubstr("rowKeyFields is a list of fields, not object")));
}

TEST(SchemaJson, RefusesUnknownTypesByName) {
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":[{"name":"k","type":"Integer"}]})"),
              Fails(ErrorKind::kInvalid,
                    AllOf(HasSubstr("rowKeyFields[0] ('k'): unknown type 'Integer'"), HasSubstr("IntType, LongType"))));
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":[{"name":"k","type":"ListType"}]})"),
              Fails(ErrorKind::kInvalid, HasSubstr("unknown type 'ListType'")));
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":[{"name":"k","type":{"SetType":{"elementType":"IntType"}}}]})"),
              Fails(ErrorKind::kInvalid, HasSubstr("unknown type {\"SetType\":")));
  EXPECT_THAT(FaultOf(R"({"rowKeyFields":[{"name":"k","type":7}]})"),
              Fails(ErrorKind::kInvalid, HasSubstr("unknown type 7")));
}

TEST(SchemaJson, RefusesNestedListsAndMaps) {
  const std::string before = R"({"rowKeyFields":[{"name":"k","type":"IntType"}],"valueFields":[{"name":"v","type":)";
  EXPECT_THAT(FaultOf(before + R"({"ListType":{"elementType":{"ListType":{"elementType":"IntType"}}}}}]})"),
              Fails(ErrorKind::kInvalid,
                    HasSubstr("valueFields[0] ('v'): the element type of a list is the name of a primitive")));
  EXPECT_THAT(
      FaultOf(before + R"({"MapType":{"keyType":"MapType","valueType":{"ListType":{"elementType":"IntType"}}}}}]})"),
      Fails(ErrorKind::kInvalid,
            AllOf(HasSubstr("unknown type 'MapType'"), HasSubstr("the value type of a map is the name"))));
  EXPECT_THAT(FaultOf(before + R"({"MapType":{"keyType":"IntType"}}}]})"),
              Fails(ErrorKind::kInvalid, HasSubstr("a map has keyType and valueType")));
  EXPECT_THAT(FaultOf(before + R"({"ListType":{"elementType":"IntType","size":3}}}]})"),
              Fails(ErrorKind::kInvalid, HasSubstr("unknown member 'size'")));
}

TEST(SchemaJson, ReportsAllFaultsAtOnce) {
  EXPECT_THAT(
      FaultOf(R"({"rowKeyFields":[{"name":"k","type":"IntType","nullable":true},{"name":"k2","typ":"IntType"},5],)"
              R"("valueFields":[{"type":"LongType"},{"name":"k","type":"LongType","nullable":"yes"}],"extra":1})"),
      Fails(ErrorKind::kInvalid,
            AllOf(HasSubstr("the schema: unknown member 'extra'"),
                  HasSubstr("rowKeyFields[1] ('k2'): unknown member 'typ'"),
                  HasSubstr("rowKeyFields[1] ('k2'): there is no type"),
                  HasSubstr("rowKeyFields[2]: a field is an object"), HasSubstr("valueFields[0]: there is no name"),
                  HasSubstr("nullable is true or false, not string"), HasSubstr("row key 'k' cannot be nullable"),
                  HasSubstr("more than once: 'k'"))));
}

}  // namespace
}  // namespace sleeper::model
