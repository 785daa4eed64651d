#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/state/registry_state.h"
#include "sleeper/state/table_state.h"

namespace sleeper::report {

/// A table in figures. Value.
struct TableStatus {
  model::TableName table;
  model::TableId id;
  bool online = true;
  int64_t rows = 0;
  bool rows_exact = true;
  /// Files that have rows of the table, and their sizes.
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t partitions = 0;
  state::FilesPerPartition files_per_partition;
  model::LogNumber log_number = 0;
  int64_t unfinished_jobs = 0;
  /// Files that the table has no use for any more.
  int64_t unreferenced_files = 0;
  int64_t unreferenced_bytes = 0;
};

TableStatus StatusOf(const state::RegisteredTable& table, const state::TableState& state);

/// The form that scripts read.
nlohmann::ordered_json StatusJson(const TableStatus& status);

}  // namespace sleeper::report
