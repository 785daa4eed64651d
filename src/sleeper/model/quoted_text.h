#pragma once

#include <string>
#include <string_view>

namespace sleeper::model {

/// `text` between single quotes for a message on one line: control characters and broken UTF-8 as \xNN, long texts cut.
std::string Quoted(std::string_view text);

/// Lower-case hexadecimal digits, two for each byte.
std::string HexDigits(std::string_view bytes);

}  // namespace sleeper::model
