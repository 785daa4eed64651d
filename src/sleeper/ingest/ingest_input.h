#pragma once

#include <functional>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/input_source.h"

namespace sleeper::ingest {

/// Opens an input when its turn comes, on any thread: batches of the layout, each of at most about so many bytes.
using InputOpener = std::function<Result<std::unique_ptr<exchange::InputReader>>(
    std::shared_ptr<const columnar::Layout> layout, int64_t batch_bytes_max, const CallContext& call)>;

using SourceOpener = std::function<Result<std::unique_ptr<exchange::InputSource>>(const CallContext& call)>;

/// An input of a foreign format. `options.batch_bytes_max` is replaced.
InputOpener MakeInputOpener(SourceOpener source, exchange::InputOptions options);

}  // namespace sleeper::ingest
