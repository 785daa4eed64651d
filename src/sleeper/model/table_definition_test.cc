#include "sleeper/model/table_definition.h"

#include <gtest/gtest.h>

#include "sleeper/model/schema_json.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

TableDefinition Flights() {
  return {.schema = ValueOf(ParseSchemaJson(R"({"rowKeyFields":[{"name":"origin","type":"StringType"}],)"
                                            R"("valueFields":[{"name":"delay","type":"LongType","nullable":true}]})"))};
}

// This text is in logs and files: it may never change for the same definition.
TEST(ShapeHash, IsTheSameForEver) { EXPECT_EQ(Flights().ShapeHash(), "3546998be8a3abf8649e36ef1e2d5d1c"); }

TEST(ShapeHash, IgnoresWhatDoesNotShapeRows) {
  TableDefinition other = Flights();
  other.version = 2;
  other.properties["gc.delay.minutes"] = "1";
  other.properties["filters"] = "";
  EXPECT_EQ(other.ShapeHash(), Flights().ShapeHash());
}

TEST(ShapeHash, ChangesWithSchemaFiltersAndAggregations) {
  TableDefinition filtered = Flights();
  filtered.properties["filters"] = "x";
  TableDefinition aggregated = Flights();
  aggregated.properties["aggregations"] = "x";
  TableDefinition other = Flights();
  other.schema = ValueOf(ParseSchemaJson(R"({"rowKeyFields":[{"name":"origin","type":"StringType"}],)"
                                         R"("valueFields":[{"name":"delay","type":"LongType"}]})"));
  EXPECT_NE(filtered.ShapeHash(), Flights().ShapeHash());
  EXPECT_NE(aggregated.ShapeHash(), Flights().ShapeHash());
  EXPECT_NE(aggregated.ShapeHash(), filtered.ShapeHash());
  EXPECT_NE(other.ShapeHash(), Flights().ShapeHash());
}

}  // namespace
}  // namespace sleeper::model
