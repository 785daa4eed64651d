#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sleeper/state/log.h"
#include "sleeper/state/outcome.h"

namespace sleeper::state {

/// Appends transactions to a log. Thread-safe: those that wait at the same time ride in one entry. It has no thread of
/// its own: one of the waiting callers does the work for all.
template <typename Machine>
class Committer {
 public:
  using State = typename Machine::State;
  using Transaction = typename Machine::Transaction;
  using CommitOutcome = Committed<State>;

  /// `log` must outlive the committer.
  explicit Committer(Log<Machine>& log);
  /// No call may be in progress.
  ~Committer();

  /// Commits each transaction that fits, whatever becomes of the others, and answers when that is settled. What applied
  /// stands in one entry or, where it is much, in several; the outcome tells the last one.
  ///
  /// kOutcomeUnknown: a part of it was committed, or some of it may have been and it can no longer be told; ask by job
  /// id. kUnavailable, kCancelled, kDenied: nothing was. kNotFound: the table was dropped meanwhile. kExhausted: too
  /// many wait, or a transaction is too large. kInvalid: no transactions.
  Result<CommitOutcome> Commit(std::vector<Transaction> transactions, const CallContext& call);

  /// One transaction; its refusal is the failure.
  Result<CommitOutcome> Commit(Transaction transaction, const CallContext& call);

 private:
  struct Item;
  struct Request;
  struct Try;
  struct Group;

  /// Takes what waits and settles it, or what an earlier leader has left behind. REQUIRES: the caller leads.
  void Lead(const CallContext& call, const std::shared_ptr<Request>& own);
  void TakeGroup();
  /// Works until nothing of the group is open. kCancelled means that the leader's own time is up.
  Status Settle(Group& group, const CallContext& call);
  /// One attempt; true when the group is settled.
  Result<bool> Round(Group& group, const CallContext& call);
  /// Brings the view up to date and finds out what became of an attempt that was left open. What is returned has to be
  /// put once more.
  Result<std::optional<Try>> RefreshGroup(Group& group, const CallContext& call);
  /// What the open transactions mean on the group's view, and the entry that holds those that fit.
  Try Prepare(const Group& group);
  Status PutBodies(const Try& attempt, const CallContext& call);
  void Accept(Group& group, const Try& attempt);
  /// Answers all requests of the group, or `only` one, which then leaves it.
  void Release(Group& group, const Status& status, const std::shared_ptr<Request>& only);
  Result<CommitOutcome> Answer(const Request& request) const;

  struct Queue;
  Log<Machine>& log_;
  const std::unique_ptr<Queue> queue_;
};

}  // namespace sleeper::state
