#pragma once

#include "sleeper/model/properties.h"
#include "sleeper/state/log.h"

namespace sleeper::engine {

/// When a log gets a snapshot and is truncated, by the properties in force.
inline state::LogUpkeep UpkeepOf(const model::Properties& properties) {
  return {.snapshot_every = properties.Get(model::property::kSnapshotEvery),
          .entries_kept = properties.Get(model::property::kLogKeepEntries),
          .truncate_behind = properties.Get(model::property::kLogTruncateBehind)};
}

}  // namespace sleeper::engine
