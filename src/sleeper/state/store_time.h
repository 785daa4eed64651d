#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/log.h"
#include "sleeper/state/table_state.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// How old the entries of a table's log are, by the store's own clock: what is deleted by age is judged by it, and no
/// worker's clock is asked. Where it is not known exactly, entries count as younger than they are. Immutable value.
class StoreTime {
 public:
  /// As of the table's newest entry: no later time is known yet.
  explicit StoreTime(DatedState<TableState> newest);

  /// The same table, at a time that the store has told since. An earlier one changes nothing.
  StoreTime At(WallTime now) const;

  /// The same table, as of `now` at the latest, which the store has just told. An entry that claims to be of a later
  /// time was written while the clock was ahead, which on a folder is the clock of whoever writes.
  StoreTime NotAfter(WallTime now) const;

  const TableState& state() const { return *newest_.state; }
  WallTime now() const { return now_; }

  /// Entry `number` was there at this time. REQUIRES: number <= state().number()
  WallTime WrittenBy(model::LogNumber number) const;

  /// True if entry `number` is at least so old.
  bool HasAge(model::LogNumber number, Duration age) const { return now_ - WrittenBy(number) >= age; }

  /// The latest entry that is at least so old; 0 if none is.
  model::LogNumber LastOfAge(Duration age) const;

 private:
  DatedState<TableState> newest_;
  WallTime now_;
};

/// The time by the store's own clock: that of a small object that is put and deleted again. Nobody else may use the
/// path.
Result<WallTime> AskStoreTime(store::ObjectStore& store, const store::ObjectPath& path, const CallContext& call);

/// The same with an object below the plans of a table, where a sweep finds it if it should stay. `birth` is the number
/// of a state that was refreshed just before.
Result<WallTime> AskStoreTime(store::ObjectStore& store, Random& random, const model::TableId& table,
                              model::LogNumber birth, const CallContext& call);

}  // namespace sleeper::state
