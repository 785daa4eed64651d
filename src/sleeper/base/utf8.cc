#include "sleeper/base/utf8.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sleeper {
namespace {

constexpr uint64_t kHighBits = 0x8080'8080'8080'8080ULL;

}  // namespace

size_t Utf8CharacterSize(std::string_view text) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    // E0 is followed by A0 or above (shortest form), ED by 9F or below (no surrogates).
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    // F0 is followed by 90 or above (shortest form), F4 by 8F or below (at most U+10FFFF).
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

bool IsAscii(std::string_view text) {
  // Blocks of so many words are tested at once.
  constexpr size_t kWords = 8;
  uint64_t seen = 0;
  for (; text.size() >= kWords * sizeof seen && (seen & kHighBits) == 0; text.remove_prefix(kWords * sizeof seen)) {
    std::array<uint64_t, kWords> words;
    std::memcpy(words.data(), text.data(), sizeof words);
    for (const uint64_t word : words) seen |= word;
  }
  for (const char byte : text) seen |= static_cast<uint8_t>(byte) & 0x80U;
  return (seen & kHighBits) == 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    uint64_t word = 0;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & kHighBits) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    const size_t size = Utf8CharacterSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace sleeper
