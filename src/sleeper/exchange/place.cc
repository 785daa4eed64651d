#include "sleeper/exchange/place.h"

#include <fmt/format.h>

#include "sleeper/base/utf8.h"

namespace sleeper::exchange {
namespace {

constexpr size_t kShownBytesMax = 80;

std::string Escaped(std::string_view value) {
  const bool text = IsUtf8(value);
  std::string shown;
  for (const char byte : value) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x20 || code == 0x7f || (code >= 0x80 && !text)) {
      shown += fmt::format("\\x{:02x}", code);
    } else {
      shown += byte;
    }
  }
  return shown;
}

}  // namespace

std::string Place::ToString() const {
  std::string text = fmt::format("{}: row {}", input, row);
  if (line) text += fmt::format(" (line {})", *line);
  if (!column.empty()) text += fmt::format(", column {}", column);
  return text;
}

Status Place::Refuse(std::string_view why) const { return Error(ErrorKind::kInvalid, ToString(), ": ", why); }

Status Place::Refuse(std::string_view why, std::string_view value) const {
  return Error(ErrorKind::kInvalid, ToString(), ": ", why, ": ", ShownValue(value));
}

std::string ShownValue(std::string_view value) {
  if (value.size() <= kShownBytesMax) return Escaped(value);
  // Cut between characters, or the escapes would hide a text.
  size_t end = kShownBytesMax;
  while (end > kShownBytesMax - 4 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}… ({} bytes)", Escaped(value.substr(0, end)), value.size());
}

}  // namespace sleeper::exchange
