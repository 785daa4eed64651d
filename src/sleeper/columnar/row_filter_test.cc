#include "sleeper/columnar/row_filter.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::columnar {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

model::Region RegionOf(const model::Schema& schema, std::vector<model::Range> ranges) {
  return ValueOf(model::Region::Make(schema, std::move(ranges)));
}

TEST(RegionFilter, KeepsRowsInsideAnyRegionAndChecksEveryFieldOfIt) {
  const auto layout =
      LayoutOf(R"({"rowKeyFields": [{"name": "s", "type": "StringType"}, {"name": "n", "type": "IntType"}]})");
  const model::Schema& schema = layout->schema();
  const Batch batch = BatchOf(layout, {R"(["a","b","b","c"])", "[1,1,5,5]"});
  const auto range = [&](int column, model::KeyValue min, std::optional<model::KeyValue> max) {
    return ValueOf(model::Range::Make(schema.field(column), {.min = min, .max = max}));
  };
  const auto mask = [&](std::vector<model::Region> regions) {
    return ValueOf(RegionFilter::Make(*layout, regions)).Mask(batch);
  };
  EXPECT_THAT(mask({RegionOf(schema, {range(0, std::string("b"), std::nullopt), range(1, 2, 9)})}),
              ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(mask({RegionOf(schema, {range(0, std::string("b"), std::string("c"))})}), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(
      mask({RegionOf(schema, {range(0, std::string("a"), std::string("b"))}), RegionOf(schema, {range(1, 5, 6)})}),
      ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(mask({model::Region::All(schema)}), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(mask({}), ElementsAre(0, 0, 0, 0));
}

TEST(RegionFilter, NeedsTheFieldsThatItChecks) {
  const auto layout = ReferenceLayout();
  const std::vector<std::string> names = {"value"};
  const auto range = ValueOf(model::Range::Exact(layout->schema().field(0), std::string("a")));
  const std::vector<model::Region> regions = {RegionOf(layout->schema(), {range})};
  EXPECT_THAT(RegionFilter::Make(*ValueOf(layout->Select(names)), regions).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("key")));
}

TEST(RegionFilter, AgreesWithTheRegionItselfForRandomSchemas) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const model::Schema schema = model::RandomKeySchema(random);
    const auto layout = Layout::Of(schema);
    const Batch batch = RandomBatch(layout, 50, random);
    std::vector<model::Range> ranges;
    for (const model::Field& field : schema.row_key_fields()) {
      if (random.Below(3) == 0) continue;
      const auto range = model::Range::Make(field, {.min = model::RandomKeyValue(random, field.type.kind()),
                                                    .min_inclusive = random.Below(2) == 0,
                                                    .max = model::RandomKeyValue(random, field.type.kind()),
                                                    .max_inclusive = random.Below(2) == 0});
      if (range.ok()) ranges.push_back(*range);
    }
    const std::vector<model::Region> regions = {RegionOf(schema, ranges)};
    const RowMask mask = ValueOf(RegionFilter::Make(*layout, regions)).Mask(WithOffsets(batch));
    KeyColumn keys;
    ASSERT_TRUE(keys.Encode(batch).ok());
    for (int64_t row = 0; row < batch.rows(); ++row) {
      const model::KeyTuple tuple = ValueOf(model::DecodeKey(schema.key_fields(), keys.key(row)));
      EXPECT_EQ(mask[static_cast<size_t>(row)] == 1, regions.front().Contains(tuple))
          << TextOf(batch.Slice(row, 1)).front();
    }
  }
}

}  // namespace
}  // namespace sleeper::columnar
