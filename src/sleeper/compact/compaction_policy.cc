#include "sleeper/compact/compaction_policy.h"

#include <algorithm>

#include "sleeper/rows/merge_plan.h"

namespace sleeper::compact {

CompactionPolicy CompactionPolicy::From(const model::Properties& properties) {
  namespace property = model::property;
  CompactionPolicy policy;
  policy.strategy = properties.Get(property::kCompactionStrategy);
  policy.files_batch_size = static_cast<size_t>(
      std::min<int64_t>(properties.Get(property::kCompactionFilesBatchSize), rows::MergePlan::kInputsMax));
  policy.size_ratio = properties.Get(property::kCompactionSizeRatio);
  policy.jobs_per_partition_max = properties.Get(property::kCompactionSizeRatioJobsPerPartitionMax);
  policy.jobs_max = properties.Get(property::kCompactionJobCreationLimit);
  policy.file_bytes_target = properties.Get(property::kDataFileBytesTarget);
  policy.attempts_max = static_cast<int>(properties.Get(property::kJobAttemptsMax));
  return policy;
}

}  // namespace sleeper::compact
