#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sleeper {

/// The first of the words that becomes `given` with the fewest letters put in, taken out or replaced, if they are at
/// most `changes_max`. Empty if no word is that near, and for words that are too long to be compared.
std::string_view NearestWord(std::string_view given, std::span<const std::string_view> words, size_t changes_max);

/// As many changes as a mistyped word of that length may have.
inline size_t TypingErrors(std::string_view word) { return word.size() < 3 ? 1 : word.size() / 3; }

}  // namespace sleeper
