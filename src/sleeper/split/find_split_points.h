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

/// What the indexes of a partition's files say.
struct SplitPoints {
  /// Ascending, strictly inside the partition; empty if it is not to be split, or cannot be.
  std::vector<model::NormalisedKey> points;
  /// The rows of the partition: counted by the state if that is exact, otherwise estimated from the indexes.
  int64_t rows = 0;
};

/// Reads the page indexes of a candidate's files, no data, and chooses where to cut. Where the state's counts are only
/// estimates, the indexes decide whether the partition is too big at all.
Result<SplitPoints> FindSplitPoints(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                    const std::shared_ptr<const columnar::Layout>& layout,
                                    const SplitCandidate& candidate, const SplitPolicy& policy,
                                    const CallContext& call);

}  // namespace sleeper::split
