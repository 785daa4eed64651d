#pragma once

#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// The text of a CSV or JSON lines input: decompressed if it begins as gzip or zstd does, and without a UTF-8 byte
/// order mark. Read from start to end. kInvalid if the input is empty, is UTF-16, or begins as a known binary format
/// does.
Result<std::unique_ptr<InputSource>> OpenText(std::unique_ptr<InputSource> source, const CallContext& call);

}  // namespace sleeper::exchange
