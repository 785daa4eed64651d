#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/properties.h"
#include "sleeper/model/table_definition.h"
#include "sleeper/state/log.h"
#include "sleeper/state/log_options.h"
#include "sleeper/state/registry_state.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// What a new table begins with.
struct NewTable {
  model::TableName name;
  model::TableDefinition definition;
  std::vector<model::NormalisedKey> split_points;
};

/// The tables of an instance by name, and what is set for the instance as a whole. Thread-safe.
///
/// Creating a table writes the first entry of its own log, then registers it. Dropping one marks it in the registry,
/// then ends its log, then takes it off the list. A process that dies in between leaves either an unregistered table,
/// which the sweep clears away, or one that is marked and listed, whose drop is finished by whoever looks it up.
///
/// What is asked for a name is done to the table that has the name when it is decided, or not at all.
class Registry {
 public:
  /// The ports must outlive the registry.
  Registry(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor, LogOptions options = {});
  ~Registry();

  Result<RegistryStatePtr> Refresh(const CallContext& call);

  /// The latest state that was seen; null before the first Refresh.
  RegistryStatePtr current() const;

  /// kInvalid for a name that is none; kConflict if the name is taken. Finishes the drop of a table of that name.
  Result<RegisteredTable> CreateTable(NewTable table, const CallContext& call);

  /// kNotFound if there is no such table, or if it is being dropped, which is finished then as far as the caller may.
  Result<RegisteredTable> FindTable(const model::TableName& name, const CallContext& call);

  /// kNotFound; kConflict if the new name is taken, or the table was renamed by another meanwhile. Finishes the drop of
  /// a table of the new name.
  Status RenameTable(const model::TableName& from, const model::TableName& to, const CallContext& call);

  Status SetOnline(const model::TableName& name, bool online, const CallContext& call);

  /// Ends the table. Its objects go with the next sweep; that they were removed before is no obstacle. kNotFound;
  /// kConflict if it was renamed meanwhile; any failure to read its log: nothing is done then. Other failures say how
  /// far it came, or with kOutcomeUnknown that this is not known.
  Status DropTable(const model::TableName& name, const CallContext& call);

  /// Takes a table off the list whose own log says that it is dropped, or that current() says is being dropped: its log
  /// is ended first then. To be called by whoever meets one. It can be called again, whatever the failure was.
  Status FinishDrop(const model::TableId& id, const CallContext& call);

  /// Makes sure that an id that is not registered never will be, so that its objects may be swept. kConflict if it is.
  Status BarTable(const model::TableId& id, const CallContext& call);

  /// Changes the instance's properties: defaults of its tables, and its own. kInvalid names every fault.
  Result<RegistryStatePtr> SetProperties(const model::PropertyChanges& changes, const CallContext& call);

  /// Snapshot and truncation of the registry's own log, if they are due.
  Result<UpkeepOutcome> Maintain(const LogUpkeep& upkeep, const CallContext& call);

 private:
  /// Finishes the drop of the table that has the name in current(), if there is one that is being dropped.
  Status FinishDropOf(const model::TableName& name, const CallContext& call);

  struct Logs;
  std::unique_ptr<Logs> logs_;
};

}  // namespace sleeper::state
