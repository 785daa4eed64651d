#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/collect/sweep_table.h"
#include "sleeper/state/registry.h"
#include "sleeper/store/object_store.h"

namespace sleeper::collect {

/// An instance and what sweeping it takes. The ports must outlive the operation.
struct InstancePorts {
  store::ObjectStore& store;
  Executor& executor;
  Random& random;
  state::Registry& registry;
};

/// Finishes the drops that died half-way, and deletes the objects of tables that are none: of dropped ones at once, and
/// again whatever late writers add; of those whose creation was given up once nothing of them was written for `age` by
/// the store's clock. The latter are barred first, so that they cannot be registered any more. The last entry of a
/// dropped table's log stays for ever.
///
/// What killed probes of the store left behind goes after a day. One table's failure does not stop the others. Costs a
/// listing for each registered table and one for each thousand that were dropped, if there is nothing to delete.
Result<SweepReport> SweepGoneTables(const InstancePorts& ports, Duration age, const CallContext& call);

}  // namespace sleeper::collect
