#include "sleeper/model/quoted_text.h"

#include <cstdint>

#include "sleeper/base/printable_text.h"

namespace sleeper::model {
namespace {

constexpr size_t kQuotedBytesMax = 80;
constexpr std::string_view kHexDigits = "0123456789abcdef";

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
  while (!text.empty() && quoted.size() <= kQuotedBytesMax) text.remove_prefix(AppendPrintableCharacter(text, quoted));
  if (!text.empty()) quoted += "…";
  return quoted + "'";
}

}  // namespace sleeper::model
