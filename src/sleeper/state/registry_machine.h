#pragma once

#include <string>
#include <string_view>

#include "sleeper/state/registry_state.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_state.h"

namespace sleeper::state {

/// The effect of one transaction of the registry.
struct RegistryTransition {
  TransactionOutcome outcome;
  RegistryStatePtr state;
};

/// What the entries of the registry's log mean: the parameter of Log and Committer.
struct RegistryMachine {
  using State = RegistryState;
  using Transaction = RegistryTransaction;
  using Transition = RegistryTransition;

  static RegistryStatePtr Empty() { return RegistryState::Empty(); }
  static Transition Apply(const RegistryStatePtr& state, const Transaction& transaction, model::LogNumber number);

  // The registry prunes nothing by age, never ends, and sweeps no bodies.
  static bool WantsMark(const RegistryState&, const TimeMark&, Duration) { return false; }
  static RegistryStatePtr WithMark(const RegistryStatePtr& state, const TimeMark&, model::LogNumber) { return state; }
  static bool HasEnded(const RegistryState&) { return false; }
  static RegistryStatePtr Ended(model::LogNumber) { return Empty(); }
  static model::LogNumber SweepFloor(const RegistryState&) { return 0; }

  static std::string Encode(const Transaction& transaction);
  static Result<Transaction> Decode(std::string_view bytes);

  static SnapshotContents Dump(const RegistryState& state);
  static Status CheckEntry(uint32_t section, MapKey key, std::string_view value);
  static Result<RegistryStatePtr> Load(model::LogNumber number, const SnapshotContents& contents);

 private:
  struct Edit;
};

}  // namespace sleeper::state
