#include "sleeper/exchange/foreign_status.h"

namespace sleeper::exchange {

Status ForeignFailure(const Status& status, std::string_view input) {
  if (status.ok()) return status;
  static const ErrorDetail kOurs(ErrorKind::kInternal, "");
  if (status.detail() != nullptr && std::string_view(status.detail()->type_id()) == kOurs.type_id()) return status;
  const bool exhausted = status.IsOutOfMemory() || status.IsCapacityError();
  return Error(exhausted ? ErrorKind::kExhausted : ErrorKind::kInvalid, input, ": ", status.message());
}

}  // namespace sleeper::exchange
