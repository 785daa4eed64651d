#pragma once

#include <memory>

#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// The store of a location, and what a request costs there.
struct OpenedStore {
  std::unique_ptr<store::ObjectStore> store;
  store::RequestPrices prices;
};

/// Chooses the adapter for a location: the only place that knows them all. The ports must outlive the store.
Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, const Clock& clock,
                              Random& random);

}  // namespace sleeper::engine
