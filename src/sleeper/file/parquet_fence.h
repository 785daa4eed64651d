#pragma once

#include <exception>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sleeper/base/status.h"

namespace sleeper::file {

/// Turns the exception that is being handled, one of libparquet's or of the standard library, into a failure. What
/// libparquet itself finds wrong is `kind`; failures of the store that passed through it keep their kind.
Status StatusOfCurrentException(ErrorKind kind);

/// Runs `body` and returns what it returns, or the failure that its exception stands for. The only place of the program
/// that catches: everything in libparquet's core throws, and every call of it stands inside such a body.
template <typename Body>
auto Fence(ErrorKind kind, Body&& body) -> std::invoke_result_t<Body> {
  try {
    return std::invoke(std::forward<Body>(body));
  } catch (const std::exception&) {
    return StatusOfCurrentException(kind);
  }
}

}  // namespace sleeper::file
