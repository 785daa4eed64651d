#pragma once

#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/cleaning.h"
#include "sleeper/engine/instance.h"
#include "sleeper/engine/table.h"
#include "sleeper/model/ids.h"

namespace sleeper::engine {

/// What a tick did for the tables of an instance. Value.
struct TickResult {
  /// In the order of their names.
  std::vector<TableTick> tables;
  /// Tables that were asked for and are offline: nothing was done for them.
  std::vector<model::TableName> offline;
  /// What became of tables that were asked for and are deleted meanwhile, or are being deleted: a sentence each.
  std::vector<std::string> gone;
  /// Of tables that were dropped, or whose creation was given up.
  SweepResult gone_tables;
  /// The first failure. What the numbers say was done nevertheless.
  Status failure;
};

/// Does everything that is due, once: for the named tables, or for all that are online and for the instance itself
/// (what dropped tables left, the log of the registry). One table's failure does not stop the others. For an instance
/// on which nothing is due it writes nothing.
///
/// A failed Result means that nothing was done. kNotFound: there is no table of such a name.
Result<TickResult> Tick(Instance& instance, const std::vector<model::TableName>& names, const CallContext& call);

}  // namespace sleeper::engine
