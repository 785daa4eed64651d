#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"

namespace sleeper::store {

/// The failure of a write whose object nobody will ever refer to, so that it does not matter whether it was written.
/// Where the answer was lost that is kCancelled if the call is not wanted any more, since then nobody has waited for
/// the answer, and otherwise kUnavailable. Every other status stays as it is.
Status AbandonedWrite(const Status& failure, const CallContext& call, const Clock& clock);

}  // namespace sleeper::store
