#pragma once

#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/schema.h"

namespace sleeper::engine {

/// The whole row keys of a file ("-": standard input), normalised, in its order. See exchange::ReadKeyFile.
Result<std::vector<model::NormalisedKey>> ReadKeys(const std::string& path, const model::Schema& schema,
                                                   const CallContext& call);

/// The split points of a file, normalised, ascending. See exchange::ReadSplitPoints.
Result<std::vector<model::NormalisedKey>> ReadSplitPoints(const std::string& path, const model::Schema& schema,
                                                          const CallContext& call);

}  // namespace sleeper::engine
