#pragma once

#include "sleeper/base/status.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/outcome.h"
#include "sleeper/state/state_edit.h"
#include "sleeper/state/transaction.h"

// One function for each transaction: checks it against the edit and makes its changes there. A failure is the refusal.
// After a failure or "already done" the edit is to be dropped.

namespace sleeper::state {

/// Partitions of one table; more are refused.
inline constexpr int64_t kPartitionsMax = int64_t{1} << 24;
/// Longer ids of jobs and spec hashes are refused, and so are longer messages.
inline constexpr size_t kJobIdBytesMax = 256;
inline constexpr size_t kMessageBytesMax = 4'096;

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const DefineTable& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const DropTable& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const AddFiles& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const AssignJobs& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ReplaceFiles& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ReleaseJobs& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RegisterJobs& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const SplitPartitions& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const MergePartitions& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetFiles& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetJobs& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ClearTable& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RaiseSweepFloor& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RecordJobs& transaction);
Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetMarks& transaction);

// What several of them share.

/// kConflict unless `shape_hash` is the table's.
Status CheckShape(const StateEdit& edit, const std::string& shape_hash);

/// kInvalid if the id or the hash is empty or too long.
Status CheckJobName(const model::JobId& id, const SpecHash& spec_hash);

/// kConflict below the sweep floor, kInvalid above the state.
Status CheckBirth(const StateEdit& edit, model::LogNumber birth, std::string_view what);

/// Ends an unfinished job: its references are free again, with one attempt more.
void EndWithoutEffect(StateEdit& edit, const UnfinishedJob& job, JobResult result, std::string message);

/// The references that are on a compaction, in key order.
std::vector<StoredReference> ReferencesOnJob(const StateEdit& edit, const UnfinishedJob& job);

/// From the least lower to the greatest upper bound of a compaction's inputs.
model::KeyInterval HullOf(const std::vector<ReferenceName>& inputs);

/// kInvalid if the file is not well formed (see NewFile), kConflict if it is tracked or its birth is below the floor.
Status CheckNewFile(const StateEdit& edit, const NewFile& file);

/// Tracks a checked file and adds its references over the current partitions.
void PlaceFile(StateEdit& edit, const NewFile& file);

/// Shares `rows` out evenly over `pieces`, the first ones getting what is left over: the share of piece `index`.
int64_t ShareOf(int64_t rows, size_t pieces, size_t index);

}  // namespace sleeper::state
