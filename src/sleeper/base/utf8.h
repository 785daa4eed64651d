#pragma once

#include <cstddef>
#include <string_view>

namespace sleeper {

/// Whether `text` is well-formed UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

/// The size of the well-formed character at the start of `text`, which is not empty; 0 if there is none.
size_t Utf8CharacterSize(std::string_view text);

/// Whether all bytes are ASCII, and so characters of their own.
bool IsAscii(std::string_view text);

}  // namespace sleeper
