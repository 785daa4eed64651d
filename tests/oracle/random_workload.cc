#include "tests/oracle/random_workload.h"

#include <algorithm>
#include <utility>

#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::oracle {
namespace {

using model::TypeKind;
using model::ValueOf;

constexpr int kPrimitives = static_cast<int>(TypeKind::kDouble) + 1;

bool OneIn(Random& random, uint64_t count) { return random.Below(count) == 0; }

TypeKind RandomPrimitive(Random& random) { return static_cast<TypeKind>(random.Below(kPrimitives)); }

model::Type RandomValueType(Random& random) {
  switch (random.Below(6)) {
    case 0:
      return model::Type::List(RandomPrimitive(random));
    case 1:
      return model::Type::Map(RandomPrimitive(random), RandomPrimitive(random));
    default:
      return RandomPrimitive(random);
  }
}

TypeKind RandomKeyKind(Random& random) { return model::KeyKinds()[random.Below(model::KeyKinds().size())]; }

/// The value of a row that is there, or any other one.
model::KeyValue RandomValue(Random& random, const ExpectedTable& expected, int column) {
  if (expected.size() > 0 && !OneIn(random, 3)) {
    return expected.rows()[random.Below(expected.rows().size())].key[static_cast<size_t>(column)];
  }
  return model::RandomKeyValue(random, expected.schema().field(column).type.kind());
}

model::KeyTuple RandomRowKey(Random& random, const ExpectedTable& expected) {
  const auto count = static_cast<size_t>(expected.schema().row_key_count());
  if (expected.size() > 0 && !OneIn(random, 4)) {
    model::KeyTuple key = expected.rows()[random.Below(expected.rows().size())].key;
    key.resize(count);
    return key;
  }
  model::KeyTuple key;
  for (size_t column = 0; column < count; ++column) {
    key.push_back(RandomValue(random, expected, static_cast<int>(column)));
  }
  return key;
}

Bounds ExactBounds(int column, model::KeyValue value) {
  return {.column = column, .min = value, .min_inclusive = true, .max = value, .max_inclusive = true};
}

Bounds RandomBounds(Random& random, const ExpectedTable& expected, int column) {
  if (OneIn(random, 3)) return ExactBounds(column, RandomValue(random, expected, column));
  Bounds bounds{.column = column};
  if (!OneIn(random, 4)) bounds.min = RandomValue(random, expected, column);
  if (!OneIn(random, 4)) bounds.max = RandomValue(random, expected, column);
  if (bounds.min && bounds.max && model::ComesBefore({*bounds.max}, {*bounds.min})) std::swap(bounds.min, bounds.max);
  // Open sides are inclusive: what is excluded needs a value.
  bounds.min_inclusive = !bounds.min || OneIn(random, 2);
  bounds.max_inclusive = bounds.max && OneIn(random, 2);
  return bounds;
}

std::vector<Bounds> RandomRegion(Random& random, const ExpectedTable& expected) {
  const int columns = expected.schema().row_key_count();
  std::vector<Bounds> region;
  if (OneIn(random, 3)) {
    // Exact values of leading fields, and perhaps a range behind them.
    const model::KeyTuple key = RandomRowKey(random, expected);
    const int exact = static_cast<int>(random.Below(static_cast<uint64_t>(columns) + 1));
    for (int column = 0; column < exact; ++column)
      region.push_back(ExactBounds(column, key[static_cast<size_t>(column)]));
    if (exact < columns) region.push_back(RandomBounds(random, expected, exact));
    return region;
  }
  for (int column = 0; column < columns; ++column) {
    if (!OneIn(random, 3)) region.push_back(RandomBounds(random, expected, column));
  }
  return region;
}

model::Range RangeOf(const Bounds& bounds, const model::Schema& schema) {
  const model::Field& field = schema.field(bounds.column);
  return ValueOf(model::Range::Make(field, {.min = bounds.min.value_or(model::LeastValue(field.type.kind())),
                                            .min_inclusive = bounds.min_inclusive,
                                            .max = bounds.max,
                                            .max_inclusive = bounds.max_inclusive}));
}

}  // namespace

