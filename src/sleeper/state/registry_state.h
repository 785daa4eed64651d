#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sleeper/base/persistent_map.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/property_map.h"
#include "sleeper/state/outcome.h"

namespace sleeper::state {

/// A table of the instance.
struct RegisteredTable {
  model::TableId id;
  model::TableName name;
  /// Background work runs for online tables only.
  bool online = true;
  /// The entry that registered it. Set by Apply.
  model::LogNumber registered = 0;

  friend bool operator==(const RegisteredTable&, const RegisteredTable&) = default;
};

/// Refused: the name is taken, or the id is known, dropped or barred [kConflict]; not a name or an id [kInvalid].
/// Already done: the same table is registered.
struct RegisterTable {
  model::TableId id;
  model::TableName name;

  friend bool operator==(const RegisterTable&, const RegisterTable&) = default;
};

/// What earlier versions wrote for RenameTableFrom: it gives the table another name whatever it is called.
/// Refused: no such table [kNotFound]; it is being dropped, or the name is taken [kConflict] or none [kInvalid].
struct RenameTable {
  model::TableId id;
  model::TableName name;

  friend bool operator==(const RenameTable&, const RenameTable&) = default;
};

/// Refused: no such table [kNotFound].
struct SetTableOnline {
  model::TableId id;
  bool online = true;

  friend bool operator==(const SetTableOnline&, const SetTableOnline&) = default;
};

/// Gives a table another name, if it has the one that was asked for. Already done: the two are the same.
/// Refused: no such table [kNotFound]; it was renamed, or is being dropped [kConflict]; the new name is taken
/// [kConflict] or none [kInvalid].
struct RenameTableFrom {
  model::TableId id;
  model::TableName from;
  model::TableName to;

  friend bool operator==(const RenameTableFrom&, const RenameTableFrom&) = default;
};

/// Decides that a table is dropped, if it has the name that was asked for: from here on its log may be ended, and
/// nothing renames it. It stays listed until UnregisterTable. Already done: it is decided. Refused: no such table
/// [kNotFound]; it was renamed [kConflict].
struct BeginTableDrop {
  model::TableId id;
  model::TableName name;

  friend bool operator==(const BeginTableDrop&, const BeginTableDrop&) = default;
};

/// Takes a table off the list; its id is remembered for ever. Already done: it was dropped, or barred.
/// Refused: no such table [kNotFound].
struct UnregisterTable {
  model::TableId id;

  friend bool operator==(const UnregisterTable&, const UnregisterTable&) = default;
};

/// From here on the id cannot be registered. Refused: it is registered [kConflict].
struct BarTable {
  model::TableId id;

  friend bool operator==(const BarTable&, const BarTable&) = default;
};

/// Replaces the properties of the instance. Refused: they have changed since version `based_on` [kConflict].
struct SetInstanceProperties {
  model::PropertyMap properties;
  int64_t based_on = 0;

  friend bool operator==(const SetInstanceProperties&, const SetInstanceProperties&) = default;
};

/// In the order of their numbers in docs/formats/registry.md; new ones are added at the end.
using RegistryTransaction = std::variant<RegisterTable, RenameTable, SetTableOnline, UnregisterTable, BarTable,
                                         SetInstanceProperties, RenameTableFrom, BeginTableDrop>;

class RegistryState;
using RegistryStatePtr = std::shared_ptr<const RegistryState>;

/// The tables of an instance at one number of the registry's log. Immutable; versions share what is the same.
class RegistryState {
 public:
  static RegistryStatePtr Empty();

  model::LogNumber number() const { return number_; }

  /// By name.
  std::vector<RegisteredTable> Tables() const;
  std::optional<RegisteredTable> Find(const model::TableName& name) const;
  std::optional<RegisteredTable> Find(const model::TableId& id) const;

  /// True of a listed table that BeginTableDrop has marked.
  bool IsBeingDropped(const model::TableId& id) const;
  std::vector<model::TableId> TablesBeingDropped() const;

  /// True if the id was a table's, or was barred.
  bool IsGone(const model::TableId& id) const;
  std::vector<model::TableId> GoneTables() const;

  const model::PropertyMap& properties() const { return properties_; }
  /// Counts the changes of the properties.
  int64_t properties_version() const { return properties_version_; }

  MapDigest digest() const;

 private:
  friend struct RegistryMachine;

  RegistryState() = default;

  model::LogNumber number_ = 0;
  model::PropertyMap properties_;
  int64_t properties_version_ = 0;
  /// Name to table.
  PersistentMap tables_;
  /// Id to name.
  PersistentMap names_;
  /// Ids that were dropped or barred.
  PersistentMap gone_;
  /// Ids of listed tables that are being dropped.
  PersistentMap being_dropped_;
};

/// True for 1 to 200 characters of letters, digits, ".", "_" and "-", the first a letter or digit.
bool IsTableName(const model::TableName& name);

}  // namespace sleeper::state
