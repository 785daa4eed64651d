#pragma once

#include <cstdint>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/collect/table_ports.h"

namespace sleeper::collect {

/// What was done.
struct CollectReport {
  int64_t files = 0;
  int64_t bytes = 0;
  /// Files that could not be deleted. They stay known, and are tried again next time.
  int64_t failed = 0;
  /// Files without references whose time has not come.
  int64_t waiting = 0;
  /// Why the first of those failed. What the numbers say was done nevertheless.
  Status failure;
};

/// Deletes the files of a table whose last reference went at least `delay` ago by the store's clock: first the objects,
/// in batches, then the state forgets them. A process that dies in between leaves files that are known and not there,
/// which the next one forgets.
///
/// A failed Result means that nothing was done. kNotFound: there is no such table.
Result<CollectReport> CollectTable(const TablePorts& ports, Duration delay, const CallContext& call);

}  // namespace sleeper::collect
