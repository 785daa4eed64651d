#include "sleeper/cli/failure.h"

#include <nlohmann/json.hpp>

#include "sleeper/base/printable_text.h"

namespace sleeper::cli {
ExitCode ExitCodeOf(const Status& status) {
  switch (KindOf(status)) {
    case ErrorKind::kInvalid:
      return ExitCode::kInvalid;
    case ErrorKind::kNotFound:
      return ExitCode::kNotFound;
    case ErrorKind::kConflict:
      return ExitCode::kConflict;
    case ErrorKind::kUnavailable:
    case ErrorKind::kThrottled:
    case ErrorKind::kDenied:
      return ExitCode::kUnavailable;
    case ErrorKind::kCorrupt:
      return ExitCode::kCorrupt;
    case ErrorKind::kOutcomeUnknown:
    case ErrorKind::kExhausted:
    case ErrorKind::kCancelled:
    case ErrorKind::kInternal:
      return ExitCode::kOther;
  }
  return ExitCode::kOther;
}

std::string DescribeFailure(const Status& status, Format format, bool coloured) {
  if (format == Format::kJson) {
    const nlohmann::ordered_json error = {
        {"error", {{"kind", ErrorKindName(KindOf(status))}, {"message", status.message()}, {"hint", HintOf(status)}}}};
    return error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  std::string text = (coloured ? "\033[1;31merror:\033[0m " : "error: ") + PrintableText(status.message());
  const std::string hint = HintOf(status);
  if (!hint.empty()) text += (coloured ? "\n\033[1;36mhint:\033[0m " : "\nhint: ") + PrintableText(hint);
  return text;
}

}  // namespace sleeper::cli
