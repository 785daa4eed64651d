#include "sleeper/report/table_status.h"

#include <nlohmann/json.hpp>

namespace sleeper::report {

TableStatus StatusOf(const state::RegisteredTable& table, const state::TableState& state) {
  const state::TableTotals& totals = state.totals();
  return {.table = table.name,
          .id = table.id,
          .online = table.online,
          .rows = totals.rows,
          .rows_exact = totals.rows_exact(),
          .files = totals.files,
          .bytes = totals.bytes,
          .partitions = state.partitions().size(),
          .files_per_partition = state.files_per_partition(),
          .log_number = state.number(),
          .unfinished_jobs = state.unfinished_jobs(),
          .unreferenced_files = totals.unreferenced_files,
          .unreferenced_bytes = totals.unreferenced_bytes};
}

nlohmann::ordered_json StatusJson(const TableStatus& status) {
  return {{"table", status.table.value()},
          {"tableId", status.id.value()},
          {"online", status.online},
          {"rows", status.rows},
          {"rowsExact", status.rows_exact},
          {"files", status.files},
          {"partitions", status.partitions},
          {"bytes", status.bytes},
          {"logNumber", status.log_number},
          {"filesPerPartition",
           {{"min", status.files_per_partition.min},
            {"max", status.files_per_partition.max},
            {"mean", status.files_per_partition.mean}}},
          {"unfinishedJobs", status.unfinished_jobs},
          {"unreferencedFiles", status.unreferenced_files},
          {"unreferencedBytes", status.unreferenced_bytes}};
}

}  // namespace sleeper::report
