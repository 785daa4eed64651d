#include "sleeper/base/status.h"

#include <memory>

namespace sleeper {
namespace {

constexpr const char* kDetailTypeId = "sleeper::ErrorDetail";

arrow::StatusCode CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return arrow::StatusCode::Invalid;
    case ErrorKind::kNotFound:
      return arrow::StatusCode::KeyError;
    case ErrorKind::kCorrupt:
      return arrow::StatusCode::SerializationError;
    case ErrorKind::kExhausted:
      return arrow::StatusCode::CapacityError;
    case ErrorKind::kCancelled:
      return arrow::StatusCode::Cancelled;
    case ErrorKind::kConflict:
      return arrow::StatusCode::AlreadyExists;
    case ErrorKind::kUnavailable:
    case ErrorKind::kThrottled:
    case ErrorKind::kOutcomeUnknown:
    case ErrorKind::kDenied:
      return arrow::StatusCode::IOError;
    case ErrorKind::kInternal:
      return arrow::StatusCode::UnknownError;
  }
  return arrow::StatusCode::UnknownError;
}

const ErrorDetail* DetailOf(const Status& status) {
  const auto& detail = status.detail();
  if (detail == nullptr || std::string_view(detail->type_id()) != kDetailTypeId) return nullptr;
  return static_cast<const ErrorDetail*>(detail.get());
}

Status Rebuild(ErrorKind kind, std::string message, std::string hint) {
  return Status(CodeOf(kind), std::move(message), std::make_shared<ErrorDetail>(kind, std::move(hint)));
}

}  // namespace

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kThrottled:
      return "throttled";
    case ErrorKind::kOutcomeUnknown:
      return "outcome_unknown";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kExhausted:
      return "exhausted";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

const char* ErrorDetail::type_id() const { return kDetailTypeId; }

std::string ErrorDetail::ToString() const { return std::string(ErrorKindName(kind_)); }

Status MakeError(ErrorKind kind, std::string message) { return Rebuild(kind, std::move(message), ""); }

ErrorKind KindOf(const Status& status) {
  SLEEPER_CHECK(!status.ok(), "asked for the kind of a success");
  if (const ErrorDetail* detail = DetailOf(status)) return detail->kind();
  switch (status.code()) {
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::TypeError:
    case arrow::StatusCode::KeyError:
    case arrow::StatusCode::IndexError:
      return ErrorKind::kInvalid;
    case arrow::StatusCode::OutOfMemory:
    case arrow::StatusCode::CapacityError:
      return ErrorKind::kExhausted;
    case arrow::StatusCode::SerializationError:
      return ErrorKind::kCorrupt;
    case arrow::StatusCode::Cancelled:
      return ErrorKind::kCancelled;
    default:
      return ErrorKind::kInternal;
  }
}

bool IsKind(const Status& status, ErrorKind kind) { return !status.ok() && KindOf(status) == kind; }

std::string HintOf(const Status& status) {
  const ErrorDetail* detail = status.ok() ? nullptr : DetailOf(status);
  return detail == nullptr ? std::string() : detail->hint();
}

Status WithContext(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  return Rebuild(KindOf(status), internal::Concatenate(context, ": ", status.message()), HintOf(status));
}

Status WithHint(const Status& status, std::string hint) {
  if (status.ok()) return status;
  return Rebuild(KindOf(status), status.message(), std::move(hint));
}

Status WithKind(const Status& status, ErrorKind kind) {
  if (status.ok()) return status;
  return Rebuild(kind, status.message(), HintOf(status));
}

}  // namespace sleeper
