#pragma once

#include <string_view>
#include <utility>

#include <parquet/exception.h>

#include "sleeper/base/status.h"

// The fence between libraries that read and write foreign formats and the rest: what they throw and what they answer
// becomes a Status of ours. Parquet's exceptions are caught here and nowhere else in the room.

namespace sleeper::exchange {

/// A failure that Arrow or Parquet reported about `input`: kInvalid, as the input is to blame, unless it came from a
/// source or sink of ours, whose failure passes as it is. OK stays OK.
Status ForeignFailure(const Status& status, std::string_view input);

/// Runs `call`, which answers a Status or a Result, and turns its failure, thrown or returned, into a ForeignFailure.
template <typename Call>
auto Fenced(std::string_view input, Call call) -> decltype(call()) {
  try {
    auto answer = call();
    if (answer.ok()) [[likely]] {
      return answer;
    }
    if constexpr (std::is_same_v<decltype(answer), Status>) {
      return ForeignFailure(answer, input);
    } else {
      return ForeignFailure(answer.status(), input);
    }
  } catch (const parquet::ParquetStatusException& failure) {
    return ForeignFailure(failure.status(), input);
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kExhausted, input, ": out of memory");
  } catch (const std::exception& failure) {
    return Error(ErrorKind::kInvalid, input, ": ", failure.what());
  }
}

}  // namespace sleeper::exchange
