#pragma once

#include <string>
#include <string_view>

#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/table_transition.h"
#include "sleeper/state/transaction.h"

namespace sleeper::state {

/// What the entries of a table's log mean: the parameter of Log and Committer.
struct TableMachine {
  using State = TableState;
  using Transaction = state::Transaction;
  using Transition = TableTransition;

  static TableStatePtr Empty() { return TableState::Empty(); }
  static Transition Apply(const TableStatePtr& state, const Transaction& transaction, model::LogNumber number) {
    return state::Apply(state, transaction, number);
  }

  /// True if the state's last mark is older than `seen` by at least `spacing`.
  static bool WantsMark(const TableState& state, const TimeMark& seen, Duration spacing);

  /// The state with a mark taken in, as the first step of entry `number`.
  static TableStatePtr WithMark(const TableStatePtr& state, const TimeMark& mark, model::LogNumber number);

  /// True if nothing can follow, and the state that stands for such an end when all else is swept.
  static bool HasEnded(const TableState& state) { return state.dropped(); }
  static TableStatePtr Ended(model::LogNumber number);

  /// Bodies that are born below it must not become part of the log.
  static model::LogNumber SweepFloor(const TableState& state) { return state.sweep_floor(); }

  static std::string Encode(const Transaction& transaction);
  static Result<Transaction> Decode(std::string_view bytes);

  static SnapshotContents Dump(const TableState& state);
  /// kCorrupt unless the entry is one of that section.
  static Status CheckEntry(uint32_t section, MapKey key, std::string_view value);
  /// kCorrupt unless the contents, whose entries were checked, are those of a state.
  static Result<TableStatePtr> Load(model::LogNumber number, const SnapshotContents& contents);

 private:
  /// kCorrupt unless what is derived from the contents, which the digest of a state does not cover, fits them.
  static Status CheckDerived(const TableState& state);
};

}  // namespace sleeper::state
