#include "sleeper/base/printable_text.h"

#include <algorithm>
#include <cstdint>

#include "sleeper/base/utf8.h"

namespace sleeper {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsPrintableAscii(char byte) { return byte >= ' ' && byte < '\x7f'; }

void AppendEscaped(std::string_view bytes, std::string& out) {
  if (bytes == "\n" || bytes == "\t") {
    out += bytes == "\n" ? "\\n" : "\\t";
    return;
  }
  for (const char byte : bytes) {
    out += "\\x";
    out += kHexDigits[static_cast<uint8_t>(byte) >> 4U];
    out += kHexDigits[static_cast<uint8_t>(byte) & 0x0FU];
  }
}

/// U+0080 to U+009F.
bool IsC1(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' && static_cast<uint8_t>(character[1]) < 0xA0;
}

}  // namespace

size_t AppendPrintableCharacter(std::string_view text, std::string& out) {
  const size_t size = Utf8CharacterSize(text);
  const std::string_view character = text.substr(0, std::max<size_t>(size, 1));
  const bool is_control = size == 1 ? !IsPrintableAscii(text.front()) : IsC1(character);
  if (size == 0 || is_control) {
    AppendEscaped(character, out);
  } else {
    out += character;
  }
  return character.size();
}

std::string PrintableText(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    // Most texts are this and nothing else.
    const auto plain_end = std::find_if_not(text.begin(), text.end(), IsPrintableAscii);
    const auto plain = static_cast<size_t>(plain_end - text.begin());
    printable += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(AppendPrintableCharacter(text, printable));
  }
  return printable;
}

bool IsPrintableText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsPrintableAscii) || PrintableText(text) == text;
}

std::string WithoutUser(std::string_view url) {
  constexpr std::string_view kSeparator = "://";
  const size_t separator = url.find(kSeparator);
  const size_t at = url.rfind('@');
  const size_t begin = separator == std::string_view::npos ? 0 : separator + kSeparator.size();
  if (at == std::string_view::npos || at < begin) return std::string(url);
  const std::string_view before = url.substr(begin, at - begin);
  // A password may hold a "/"; but without a colon, what comes before one is a host or a bucket.
  const bool may_be_user = before.find(':') != std::string_view::npos || before.find('/') == std::string_view::npos;
  if (!may_be_user) return std::string(url);
  return std::string(url.substr(0, begin)) + "…" + std::string(url.substr(at));
}

}  // namespace sleeper
