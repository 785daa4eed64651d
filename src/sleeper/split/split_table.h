#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/properties.h"
#include "sleeper/split/plan_splits.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::split {

/// A table and what splitting it takes. The ports must outlive the operation.
struct TablePorts {
  store::ObjectStore& store;
  Executor& executor;
  model::TableId table;
  state::TableLog& log;
  state::TableCommitter& committer;
};

/// What was done.
struct SplitReport {
  int64_t partitions_before = 0;
  int64_t partitions_after = 0;
  /// Partitions that hold too many rows and cannot be cut: all their rows have one row key, as far as their largest
  /// files tell.
  std::vector<model::Partition> unsplittable;
  model::LogNumber log_number = 0;
};

/// Splits all partitions that are too big, many in one commit, until none is left that can be split. Partitions that
/// others change meanwhile are looked at again. kNotFound if the table was dropped.
Result<SplitReport> SplitTable(const TablePorts& ports, const SplitPolicy& policy, const CallContext& call);

/// Splits the table at `points`: normalised row keys, or leading parts of them, ascending strictly; kInvalid otherwise.
/// Points that are boundaries already are passed over.
Result<SplitReport> SplitTableAt(const TablePorts& ports, const std::vector<model::NormalisedKey>& points,
                                 const CallContext& call);

}  // namespace sleeper::split
