#include "sleeper/model/region_json.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::model {
namespace {

using std::string_literals::operator""s;
using testing::AllOf;
using testing::HasSubstr;

Region Parsed(const Schema& schema, std::string_view text) { return ValueOf(ParseRegionJson(schema, text)); }

Status FaultOf(const Schema& schema, std::string_view text) { return ParseRegionJson(schema, text).status(); }

Region OneRange(const Schema& schema, RangeBounds bounds) {
  return ValueOf(Region::Make(schema, {ValueOf(Range::Make(schema.field(0), std::move(bounds)))}));
}

TEST(RegionJson, TakesStringsAsBase64UnlessItSaysOtherwise) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString});
  const Region region = OneRange(schema, {.min = "abc"s, .max = "abd"s});
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":"YWJj","max":"YWJk"}})"), region);
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":"YWJj","max":"YWJk"},"stringsBase64Encoded":true})"), region);
  EXPECT_EQ(Parsed(schema, R"({"stringsBase64Encoded":false,"k0":{"min":"abc","max":"abd"}})"), region);
}

TEST(RegionJson, HintsAtTheFlagWhenAPlainStringIsNotBase64) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString});
  const Status status = FaultOf(schema, R"({"k0":{"min":"abc"}})");
  EXPECT_THAT(status, Fails(ErrorKind::kInvalid, HasSubstr("field 'k0': range: min: ")));
  EXPECT_THAT(HintOf(status), HasSubstr("\"stringsBase64Encoded\": false"));
  // A plain string may happen to be base64: then it is taken as such.
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":"YWJj"}})"), OneRange(schema, {.min = "abc"s}));
}

TEST(RegionJson, HasDefaultsForTheInclusiveFlags) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt});
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":1,"max":5}})"), OneRange(schema, {.min = 1, .max = 5}));
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":1,"minInclusive":false,"max":5,"maxInclusive":true}})"),
            OneRange(schema, {.min = 2, .max = 6}));
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":1,"max":null}})"), OneRange(schema, {.min = 1}));
  EXPECT_EQ(Parsed(schema, R"({"k0":{"min":1,"max":null,"maxInclusive":true}})"), OneRange(schema, {.min = 1}));
  EXPECT_EQ(Parsed(schema, "{}"), Region::All(schema));
}

TEST(RegionJson, ReadsBytesDatesAndTimestamps) {
  const Schema bytes = SchemaOfRowKeys({TypeKind::kBytes});
  EXPECT_EQ(Parsed(bytes, R"({"k0":{"min":"AP8=","max":"/w=="},"stringsBase64Encoded":false})"),
            OneRange(bytes, {.min = Bytes{"\0\xFF"s}, .max = Bytes{"\xFF"}}));
  const Schema dates = SchemaOfRowKeys({TypeKind::kDate});
  EXPECT_EQ(Parsed(dates, R"({"k0":{"min":"1970-01-02"}})"), OneRange(dates, {.min = Date{1}}));
  const Schema times = SchemaOfRowKeys({TypeKind::kTimestamp});
  EXPECT_EQ(Parsed(times, R"({"k0":{"min":"1970-01-01T00:00:01Z"}})"), OneRange(times, {.min = Timestamp{1'000'000}}));
}

TEST(RegionJson, WritesStringsAsBase64AndTheCanonicalForm) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kString, TypeKind::kLong, TypeKind::kDate});
  const Region region =
      Parsed(schema, R"({"k0":{"min":"a","max":"b","maxInclusive":true},"k1":{"min":-5},"k2":{"min":"1970-01-02",)"
                     R"("max":"1970-01-03"},"stringsBase64Encoded":false})");
  EXPECT_EQ(WriteRegionJson(region),
            R"({"k0":{"min":"YQ==","minInclusive":true,"max":"YgA=","maxInclusive":false},)"
            R"("k1":{"min":-5,"minInclusive":true,"max":null,"maxInclusive":false},)"
            R"("k2":{"min":"1970-01-02","minInclusive":true,"max":"1970-01-03","maxInclusive":false},)"
            R"("stringsBase64Encoded":true})");
}

