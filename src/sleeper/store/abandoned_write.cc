#include "sleeper/store/abandoned_write.h"

namespace sleeper::store {

Status AbandonedWrite(const Status& failure, const CallContext& call, const Clock& clock) {
  if (!IsKind(failure, ErrorKind::kOutcomeUnknown)) return failure;
  TRY(call.Check(clock));
  return WithKind(failure, ErrorKind::kUnavailable);
}

}  // namespace sleeper::store
