#include "sleeper/store/path_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace sleeper::store {
namespace {

/// One character of UTF-8 text.
struct Character {
  uint32_t code_point = 0;
  size_t bytes = 0;
};

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xc0U) == 0x80U; }

/// How many bytes a character takes that starts with `first`; 0 if none does.
size_t CharacterBytes(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

/// The first character of `text`, or nothing if it is not well-formed (too long a form, a surrogate, beyond U+10FFFF).
std::optional<Character> FirstCharacter(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t bytes = CharacterBytes(first);
  if (bytes == 0 || bytes > text.size()) return std::nullopt;
  if (bytes == 1) return Character{first, 1};
  uint32_t code_point = first & (0xffU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return std::nullopt;
    code_point = code_point << 6 | (static_cast<uint8_t>(text[i]) & 0x3fU);
  }
  const bool is_overlong = (bytes == 3 && code_point < 0x800) || (bytes == 4 && code_point < 0x10000);
  const bool is_surrogate = code_point >= 0xd800 && code_point < 0xe000;
  if (is_overlong || is_surrogate || code_point > 0x10ffff) return std::nullopt;
  return Character{code_point, bytes};
}

/// True if `text` is the beginning of a character that was cut off.
bool IsCutCharacter(std::string_view text) {
  return CharacterBytes(static_cast<uint8_t>(text[0])) > text.size() &&
         std::all_of(text.begin() + 1, text.end(), IsContinuation);
}

bool IsControl(uint32_t code_point) { return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0); }

enum class Ending { kComplete, kAnywhere };

/// What is wrong with the characters of `text`, or an empty text.
std::string_view FaultOfCharacters(std::string_view text, Ending ending) {
  while (!text.empty()) {
    const std::optional<Character> character = FirstCharacter(text);
    if (!character) {
      if (ending == Ending::kAnywhere && IsCutCharacter(text)) return {};
      return "it is not UTF-8";
    }
    if (IsControl(character->code_point)) return "it has a control character";
    text.remove_prefix(character->bytes);
  }
  return {};
}

/// What is wrong with the parts of `text`, or an empty text. A last part that may go on is not judged.
std::string_view FaultOfParts(std::string_view text, Ending ending) {
  for (;;) {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos && ending == Ending::kAnywhere) return {};
    const std::string_view part = text.substr(0, slash);
    if (part.empty()) return "it has an empty part";
    if (part == "." || part == "..") return "it has a part \".\" or \"..\"";
    if (slash == std::string_view::npos) return {};
    text.remove_prefix(slash + 1);
  }
}

Status CheckText(std::string_view what, const std::string& text, Ending ending) {
  std::string_view fault;
  if (text.size() > kPathBytesMax) fault = "it is longer than 1024 bytes";
  if (fault.empty()) fault = FaultOfParts(text, ending);
  if (fault.empty()) fault = FaultOfCharacters(text, ending);
  if (fault.empty()) return Status::OK();
  return Error(ErrorKind::kInvalid, what, " is not valid: ", fault, ": '", text.substr(0, kPathBytesMax), "'");
}

}  // namespace

Status CheckObjectPath(const ObjectPath& path) { return CheckText("object path", path.value(), Ending::kComplete); }

Status CheckListPrefix(const ObjectPath& prefix) {
  return CheckText("listing prefix", prefix.value(), Ending::kAnywhere);
}

Status CheckListArguments(const ObjectPath& prefix, const ObjectPath& after, int keys_max) {
  TRY(CheckListPrefix(prefix));
  TRY(CheckText("start of a listing", after.value(), Ending::kAnywhere));
  if (keys_max < 1) return Error(ErrorKind::kInvalid, "a page of a listing holds at least one object, not ", keys_max);
  return Status::OK();
}

bool ComesFirstByFolder(std::string_view a, std::string_view b) {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<uint8_t>(c); };
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

Status CheckRange(const ObjectPath& path, ByteRange range, int64_t size) {
  if (range.offset >= 0 && range.size >= 0 && range.size <= size && range.offset <= size - range.size)
    return Status::OK();
  return Error(ErrorKind::kInvalid, "range of ", range.size, " bytes at ", range.offset,
               " reaches past the end of object '", path, "' of ", size, " bytes");
}

}  // namespace sleeper::store