TEST(RegionJson, ReadsWhatItWrites) {
  const uint64_t seed = 41;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int i = 0; i < 150; ++i) {
    const Schema schema = RandomKeySchema(random);
    std::vector<Range> ranges;
    for (const Field& field : schema.row_key_fields()) {
      KeyValue min = RandomKeyValue(random, field.type.kind());
      KeyValue max = RandomKeyValue(random, field.type.kind());
      if (max < min) std::swap(min, max);
      if (random.Below(3) == 0) continue;
      RangeBounds bounds{
          .min = min, .min_inclusive = random.Below(2) == 0, .max = max, .max_inclusive = random.Below(2) == 0};
      if (random.Below(4) == 0) bounds.max = std::nullopt;
      ranges.push_back(ValueOf(Range::Make(field, bounds)));
    }
    const Region region = ValueOf(Region::Make(schema, ranges));
    EXPECT_EQ(Parsed(schema, WriteRegionJson(region)), region) << WriteRegionJson(region);
  }
}

TEST(RegionJson, RefusesFieldsThatAreNoRowKeys) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt});
  EXPECT_THAT(FaultOf(schema, R"({"v":{"min":1}})"),
              Fails(ErrorKind::kInvalid, "region: 'v' is not a row key field of the table"));
}

TEST(RegionJson, RefusesTwoRangesForOneField) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt});
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"min":1},"k0":{"min":2}})"),
              Fails(ErrorKind::kInvalid, HasSubstr("named twice: 'k0'")));
}

TEST(RegionJson, RefusesRangesWithoutMinimum) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt});
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"max":1}})"),
              Fails(ErrorKind::kInvalid, "region: field 'k0': range: there is no min"));
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"min":null}})"), Fails(ErrorKind::kInvalid, HasSubstr("there is no min")));
}

TEST(RegionJson, RefusesNumbersThatDoNotFit) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kLong});
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"min":2147483648}})"), Fails(ErrorKind::kInvalid, HasSubstr("does not fit")));
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"min":-2147483649}})"), Fails(ErrorKind::kInvalid, HasSubstr("does not fit")));
  EXPECT_THAT(FaultOf(schema, R"({"k0":{"min":18446744073709551615}})"),
              Fails(ErrorKind::kInvalid, HasSubstr("does not fit")));
  EXPECT_THAT(FaultOf(schema, R"({"k1":{"min":9223372036854775808}})"),
              Fails(ErrorKind::kInvalid, HasSubstr("does not fit")));
  EXPECT_THAT(FaultOf(schema, R"({"k1":{"min":1.0}})"), Fails(ErrorKind::kInvalid, HasSubstr("not an integer: 1.0")));
  EXPECT_THAT(FaultOf(schema, R"({"k1":{"min":"1"}})"), Fails(ErrorKind::kInvalid, HasSubstr("not an integer: \"1\"")));
  const Region region =
      Parsed(schema, R"({"k0":{"min":-2147483648,"max":2147483647},"k1":{"min":-9223372036854775808}})");
  EXPECT_EQ(region.RangeOf(0)->lower(), LeastValue(TypeKind::kInt));
  EXPECT_EQ(region.RangeOf(0)->upper(), GreatestValue(TypeKind::kInt));
  EXPECT_EQ(region.RangeOf(1)->lower(), LeastValue(TypeKind::kLong));
}

TEST(RegionJson, ReportsAllFaultsAtOnce) {
  const Schema schema = SchemaOfRowKeys({TypeKind::kInt, TypeKind::kString, TypeKind::kDate, TypeKind::kInt});
  EXPECT_THAT(
      FaultOf(schema, R"({"k0":{"min":5,"max":4},"k1":{"min":"a","mxa":"b"},"k2":{"min":5,"minInclusive":1},"k3":7,)"
                      R"("x":{},"stringsBase64Encoded":"no"})"),
      Fails(ErrorKind::kInvalid,
            AllOf(HasSubstr("field 'k0': field 'k0': the range is inverted"), HasSubstr("unknown member 'mxa'"),
                  HasSubstr("minInclusive is true or false"), HasSubstr("min: not a string: 5"),
                  HasSubstr("a range is an object with min and max, not number"),
                  HasSubstr("'x' is not a row key field"), HasSubstr("stringsBase64Encoded is true or false"))));
}

}  // namespace
}  // namespace sleeper::model
