#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/base/status.h"

namespace sleeper::model {

/// Deeper JSON is refused.
inline constexpr int kJsonDepthMax = 32;

/// Reads JSON text. kInvalid with line and column if it is malformed, names a member of an object twice, or is too
/// deep.
Result<nlohmann::json> ParseJsonText(std::string_view text);

}  // namespace sleeper::model
