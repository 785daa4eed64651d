#include "sleeper/report/partition_rows.h"

#include <nlohmann/json.hpp>

#include "sleeper/model/key_codec.h"
#include "sleeper/report/key_json.h"

namespace sleeper::report {
namespace {

using nlohmann::ordered_json;

/// The bytes of the rows that a reference stands for, as a share of its file's.
int64_t ShareOf(const state::ReferenceCursor& at) {
  const model::FileRecord file = at.file().record;
  if (file.rows == 0) return 0;
  const double share = static_cast<double>(at.rows()) / static_cast<double>(file.rows);
  return static_cast<int64_t>(share * static_cast<double>(file.size_bytes));
}

Result<std::optional<model::KeyTuple>> BoundOf(const model::Schema& schema, const model::NormalisedKey& key) {
  TRY_ASSIGN(model::KeyTuple values, model::DecodeKeyPrefix(schema.row_key_fields(), key));
  return std::optional(std::move(values));
}

ordered_json BoundJson(const std::optional<model::KeyTuple>& bound) {
  if (!bound) return nullptr;
  ordered_json values = ordered_json::array();
  for (const model::KeyValue& value : *bound) values.push_back(KeyValueJson(value));
  return values;
}

}  // namespace

Result<std::vector<PartitionRow>> PartitionsOf(const state::TableState& state) {
  const model::Schema& schema = state.definition().schema;
  std::vector<PartitionRow> rows;
  rows.reserve(static_cast<size_t>(state.partitions().size()));
  // Both walks are in key order, and every reference lies inside one partition.
  state::ReferenceCursor at = state.References();
  for (auto leaf = state.partitions().Begin(); leaf.valid(); leaf.Next()) {
    const model::Partition partition = leaf.partition();
    PartitionRow row{.id = partition.id, .lower = {}, .upper = {}};
    if (!partition.interval.lower.empty()) {
      TRY_ASSIGN(row.lower, BoundOf(schema, partition.interval.lower));
    }
    if (partition.interval.upper) {
      TRY_ASSIGN(row.upper, BoundOf(schema, *partition.interval.upper));
    }
    for (; at.valid() && partition.interval.Contains(at.lower()); at.Next()) {
      ++row.files;
      row.rows += at.rows();
      row.rows_exact = row.rows_exact && at.reference().rows_exact;
      row.bytes += ShareOf(at);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

ordered_json PartitionsJson(const std::vector<PartitionRow>& partitions) {
  ordered_json array = ordered_json::array();
  for (const PartitionRow& row : partitions) {
    array.push_back({{"id", row.id.value()},
                     {"lower", BoundJson(row.lower)},
                     {"upper", BoundJson(row.upper)},
                     {"files", row.files},
                     {"rows", row.rows},
                     {"rowsExact", row.rows_exact},
                     {"bytes", row.bytes}});
  }
  return array;
}

}  // namespace sleeper::report
