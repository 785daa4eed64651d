#pragma once

#include "sleeper/state/outcome.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/transaction.h"

namespace sleeper::state {

/// The effect of one transaction.
struct TableTransition {
  TransactionOutcome outcome;
  /// The state with the transaction applied, if it applies; the state as it was otherwise.
  TableStatePtr state;
  /// How many bytes were written to make it: the measure of structure sharing.
  int64_t bytes_written = 0;
};

/// Whether `transaction` fits `state`, as the next transaction of entry `number`. Pure: reads no clock and no store.
TransactionOutcome Validate(const TableState& state, const Transaction& transaction, model::LogNumber number);

/// The same, and the state after it. `number` is that of `state` or the next one: the transactions of one entry are
/// applied one after the other.
TableTransition Apply(const TableStatePtr& state, const Transaction& transaction, model::LogNumber number);

}  // namespace sleeper::state
