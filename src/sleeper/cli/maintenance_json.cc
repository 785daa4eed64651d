#include "sleeper/cli/maintenance_json.h"

namespace sleeper::cli {

using nlohmann::ordered_json;

ordered_json ToJson(const engine::CompactionResult& result) {
  return {{"jobs", result.jobs},
          {"filesIn", result.files_in},
          {"filesOut", result.files_out},
          {"rowsIn", result.rows_in},
          {"rowsOut", result.rows_out},
          {"bytesIn", result.bytes_in},
          {"bytesOut", result.bytes_out},
          {"jobsFailed", result.jobs_failed},
          {"jobsSuperseded", result.jobs_superseded},
          {"jobsTakenOver", result.jobs_taken_over},
          {"jobsOfOthers", result.jobs_of_others}};
}

ordered_json ToJson(const engine::SplitResult& result) {
  ordered_json unsplittable = ordered_json::array();
  for (const model::Partition& partition : result.unsplittable) unsplittable.push_back(partition.id.value());
  return {{"partitionsBefore", result.partitions_before},
          {"partitionsAfter", result.partitions_after},
          {"unsplittable", unsplittable}};
}

ordered_json ToJson(const engine::CollectResult& result) {
  return {{"deletedFiles", result.files},
          {"deletedBytes", result.bytes},
          {"failedFiles", result.failed},
          {"waitingFiles", result.waiting}};
}

ordered_json ToJson(const engine::SweepResult& result) {
  return {{"orphans", result.orphans},        {"deletedBytes", result.bytes},
          {"failedOrphans", result.failed},   {"waitingOrphans", result.waiting},
          {"foreignObjects", result.foreign}, {"jobsReleased", result.jobs_released}};
}

void Add(engine::CompactionResult& total, const engine::CompactionResult& result) {
  total.jobs += result.jobs;
  total.files_in += result.files_in;
  total.files_out += result.files_out;
  total.rows_in += result.rows_in;
  total.rows_out += result.rows_out;
  total.bytes_in += result.bytes_in;
  total.bytes_out += result.bytes_out;
  total.jobs_superseded += result.jobs_superseded;
  total.jobs_failed += result.jobs_failed;
  total.jobs_taken_over += result.jobs_taken_over;
  total.jobs_of_others += result.jobs_of_others;
  total.references_set_aside += result.references_set_aside;
}

void Add(engine::SplitResult& total, const engine::SplitResult& result) {
  total.partitions_before += result.partitions_before;
  total.partitions_after += result.partitions_after;
  total.unsplittable.insert(total.unsplittable.end(), result.unsplittable.begin(), result.unsplittable.end());
}

void Add(engine::CollectResult& total, const engine::CollectResult& result) {
  total.files += result.files;
  total.bytes += result.bytes;
  total.failed += result.failed;
  total.waiting += result.waiting;
}

void Add(engine::SweepResult& total, const engine::SweepResult& result) {
  total.orphans += result.orphans;
  total.bytes += result.bytes;
  total.failed += result.failed;
  total.waiting += result.waiting;
  total.foreign += result.foreign;
  total.jobs_released += result.jobs_released;
}

}  // namespace sleeper::cli