model::Schema RandomSchema(Random& random) {
  model::SchemaFields fields;
  for (uint64_t i = 1 + random.Below(3); i > 0; --i) {
    fields.row_keys.push_back({"row" + std::to_string(i), RandomKeyKind(random)});
  }
  for (uint64_t i = random.Below(3); i > 0; --i) {
    fields.sort_keys.push_back({"sort" + std::to_string(i), RandomKeyKind(random)});
  }
  for (uint64_t i = random.Below(5); i > 0; --i) {
    fields.values.push_back({"value" + std::to_string(i), RandomValueType(random), OneIn(random, 2)});
  }
  return ValueOf(model::Schema::Make(std::move(fields)));
}

model::Properties RandomProperties(Random& random) {
  constexpr const char* kStrategies[] = {"one_reference_per_leaf", "one_file_per_leaf"};
  constexpr const char* kCompactions[] = {"BasicCompactionStrategy", "SizeRatioCompactionStrategy"};
  constexpr const char* kCodecs[] = {"zstd", "uncompressed", "snappy", "lz4"};
  constexpr const char* kEncodings[] = {"auto", "plain", "delta", "dictionary"};
  const auto one_of = [&](const auto& choices) { return std::string(choices[random.Below(std::size(choices))]); };
  return ValueOf(model::Properties::Make({
      {"ingest.file.writing.strategy", one_of(kStrategies)},
      {"compaction.strategy.class", one_of(kCompactions)},
      {"compaction.files.batch.size", std::to_string(2 + random.Below(4))},
      {"compaction.strategy.sizeratio.ratio", std::to_string(1 + random.Below(3))},
      {"parquet.rowgroup.rows.max", std::to_string(1 + random.Below(200))},
      {"parquet.page.size", "1K"},
      {"parquet.compression.codec", one_of(kCodecs)},
      {"parquet.encoding.rowkey.fields", one_of(kEncodings)},
      {"parquet.encoding.value.fields", one_of(kEncodings)},
  }));
}

std::vector<model::NormalisedKey> RandomSplitPoints(Random& random, const ExpectedTable& expected) {
  std::vector<model::NormalisedKey> points;
  for (uint64_t i = random.Below(6); i > 0; --i) {
    model::KeyTuple key = RandomRowKey(random, expected);
    key.resize(1 + random.Below(key.size()));
    points.push_back(model::EncodeKey(key));
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

Wanted RandomWanted(Random& random, const ExpectedTable& expected) {
  Wanted wanted;
  if (!OneIn(random, 8)) {
    if (OneIn(random, 4)) {
      for (uint64_t i = 1 + random.Below(30); i > 0; --i) wanted.keys.push_back(RandomRowKey(random, expected));
    }
    if (wanted.keys.empty() || OneIn(random, 3)) {
      const uint64_t regions = OneIn(random, 2) ? 1 : 1 + random.Below(8);
      for (uint64_t i = 0; i < regions; ++i) wanted.regions.push_back(RandomRegion(random, expected));
    }
    if (OneIn(random, 30)) wanted = {.nothing = true};
  }
  if (OneIn(random, 3)) {
    std::vector<int> columns(static_cast<size_t>(expected.schema().field_count()));
    for (size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<int>(i);
    for (size_t i = columns.size(); i > 1; --i) std::swap(columns[i - 1], columns[random.Below(i)]);
    columns.resize(1 + random.Below(columns.size()));
    wanted.select = std::move(columns);
  }
  if (OneIn(random, 4)) wanted.limit = static_cast<int64_t>(random.Below(OneIn(random, 2) ? 10 : 500));
  return wanted;
}

query::QueryRequest RequestOf(const Wanted& wanted, const model::Schema& schema) {
  query::QueryRequest request;
  request.nothing = wanted.nothing;
  request.limit = wanted.limit;
  for (const std::vector<Bounds>& region : wanted.regions) {
    std::vector<model::Range> ranges;
    for (const Bounds& bounds : region) ranges.push_back(RangeOf(bounds, schema));
    request.regions.push_back(ValueOf(model::Region::Make(schema, std::move(ranges))));
  }
  for (const model::KeyTuple& key : wanted.keys) request.keys.push_back(model::EncodeKey(key));
  for (const int column : wanted.select) request.select.push_back(schema.field(column).name);
  return request;
}

}  // namespace sleeper::oracle
