#pragma once

#include <span>
#include <string>

#include "sleeper/base/status.h"
#include "sleeper/model/property_map.h"

namespace sleeper::cli {

/// "NAME=VALUE", of which only the first "=" separates. kInvalid if a text has none, or a name comes twice.
Result<model::PropertyMap> ParseSettings(std::span<const std::string> texts);

}  // namespace sleeper::cli
