#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/base/status.h"
#include "sleeper/model/key_value.h"
#include "sleeper/state/table_state.h"

namespace sleeper::report {

/// A partition in figures. Value.
struct PartitionRow {
  model::PartitionId id;
  /// Nothing: no bound on this side. Otherwise leading row-key values.
  std::optional<model::KeyTuple> lower;
  std::optional<model::KeyTuple> upper;
  int64_t files = 0;
  int64_t rows = 0;
  bool rows_exact = true;
  /// Of its files; a file that several partitions share counts here by its rows.
  int64_t bytes = 0;
};

/// All partitions in key order. kCorrupt if a boundary is no key of the table's schema.
Result<std::vector<PartitionRow>> PartitionsOf(const state::TableState& state);

/// The form that scripts read: an array.
nlohmann::ordered_json PartitionsJson(const std::vector<PartitionRow>& partitions);

}  // namespace sleeper::report
