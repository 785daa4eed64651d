#include "sleeper/net/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace sleeper::net {
namespace {

constexpr int kPortMax = 65'535;

bool IsUnreserved(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
         byte == '.' || byte == '_' || byte == '~';
}

int DigitValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

int DefaultPort(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

/// The text is not quoted: whoever puts a password into a URL does not want to read it in an error.
Status Refuse(std::string_view why) { return Error(ErrorKind::kInvalid, "the URL is not valid: ", why); }

bool IsHostCharacter(char byte) { return IsUnreserved(byte) && byte != '~'; }

bool IsHost(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(),
                       [](char byte) { return DigitValue(byte) >= 0 || byte == ':' || byte == '.'; });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), IsHostCharacter);
}

Result<Origin> ParseOrigin(std::string scheme, std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) return Refuse("it holds a user name or a password");
  Origin origin{.scheme = std::move(scheme), .host = {}, .port = 0};
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  if (has_port) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
    if (failure != std::errc() || end != digits.data() + digits.size() || origin.port < 1 || origin.port > kPortMax)
      return Refuse("its port is no number from 1 to 65535");
    // One origin is not two because of what was left out.
    if (origin.port == DefaultPort(origin.scheme)) origin.port = 0;
    authority = authority.substr(0, colon);
  }
  if (!IsHost(authority)) return Refuse("it names no host");
  origin.host = std::string(authority);
  return origin;
}

}  // namespace

std::string Origin::HostHeader() const {
  return port == 0 || port == DefaultPort(scheme) ? host : host + ":" + std::to_string(port);
}

std::string Origin::ToString() const { return scheme + "://" + HostHeader(); }

Result<Url> ParseUrl(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return Refuse("it does not start with http:// or https://");
  std::string scheme(text.substr(0, scheme_end));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return std::tolower(c); });
  if (scheme != "http" && scheme != "https") return Refuse("it does not start with http:// or https://");
  text.remove_prefix(scheme_end + 3);
  if (text.find('#') != std::string_view::npos) return Refuse("it has a fragment (#)");
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_plain) return Refuse("it has blanks, control characters or bytes that are not ASCII");
  const size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  Url url;
  TRY_ASSIGN(url.origin, ParseOrigin(std::move(scheme), text.substr(0, authority_end)));
  text.remove_prefix(authority_end);
  const size_t question = text.find('?');
  if (question != std::string_view::npos) url.query = std::string(text.substr(question + 1));
  url.path = std::string(text.substr(0, question));
  if (url.path.empty()) url.path = "/";
  return url;
}

std::string PercentEncode(std::string_view text, Slashes slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char byte : text) {
    if (IsUnreserved(byte) || (byte == '/' && slashes == Slashes::kKeep)) {
      encoded += byte;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<uint8_t>(byte) >> 4U];
      encoded += kDigits[static_cast<uint8_t>(byte) & 0xfU];
    }
  }
  return encoded;
}

Result<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? DigitValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? DigitValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Refuse("a \"%\" is not followed by two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace sleeper::net
