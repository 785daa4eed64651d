#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sleeper/state/log.h"
#include "sleeper/state/outcome.h"

namespace sleeper::state {

/// Appends transactions to a log. Thread-safe: those that wait at the same time ride in one entry.
template <typename Machine>
class Committer {
 public:
  using State = typename Machine::State;
  using Transaction = typename Machine::Transaction;
  using CommitOutcome = Committed<State>;

  /// `log` must outlive the committer.
  explicit Committer(Log<Machine>& log);
  ~Committer();

  /// Commits each transaction that fits, whatever becomes of the others, and answers when that is settled. What applied
  /// stands in one entry or, where it is much, in several.
  ///
  /// kOutcomeUnknown: some of it may have been committed, and it can no longer be told; ask by job id. kUnavailable,
  /// kCancelled: nothing was. kNotFound: the table was dropped meanwhile. kExhausted: too many wait, or a transaction
  /// is too large.
  Result<CommitOutcome> Commit(std::vector<Transaction> transactions, const CallContext& call);

  /// One transaction; its refusal is the failure.
  Result<CommitOutcome> Commit(Transaction transaction, const CallContext& call);

 private:
  struct Queue;
  Log<Machine>& log_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace sleeper::state
