#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/model/key_query.h"
#include "sleeper/model/region_json.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::model {
namespace {

Schema SchemaOfAllKeyTypes() {
  Result<Schema> schema = ParseSchemaJson(
      R"({"rowKeyFields":[{"name":"i","type":"IntType"},{"name":"l","type":"LongType"},)"
      R"({"name":"s","type":"StringType"},{"name":"b","type":"ByteArrayType"},{"name":"d","type":"DateType"},)"
      R"({"name":"t","type":"TimestampType"}],"valueFields":[{"name":"v","type":"LongType"}]})");
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return std::move(schema).ValueUnsafe();
}

}  // namespace
}  // namespace sleeper::model

// The input is a region as JSON. What is read is written and read again as the same, and its intervals are in order.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::model;
  static const Schema schema = SchemaOfAllKeyTypes();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Region> region = ParseRegionJson(schema, text);
  if (!region.ok()) {
    SLEEPER_CHECK(IsKind(region.status(), ErrorKind::kInvalid), region.status().ToString());
    return 0;
  }
  const std::string written = WriteRegionJson(*region);
  const Result<Region> again = ParseRegionJson(schema, written);
  SLEEPER_CHECK(again.ok() && *again == *region, "another region is read than was written: ", written);
  (void)region->ToString();

  const std::vector<KeyInterval> intervals = IntervalsOf(*region);
  SLEEPER_CHECK(intervals.size() <= kIntervalsOfRegionMax, intervals.size(), " intervals of ", written);
  SLEEPER_CHECK(intervals.empty() == region->empty(), "intervals of ", written);
  SLEEPER_CHECK(UnionOf(intervals).size() <= intervals.size(), "intervals of ", written);
  for (size_t i = 1; i < intervals.size(); ++i) {
    SLEEPER_CHECK(intervals[i - 1].upper && *intervals[i - 1].upper <= intervals[i].lower, "intervals of ", written);
  }
  return 0;
}
