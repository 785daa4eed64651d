#include "sleeper/engine/footer_json.h"

#include <cmath>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sleeper/model/key_value.h"
#include "sleeper/report/key_json.h"

namespace sleeper::engine {
namespace {

using nlohmann::ordered_json;

template <typename T>
T ValueOf(const std::string& plain) {
  T value{};
  std::memcpy(&value, plain.data(), std::min(plain.size(), sizeof value));
  return value;
}

/// A float as JSON has it, or as text where JSON has none.
template <typename T>
ordered_json FloatJson(T value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(fmt::format("{}", value));
}

/// A bound of a field that is neither a list nor a map.
ordered_json BoundJson(model::TypeKind kind, const std::string& plain) {
  switch (kind) {
    case model::TypeKind::kInt:
      return ValueOf<int32_t>(plain);
    case model::TypeKind::kLong:
      return ValueOf<int64_t>(plain);
    case model::TypeKind::kBoolean:
      return ValueOf<uint8_t>(plain) != 0;
    case model::TypeKind::kFloat:
      return FloatJson(ValueOf<float>(plain));
    case model::TypeKind::kDouble:
      return FloatJson(ValueOf<double>(plain));
    case model::TypeKind::kDate:
      return report::KeyValueJson(model::Date{ValueOf<int32_t>(plain)});
    case model::TypeKind::kTimestamp:
      return report::KeyValueJson(model::Timestamp{ValueOf<int64_t>(plain)});
    case model::TypeKind::kString:
      return report::KeyValueJson(plain);
    default:
      return report::KeyValueJson(model::Bytes{plain});
  }
}

ordered_json ColumnJson(const file::ColumnChunkMetadata& chunk, const model::Schema& schema) {
  ordered_json json = {{"name", fmt::format("{}", fmt::join(chunk.path, "."))},
                       {"bytes", chunk.compressed_bytes},
                       {"uncompressedBytes", chunk.uncompressed_bytes},
                       {"values", chunk.values}};
  const auto field = schema.Find(chunk.path.front());
  if (chunk.statistics && field) {
    const file::ChunkStatistics& statistics = *chunk.statistics;
    const model::TypeKind kind = schema.field(*field).type.kind();
    json["nulls"] = statistics.nulls;
    if (statistics.min) json["min"] = BoundJson(kind, *statistics.min);
    if (statistics.max) json["max"] = BoundJson(kind, *statistics.max);
    if (statistics.min && !statistics.is_min_exact) json["minIsExact"] = false;
    if (statistics.max && !statistics.is_max_exact) json["maxIsExact"] = false;
  }
  json["pageIndex"] = chunk.column_index.size > 0;
  json["bloomFilterBytes"] = chunk.bloom_filter.size;
  return json;
}

}  // namespace

ordered_json RowGroupsJson(const file::ParquetMetadata& footer, const model::Schema& schema) {
  ordered_json row_groups = ordered_json::array();
  for (const file::RowGroupMetadata& row_group : footer.row_groups) {
    ordered_json columns = ordered_json::array();
    for (const file::ColumnChunkMetadata& chunk : row_group.columns) columns.push_back(ColumnJson(chunk, schema));
    row_groups.push_back({{"rows", row_group.rows}, {"columns", std::move(columns)}});
  }
  return row_groups;
}

}  // namespace sleeper::engine
