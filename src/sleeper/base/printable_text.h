#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Words of others, such as names and values out of data, in what people read. Each of these keeps a text on one line
// and from speaking to the terminal: control characters (C0, DEL and C1, which terminals obey as they do escapes) and
// bytes that are no UTF-8 become \n, \t and \xNN, two digits for each byte.

namespace sleeper {

/// `text` with its control characters written out. What is printable already, a backslash too, stays as it is, so that
/// doing it twice changes nothing.
std::string PrintableText(std::string_view text);

/// Whether PrintableText() leaves `text` as it is.
bool IsPrintableText(std::string_view text);

/// Appends the first character of `text`, which is not empty, as PrintableText() writes it. Returns its size in `text`.
size_t AppendPrintableCharacter(std::string_view text, std::string& out);

/// `url` without what may be a user and a password in it, for a message.
std::string WithoutUser(std::string_view url);

}  // namespace sleeper
