#pragma once

#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/format.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/schema.h"

namespace sleeper::exchange {

/// More keys than this in one file are refused.
inline constexpr int64_t kKeysMax = 10'000'000;

/// Reads the row keys of a batch look-up, in the order of the file: a Parquet file with the row-key columns, or text
/// with one whole key a line, its fields separated by tabs (of a single string key the whole line). Empty lines are
/// passed over, unless they are such a string. kInvalid names line or row.
Result<std::vector<model::KeyTuple>> ReadKeyFile(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                 const CallContext& call);

/// Reads split points: text as above, in which a leading part of a key will do, in ascending order. kInvalid, with the
/// line, for one that is no key, repeats the one before it, or is less.
Result<std::vector<model::KeyTuple>> ReadSplitPoints(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                     const CallContext& call);

}  // namespace sleeper::exchange
