#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sleeper/base/check.h"
#include "sleeper/base/status.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/testing/refusal.h"

// What fuzz targets ask of the entries of any log: bytes are refused as corrupt or invalid, or have one form; and what
// fits a state leads to a state.

namespace sleeper::state {

/// The state behind a transaction; the same one if it cannot be read, or does not fit. `check` looks at a new one.
template <typename Machine, typename StatePtr, typename Check>
StatePtr ReadTransaction(const StatePtr& state, std::string_view bytes, const Check& check) {
  const auto transaction = Machine::Decode(bytes);
  if (!transaction.ok()) {
    CheckRefusal(transaction.status());
    return state;
  }
  const auto again = Machine::Decode(Machine::Encode(*transaction));
  SLEEPER_CHECK(again.ok() && *again == *transaction, "another transaction is read than was written");
  const auto transition = Machine::Apply(state, *transaction, state->number() + 1);
  if (!transition.outcome.applied()) return state;
  check(*transition.state);
  return transition.state;
}

/// Applies the transactions of an entry, one after the other.
template <typename Machine, typename StatePtr, typename Check>
StatePtr ReadTransactions(const LogEntry& entry, StatePtr state, const Check& check) {
  for (const auto& part : entry.transactions) {
    const auto* const transaction = std::get_if<std::string>(&part);
    if (transaction != nullptr) state = ReadTransaction<Machine>(state, *transaction, check);
  }
  return state;
}

/// The entry in these bytes; nothing if they are refused.
inline std::optional<LogEntry> ReadEntry(std::string_view bytes) {
  const Result<LogEntry> entry = DecodeEntry(bytes, "entry");
  if (!entry.ok()) {
    CheckRefusal(entry.status());
    return std::nullopt;
  }
  const Result<LogEntry> again = DecodeEntry(EncodeEntry(*entry), "entry");
  SLEEPER_CHECK(again.ok() && *again == *entry, "another entry is read than was written");
  return *entry;
}

}  // namespace sleeper::state
