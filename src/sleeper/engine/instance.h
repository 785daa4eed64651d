#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/engine/table.h"
#include "sleeper/model/properties.h"
#include "sleeper/model/schema.h"
#include "sleeper/state/registry_state.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// What a new table begins with.
struct NewTableRequest {
  model::TableName name;
  model::Schema schema;
  /// What is set for the table; the instance's values and the built-in defaults are behind it.
  model::PropertyMap properties;
  /// A file of keys that the first partitions begin at, one a line, ascending; empty: one partition.
  std::string split_points_file;
};

/// An instance: tables in one folder or bucket. Thread-safe. It must outlive its tables.
///
/// It holds no connection and no lock: any number of processes may have the same instance open.
class Instance {
 public:
  /// Makes `location` an instance, unless it is one. `created` says which. Before it makes one it tries out the store,
  /// and refuses it with kDenied if it does not do what commits rely on. kConflict if the location lies inside another
  /// instance or above one.
  struct Created {
    std::unique_ptr<Instance> instance;
    bool created = false;
  };
  static Result<Created> Create(const Location& location, const MachineOptions& options, const CallContext& call);

  /// kNotFound if there is no instance; kInvalid if a newer version of the program made it.
  static Result<std::unique_ptr<Instance>> Open(const Location& location, const MachineOptions& options,
                                                const CallContext& call);

  struct Parts;
  /// For Create and Open.
  explicit Instance(std::unique_ptr<Parts> parts);
  ~Instance();

  /// 32 hexadecimal digits: tells instances apart, whatever their locations are called.
  const std::string& id() const;
  const Location& location() const;
  const Clock& clock() const;

  /// By name. Those that are being dropped are among them.
  Result<std::vector<state::RegisteredTable>> Tables(const CallContext& call);

  /// True of a table that was being dropped when Tables() told of it.
  bool IsBeingDropped(const model::TableId& id) const;

  /// kInvalid names every fault; kConflict if the name is taken.
  Result<std::unique_ptr<Table>> CreateTable(const NewTableRequest& request, const CallContext& call);

  /// kNotFound if there is no table of that name. Failures name the table.
  Result<std::unique_ptr<Table>> OpenTable(const model::TableName& name, const CallContext& call);

  /// True if what failed for a table that Tables() told of is that it was dropped, or renamed, since; another may have
  /// the name now.
  bool IsGone(const state::RegisteredTable& table, const Status& failure, const CallContext& call);

  /// kNotFound; kConflict if the new name is taken.
  Status RenameTable(const model::TableName& from, const model::TableName& to, const CallContext& call);

  /// Background work is done for online tables only; ingest and queries work for all.
  Status SetOnline(const model::TableName& name, bool online, const CallContext& call);

  /// Ends a table, for ever. Its objects go with later sweeps.
  Status DropTable(const model::TableName& name, const CallContext& call);

  /// Deletes the objects of tables that were dropped, or whose creation was given up. See collect::SweepGoneTables.
  Result<SweepResult> SweepGoneTables(const CallContext& call);

  /// Snapshot and truncation of the registry's log, if they are due.
  Status MaintainRegistry(const CallContext& call);

  /// What is set for the instance: defaults of its tables.
  Result<model::PropertyMap> Properties(const CallContext& call);
  Result<model::PropertyMap> SetProperties(const model::PropertyChanges& changes, const CallContext& call);

  /// Everything that was asked so far of the store, and of the buckets that inputs lie in, and what it costs.
  store::StoreUsage usage() const;
  double dollars() const;
  /// What each part of the program asked of the instance's store: "log", "query", "ingest", …
  std::map<std::string, store::StoreUsage, std::less<>> usage_by_caller() const;

 private:
  Result<std::unique_ptr<Table>> Bind(state::RegisteredTable table, const CallContext& call);

  std::unique_ptr<Parts> parts_;
};

}  // namespace sleeper::engine
