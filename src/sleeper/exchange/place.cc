#include "sleeper/exchange/place.h"

#include <fmt/format.h>

#include "sleeper/base/printable_text.h"

namespace sleeper::exchange {
namespace {

constexpr size_t kShownBytesMax = 80;

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
  if (value.size() <= kShownBytesMax) return PrintableText(value);
  // Cut between characters, or the last one would look broken.
  size_t end = kShownBytesMax;
  while (end > kShownBytesMax - 4 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}… ({} bytes)", PrintableText(value.substr(0, end)), value.size());
}

}  // namespace sleeper::exchange
