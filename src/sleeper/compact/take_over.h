#pragma once

#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/commit_compaction.h"
#include "sleeper/compact/compact_table.h"

namespace sleeper::compact {

/// The compactions that were under way before this process did anything, and that may be given up as the request says.
struct JobsOfOthers {
  std::vector<Release> releasable;
  int64_t left_alone = 0;
};

/// Looks at the unfinished compactions of `state`. For kSilent their age is told by the store's own clock, for which a
/// small object is put and deleted.
Result<JobsOfOthers> FindJobsOfOthers(const TablePorts& ports, const state::TableState& state,
                                      const CompactTableRequest& request, const CallContext& call);

}  // namespace sleeper::compact
