#pragma once

#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/store/scratch.h"

namespace sleeper::exchange {

/// A source that can be read anywhere: `source` itself if it can, otherwise a copy in scratch space. kExhausted, with a
/// hint, if the copy does not fit; kInvalid if there is no scratch space. `scratch` must outlive the result.
Result<std::unique_ptr<InputSource>> Spool(std::unique_ptr<InputSource> source, store::ScratchSpace* scratch,
                                           const CallContext& call);

}  // namespace sleeper::exchange
