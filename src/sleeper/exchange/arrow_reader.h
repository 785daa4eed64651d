#pragma once

#include <memory>

#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// Arrow IPC, told apart by how it begins: a stream, or a file (also called Feather version 2). Memory is one batch as
/// its writer made it. See OpenInput.
Result<std::unique_ptr<InputReader>> OpenArrow(std::unique_ptr<InputSource> source, const InputOptions& options,
                                               std::shared_ptr<const columnar::Layout> layout, const CallContext& call);

}  // namespace sleeper::exchange
