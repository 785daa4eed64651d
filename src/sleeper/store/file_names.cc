#include "sleeper/store/file_names.h"

#include <utility>

#include <fmt/format.h>

#include "sleeper/store/path_rules.h"

namespace sleeper::store {
namespace {

constexpr std::string_view kRefusedSomewhere = "\\:*?\"<>|";

std::string EscapedByte(char byte) { return fmt::format("%{:02X}", static_cast<uint8_t>(byte)); }

/// The value of a hexadecimal digit as Escape writes it, or nothing.
std::optional<int> DigitValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string Escape(std::string_view text, std::string_view escaped) {
  std::string result;
  result.reserve(text.size());
  for (const char byte : text) {
    if (byte == '%' || escaped.find(byte) != std::string_view::npos) {
      result += EscapedByte(byte);
    } else {
      result += byte;
    }
  }
  return result;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const std::optional<int> high = DigitValue(text[i + 1]);
    const std::optional<int> low = DigitValue(text[i + 2]);
    if (!high || !low) return std::nullopt;
    result += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return result;
}

std::string FileNameOf(std::string_view part) {
  std::string name = Escape(part, kRefusedSomewhere);
  if (name.ends_with('.') || name.ends_with(' ')) name = name.substr(0, name.size() - 1) + EscapedByte(name.back());
  if (name.starts_with('.')) name = EscapedByte('.') + name.substr(1);
  return name;
}

std::optional<std::string> PartOf(std::string_view file_name) {
  std::optional<std::string> part = Unescape(file_name);
  // Each part has one file name only; two files can never stand for the same object.
  if (!part || FileNameOf(*part) != file_name || !CheckObjectPath(ObjectPath(*part)).ok()) return std::nullopt;
  return part;
}

Result<FilePlace> PlaceOf(const ObjectPath& path) {
  TRY(CheckObjectPath(path));
  FilePlace place;
  std::string_view rest = path.value();
  for (;;) {
    const size_t slash = rest.find('/');
    std::string name = FileNameOf(rest.substr(0, slash));
    if (name.size() > kFileNameBytesMax) {
      return Error(ErrorKind::kInvalid, "a part of the object path is too long for a file name (", kFileNameBytesMax,
                   " bytes): '", path, "'");
    }
    if (slash == std::string_view::npos) {
      place.name = std::move(name);
      return place;
    }
    place.folders.push_back(std::move(name));
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace sleeper::store
