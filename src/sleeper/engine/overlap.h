#pragma once

#include <optional>
#include <string>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/engine/open_store.h"
#include "sleeper/store/object_store.h"

namespace sleeper::engine {

/// The listings that the search for instances below a location makes, at most. Instances lie near the top.
inline constexpr int kOverlapListingsMax = 64;

/// The folder of a store in which another instance lies, somewhere below the top, if one is found within the bound;
/// folders nearer to the top are searched first.
Result<std::optional<std::string>> FindInstanceBelow(store::ObjectStore& store, const CallContext& call);

/// The location above `location` that is an instance, if there is one. What may not be looked at counts as none.
Result<std::optional<Location>> FindInstanceAbove(const Location& location, const MachineOptions& options,
                                                  const StorePorts& ports, const CallContext& call);

/// kConflict if `location`, which is not an instance yet, lies inside an instance or above one. `store` is its store.
Status RefuseOverlap(const Location& location, store::ObjectStore& store, const MachineOptions& options,
                     const StorePorts& ports, const CallContext& call);

}  // namespace sleeper::engine
