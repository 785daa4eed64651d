#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper {

/// Standard base64 (RFC 4648, "+" and "/") with padding.
std::string EncodeBase64(std::string_view bytes);

/// Reads what EncodeBase64 writes. kInvalid for other characters, missing padding, or bits that no encoder sets.
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace sleeper
