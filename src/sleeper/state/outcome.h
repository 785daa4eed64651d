#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/job.h"

namespace sleeper::state {

enum class Verdict {
  kApplies,      ///< It fits, or was applied.
  kAlreadyDone,  ///< Its effect is there: nothing is logged, nothing changes.
  kRefused,      ///< It does not fit the state.
};

/// What becomes of one transaction.
struct TransactionOutcome {
  Verdict verdict = Verdict::kApplies;
  /// Why it is refused, with the kind that says what to do; OK otherwise.
  Status refusal;
  /// If it is already done because a job has ended: that job's outcome.
  std::optional<JobOutcome> earlier;

  static TransactionOutcome Applies() { return {}; }
  static TransactionOutcome AlreadyDone(std::optional<JobOutcome> earlier = std::nullopt) {
    return {Verdict::kAlreadyDone, Status::OK(), std::move(earlier)};
  }
  static TransactionOutcome Refused(Status refusal) { return {Verdict::kRefused, std::move(refusal), std::nullopt}; }

  bool applied() const { return verdict == Verdict::kApplies; }
  bool refused() const { return verdict == Verdict::kRefused; }
};

/// What a commit led to. All answers are about a state that is part of the log.
template <typename State>
struct Committed {
  /// The entry that holds what applied; the number of `state` if nothing did.
  model::LogNumber number = 0;
  /// The state after that entry, or the one that the answers were found in.
  std::shared_ptr<const State> state;
  /// One for each transaction of the call, in its order.
  std::vector<TransactionOutcome> outcomes;

  /// The first refusal, if there is one.
  Status status() const {
    for (const TransactionOutcome& outcome : outcomes) {
      if (outcome.refused()) return outcome.refusal;
    }
    return Status::OK();
  }
};

}  // namespace sleeper::state
