#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/state/table_log.h"

namespace sleeper::compact {

/// Takes the inputs of each job for it, in one commit, and returns the jobs that got theirs. Jobs whose inputs are not
/// there any more, or belong to another job by now, are left out: the state has moved on. Those that are refused for
/// another reason (kExhausted: the table knows as many jobs as it may) are left out, too, as long as others got theirs.
///
/// After a failure, which may be such a refusal, no job may be run. If even the outcome of the commit is unknown, what
/// may have been taken is given back as far as that is possible. `worker` stands in the jobs: see Worker.
Result<std::vector<CompactionSpec>> AssignCompactions(state::TableCommitter& committer, Executor& executor,
                                                      std::vector<CompactionSpec> jobs, std::string_view worker,
                                                      const CallContext& call);

enum class CommitVerdict {
  kCommitted,
  kAlreadyDone,  ///< The job was finished by an earlier attempt: its rows are in the table, once, and these files are
                 ///< garbage.
  kSuperseded,   ///< The state has moved on: the job was released, or its inputs are gone. These files are garbage.
};

struct CommittedCompaction {
  CommitVerdict verdict = CommitVerdict::kCommitted;
  model::LogNumber number = 0;
  /// If superseded: why.
  Status refusal;
  /// If superseded: true if the job holds its inputs still, and must be released.
  bool holds_inputs = false;
};

/// Replaces the inputs of a job by what it wrote. Late and repeated results are no failures, and change nothing.
/// kInvalid, kCorrupt: the result itself is wrong. kOutcomeUnknown: it may have been committed.
Result<CommittedCompaction> CommitCompaction(state::TableCommitter& committer, const CompactionSpec& spec,
                                             const CompactionOutcome& outcome, const CallContext& call);

/// A job that is to be given up, and why.
struct Release {
  model::JobId job;
  std::string reason;
};

/// Gives the inputs of jobs back. Done even if `call` is cancelled or late, for which it takes a bounded time of its
/// own; kUnavailable if that did not suffice, kCancelled only if `call` itself is cancelled or late. Jobs that have
/// ended, or that the state never knew, are passed over.
Status ReleaseCompactions(state::TableCommitter& committer, Executor& executor, std::span<const Release> jobs,
                          const CallContext& call);

}  // namespace sleeper::compact
