#pragma once

#include <optional>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/ingest/registration.h"
#include "sleeper/ingest/run_ingest.h"
#include "sleeper/state/table_log.h"

namespace sleeper::ingest {

/// The outcome of a job that is done already, if it is. kConflict if the id belongs to another job.
Result<std::optional<state::JobOutcome>> FindEarlier(const state::TableState& state, const IngestRequest& request);

struct CommittedIngest {
  model::LogNumber number = 0;
  /// Set if another attempt at the job was faster: its rows are in the table, and these files are garbage.
  std::optional<state::JobOutcome> earlier;
};

/// Makes what an attempt wrote part of the table, and remembers the job, also if there were no rows. `registration`, if
/// the attempt has one, ends in the same entry.
Result<CommittedIngest> CommitIngest(state::TableCommitter& committer, const IngestSpec& spec,
                                     const IngestOutcome& outcome, const Registration& registration,
                                     const CallContext& call);

}  // namespace sleeper::ingest
