#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sleeper::cli {

/// The word that `given` was probably meant to be: the one with the fewest single-letter changes, if they are few.
/// Empty if none is near.
std::string NearestWord(std::string_view given, std::span<const std::string> words);

}  // namespace sleeper::cli
