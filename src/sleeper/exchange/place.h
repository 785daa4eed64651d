#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::exchange {

/// Where a value stands in an input, for messages: "flights.csv: row 17 (line 18), column delay". Counts from 1.
struct Place {
  std::string_view input;
  int64_t row = 0;
  std::string_view column;
  /// The line of a text file.
  std::optional<int64_t> line = std::nullopt;

  std::string ToString() const;

  /// kInvalid: "<place>: <why>", and ": <value>" behind it. A column may be absent from the place.
  Status Refuse(std::string_view why) const;
  Status Refuse(std::string_view why, std::string_view value) const;
};

/// A value as a message can show it: control characters and bytes that are not UTF-8 escaped, the end of a long one
/// left out.
std::string ShownValue(std::string_view value);

}  // namespace sleeper::exchange
