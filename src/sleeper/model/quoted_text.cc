#include "sleeper/model/quoted_text.h"

#include <algorithm>
#include <cstdint>

#include "sleeper/base/utf8.h"

namespace sleeper::model {
namespace {

constexpr size_t kQuotedBytesMax = 80;
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// The size of the UTF-8 character at the start of `text`, or 0 if it is broken or a control character.
size_t PrintableSize(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x20 || first == 0x7F) return 0;
  for (size_t size = 1; size <= std::min<size_t>(4, text.size()); ++size) {
    if (IsUtf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

std::string HexDigits(std::string_view bytes) {
  std::string digits;
  digits.reserve(bytes.size() * 2);
  for (char byte : bytes) {
    digits += kHexDigits[static_cast<uint8_t>(byte) >> 4];
    digits += kHexDigits[static_cast<uint8_t>(byte) & 0x0F];
  }
  return digits;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  size_t done = 0;
  while (done < text.size() && quoted.size() <= kQuotedBytesMax) {
    const std::string_view rest = text.substr(done);
    const size_t size = PrintableSize(rest);
    if (size > 0) {
      quoted += rest.substr(0, size);
    } else {
      quoted += "\\x" + HexDigits(rest.substr(0, 1));
    }
    done += std::max<size_t>(size, 1);
  }
  if (done < text.size()) quoted += "…";
  return quoted + "'";
}

}  // namespace sleeper::model
