#pragma once

#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/commit_compaction.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/state/store_time.h"

namespace sleeper::compact {

/// The compactions that were under way before this process did anything, and that may be given up as the request says.
struct JobsOfOthers {
  std::vector<Release> releasable;
  int64_t left_alone = 0;
};

/// Looks at the unfinished compactions of the table. For kSilent their age is told by the store's own clock: by `time`,
/// and if that makes a difference, by a small object that is put and deleted.
Result<JobsOfOthers> FindJobsOfOthers(const TablePorts& ports, state::StoreTime time,
                                      const CompactTableRequest& request, const CallContext& call);

}  // namespace sleeper::compact
