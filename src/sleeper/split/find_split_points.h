#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/model/ids.h"
#include "sleeper/split/plan_splits.h"
#include "sleeper/store/object_store.h"

namespace sleeper::split {

/// What the files of a partition say.
struct SplitPoints {
  /// Ascending, strictly inside the partition; empty if it is not to be split, or cannot be.
  std::vector<model::NormalisedKey> points;
  /// The rows of the partition: counted by the state if that is exact, otherwise learned from the files.
  int64_t rows = 0;
};

/// Chooses where to cut a candidate from the page indexes of its files. Only where there are too few pages to tell,
/// which bounds the rows, their row keys are read. Where the state's counts are estimates, the files decide whether the
/// partition is too big at all. kNotFound if a file was collected meanwhile.
Result<SplitPoints> FindSplitPoints(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                    const std::shared_ptr<const columnar::Layout>& layout,
                                    const SplitCandidate& candidate, const SplitPolicy& policy,
                                    const CallContext& call);

}  // namespace sleeper::split
