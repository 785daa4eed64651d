#pragma once

#include <functional>
#include <map>
#include <string>

namespace sleeper::model {

/// Properties as they were set: name to text.
using PropertyMap = std::map<std::string, std::string, std::less<>>;

}  // namespace sleeper::model
