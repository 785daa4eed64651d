#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "sleeper/base/check.h"

namespace sleeper {

/// The outcome of an operation that can fail, and the same with a value. Arrow's types under our names.
using Status = arrow::Status;
template <typename T>
using Result = arrow::Result<T>;

/// What the caller should do about a failure. A kind exists only because some caller reacts to it.
enum class ErrorKind {
  kInvalid,         ///< The request is wrong: fix it.
  kNotFound,        ///< There is no such thing: treat it as absent, or fail the job.
  kConflict,        ///< The state has moved on: read it again and decide again.
  kUnavailable,     ///< Could not be reached and had no effect: retry until the deadline.
  kThrottled,       ///< As kUnavailable, but slower.
  kOutcomeUnknown,  ///< A write whose answer was lost: find out, never repeat blindly.
  kDenied,          ///< Not allowed: stop and tell the operator.
  kCorrupt,         ///< Stored bytes are not what was written: stop, keep the object, tell the operator.
  kExhausted,       ///< Memory, disk or a queue is full: shed or spill.
  kCancelled,       ///< Deadline or shutdown: unwind quietly.
  kInternal,        ///< A broken promise that did not warrant a crash: file a bug.
};

/// The kind's name as it appears in JSON errors, for example "not_found".
std::string_view ErrorKindName(ErrorKind kind);

/// Our part of a Status: its kind and, where one helps, a hint that tells the user what to do next.
class ErrorDetail : public arrow::StatusDetail {
 public:
  ErrorDetail(ErrorKind kind, std::string hint) : kind_(kind), hint_(std::move(hint)) {}

  const char* type_id() const override;
  std::string ToString() const override;
  ErrorKind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::string hint_;
};

/// Makes a failed Status. Runtime values come last in the message.
Status MakeError(ErrorKind kind, std::string message);
template <typename... Parts>
Status Error(ErrorKind kind, const Parts&... parts) {
  return MakeError(kind, internal::Concatenate(parts...));
}

/// The kind of a failed status; for one that Arrow made, the kind that its code stands for.
/// REQUIRES: !status.ok().
ErrorKind KindOf(const Status& status);

/// True if `status` failed with `kind`.
bool IsKind(const Status& status, ErrorKind kind);

/// The hint of a failed status, or an empty string.
std::string HintOf(const Status& status);

/// The same failure with `context` and ": " before its message. OK stays OK.
Status WithContext(const Status& status, std::string_view context);

/// The same failure with a hint. OK stays OK.
Status WithHint(const Status& status, std::string hint);

/// The same failure as another kind. OK stays OK.
Status WithKind(const Status& status, ErrorKind kind);

}  // namespace sleeper

// The only propagation macros. TRY returns a failed Status of `expression` to the caller; TRY_ASSIGN does the same of a
// Result and otherwise moves its value into `target`, which may declare a variable.
#define TRY(expression)                                  \
  do {                                                   \
    ::sleeper::Status sleeper_try_status = (expression); \
    if (!sleeper_try_status.ok()) [[unlikely]] {         \
      return sleeper_try_status;                         \
    }                                                    \
  } while (false)

#define SLEEPER_JOIN_INNER(a, b) a##b
#define SLEEPER_JOIN(a, b) SLEEPER_JOIN_INNER(a, b)
#define TRY_ASSIGN(target, result) SLEEPER_TRY_ASSIGN(SLEEPER_JOIN(sleeper_result_, __COUNTER__), target, result)
#define SLEEPER_TRY_ASSIGN(name, target, expression) \
  auto name = (expression);                          \
  if (!name.ok()) [[unlikely]] {                     \
    return name.status();                            \
  }                                                  \
  target = std::move(name).ValueUnsafe()
