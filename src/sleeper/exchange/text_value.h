#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"

// Values as text formats write them. kInvalid says why a text is none and names it. Spaces around anything but strings
// are passed over.

namespace sleeper::exchange {

/// Decimal, with an optional sign, a fraction and an exponent, if the number is whole ("5.0", "1e3", "1.5e1"). Decided
/// on its digits, so nothing is rounded.
Result<int32_t> ParseInt(std::string_view text);
Result<int64_t> ParseLong(std::string_view text);

/// The nearest number of the type to a decimal one; "nan", "inf" and "infinity" in any case. kInvalid if it is too
/// large.
Result<float> ParseFloat(std::string_view text);
Result<double> ParseDouble(std::string_view text);

/// "true" or "false", in any case.
Result<bool> ParseBoolean(std::string_view text);

/// Padded base64 of the usual alphabet, with or without "base64:" before it.
Result<std::string> ParseBase64(std::string_view text);

std::string_view WithoutSpaces(std::string_view text);

/// kInvalid: "<why>: <value>".
Status Refused(std::string_view why, std::string_view value);

}  // namespace sleeper::exchange
