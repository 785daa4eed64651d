#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/engine/open_store.h"
#include "sleeper/store/probe_store.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// Tries out whether the store of a location does what commits rely on. There need be no instance, and if there is one
/// it is left alone.
Result<store::ProbeReport> Probe(const Location& location, const MachineOptions& options, const StorePorts& ports,
                                 const CallContext& call);

struct ProbeResult {
  store::ProbeReport report;
  /// What was asked of the store for it, and what a request costs there.
  store::StoreUsage usage;
  store::RequestPrices prices;
};

/// The same with ports of its own.
Result<ProbeResult> Probe(const Location& location, const MachineOptions& options, const CallContext& call);

/// kDenied with the reason if a probe found the store of `location` wanting.
Status RefuseUnlessPassed(const store::ProbeReport& report, const Location& location);

}  // namespace sleeper::engine
